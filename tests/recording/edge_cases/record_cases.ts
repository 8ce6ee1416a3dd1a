// The records of a part, their union and their order.
import {
  concat,
  encodeEvent,
  encodeRecord,
  unionBytes,
  writePart,
  writeRecording,
} from "../../../fixtures/generate/protostream_writer.ts";
import { sampleTime } from "../sample.ts";
import type { ReadingCase } from "./edge_case.ts";
import { ALL, messageOf, part, print, readingCases, records } from "./edge_case.ts";

const CASES: ReadingCase[] = [
  {
    no: 27,
    name: "length prefix cut",
    bytes: () => writePart([...records().slice(0, 3), new Uint8Array([0, 0])]),
    state: "truncated",
    text: "a1b2",
  },
  {
    no: 27,
    name: "length without a body",
    bytes: () => writePart([...records().slice(0, 3), new Uint8Array([0, 0, 0, 9])]),
    state: "truncated",
    text: "a1b2",
  },
  {
    no: 28,
    name: "record of length 0",
    bytes: () => concat([writePart([...records().slice(0, 3), new Uint8Array(4)]), part(4, 8)]),
    state: "failed",
    text: ALL,
    error: /record 4 claims 0 bytes/,
  },
  {
    no: 29,
    name: "record of 65537",
    bytes: () => writePart([...records().slice(0, 3), encodeRecord(new Uint8Array(65537))]),
    state: "failed",
    text: "a1b2",
    error: /claims 65537 bytes/,
  },
  {
    no: 30,
    name: "record that is no protobuf",
    bytes: () =>
      writePart([
        ...records().slice(0, 3),
        encodeRecord(Uint8Array.of(0xff, 0xff, 0xff)),
        ...records().slice(3),
      ]),
    state: "parsed",
    text: ALL,
    skipped: { undecodable: 1 },
  },
  {
    no: 31,
    name: "member 999 of the union",
    bytes: () => writePart([encodeRecord(unionBytes(999, Uint8Array.of(8, 1))), ...records()]),
    state: "parsed",
    text: ALL,
    unknown: { 999: 1 },
  },
  {
    no: 32,
    name: "union without a member",
    bytes: () => writePart([encodeRecord(Uint8Array.of(0x98, 0x75, 1)), ...records()]),
    state: "parsed",
    text: ALL,
    skipped: { empty: 1 },
  },
  {
    no: 33,
    name: "fields of a newer Teleport within a print",
    bytes: () => {
      const known = messageOf(encodeEvent({ event: "print", time: sampleTime(0), data: "new" }));
      // 100 as a varint, 101 as text, 102 and 103 in eight and four bytes, 104 as a group
      const newer = [
        ...[0xa0, 6, 0xac, 2],
        ...[0xaa, 6, 2, 0x68, 0x69],
        ...[0xb1, 6, 1, 2, 3, 4, 5, 6, 7, 8],
        ...[0xbd, 6, 1, 2, 3, 4],
        ...[0xc3, 6, 8, 1, 0xc4, 6],
      ];
      return writePart([
        encodeRecord(unionBytes(7, concat([known, Uint8Array.from(newer)]))),
        ...records(),
      ]);
    },
    state: "parsed",
    text: `new${ALL}`,
  },
  {
    no: 34,
    name: "two members, the last counts",
    bytes: () =>
      writePart([encodeRecord(concat([
        unionBytes(9, new Uint8Array(0)),
        encodeEvent({ event: "print", time: sampleTime(0), data: "last" }),
      ]))]),
    state: "parsed",
    text: "last",
  },
  {
    no: 35,
    name: "repeated events of a resumed upload",
    bytes: () => concat([part(0, 4), part(2, 8)]),
    state: "parsed",
    text: ALL,
    skipped: { duplicate: 2 },
  },
  {
    no: 36,
    name: "a late event with content of its own is kept",
    bytes: () => writePart([...records(), print("late", { ei: 2 })]),
    state: "parsed",
    text: ALL + "late",
  },
  {
    no: 37,
    name: "gaps in the indexes are nothing",
    bytes: () => writePart([3, 4, 90, 7000].map((ei) => print(`${ei} `, { ei }))),
    state: "parsed",
    text: "3 4 90 7000 ",
  },
  {
    no: 38,
    name: "indexes in nanoseconds",
    bytes: () => writePart([3_000_000_000, 9_000_000_000].map((ei) => print("n", { ei }))),
    state: "parsed",
    text: "nn",
  },
  {
    no: 39,
    name: "an event behind index MaxInt32",
    bytes: () =>
      writePart([
        encodeRecord(encodeEvent({ event: "session.upload", ei: 2147483647, sid: "x" })),
        ...records(),
      ]),
    state: "parsed",
    text: ALL,
  },
  {
    no: 40,
    name: "all events with index 0",
    bytes: () => writePart(["p", "q", "r"].map((data) => print(data))),
    state: "parsed",
    text: "pqr",
  },
  {
    no: 41,
    name: "no session.end",
    bytes: () => part(0, 6),
    state: "parsed",
    text: ALL,
  },
  {
    no: 42,
    name: "events behind session.end",
    bytes: () => writePart([...records(), print("after", { ei: 50 })]),
    state: "parsed",
    text: ALL + "after",
  },
  {
    no: 43,
    name: "only session.leave",
    bytes: () => writeRecording([{ event: "session.leave", ei: 123, sid: "x" }]),
    state: "parsed",
    text: "",
  },
  {
    no: 46,
    name: "print without a start",
    bytes: () => writePart([print("alone")]),
    state: "parsed",
    text: "alone",
  },
  {
    no: 47,
    name: "a character cut between prints",
    bytes: () =>
      writeRecording([
        { event: "print", ei: 1, time: sampleTime(0), data: Uint8Array.of(0xc3) },
        { event: "print", ei: 2, time: sampleTime(1), data: Uint8Array.of(0xa9) },
      ]),
    state: "parsed",
    text: "é",
  },
  {
    no: 48,
    name: "prints of one time and delay keep their order",
    bytes: () =>
      writePart(
        [..."split write"].map((data, ei) => print(data, { ei, ms: 40, time: sampleTime(40) })),
      ),
    state: "parsed",
    text: "split write",
  },
  {
    no: 49,
    name: "bytes that do not say the length",
    bytes: () => writePart([print("abc", { bytes: 99 })]),
    state: "parsed",
    text: "abc",
  },
  { no: 50, name: "empty data", bytes: () => writePart([print("")]), state: "parsed", text: "" },
  {
    no: 51,
    name: "chunk index and offset that say nothing true",
    bytes: () =>
      writePart(
        [[9, 400], [2, 7], [2, -5]].map(([ci, offset], ei) => print(`${ci} `, { ei, ci, offset })),
      ),
    state: "parsed",
    text: "9 2 2 ",
  },
];

readingCases(CASES);
