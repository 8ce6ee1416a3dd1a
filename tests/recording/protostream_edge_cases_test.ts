// Each case names the number of the edge case in section 8 of `facts/teleport.md`.
import assert from "node:assert/strict";
import type { EventObject, PartOptions } from "../../fixtures/generate/protostream_writer.ts";
import {
  concat,
  emptyPart,
  encodeEvent,
  encodeRecord,
  gzipMember,
  unionBytes,
  writePart,
  writeRecording,
} from "../../fixtures/generate/protostream_writer.ts";
import type { RecordingLimits } from "../../lib/recording/limits.ts";
import { printed, readAll } from "./read_all.ts";
import { sampleSession, sampleTime } from "./sample.ts";

interface Case {
  name: string;
  bytes: () => Uint8Array;
  state: string;
  /** Text of the prints handed out. */
  text: string;
  error?: RegExp;
  offset?: number;
  skipped?: Record<string, number>;
  unknown?: Record<number, number>;
  limits?: Partial<RecordingLimits>;
}

const ALL = "a1b2c3d4";
const records = () => sampleSession().map((event) => encodeRecord(encodeEvent(event)));
const whole = () => writeRecording(sampleSession());
const part = (from: number, until: number, options?: PartOptions) =>
  writePart(records().slice(from, until), options);
const print = (data: string, more: Partial<EventObject> = {}) =>
  encodeRecord(encodeEvent({ event: "print", time: sampleTime(2000), data, ...more }));
const cutTo = (bytes: Uint8Array, length: number) => bytes.subarray(0, length);
const first = () => part(0, 3);

const CASES: Case[] = [
  {
    name: "1: empty file",
    bytes: () => new Uint8Array(0),
    state: "truncated",
    text: "",
    offset: 0,
  },
  { name: "1: a stream without events", bytes: () => writePart([]), state: "parsed", text: "" },
  { name: "2: 5 bytes", bytes: () => new Uint8Array(5), state: "truncated", text: "", offset: 0 },
  { name: "3: ends after a part", bytes: first, state: "parsed", text: "a1b2" },
  ...[8, 16].map((length): Case => ({
    name: `4: second header cut at ${length}`,
    bytes: () => concat([first(), cutTo(part(3, 8), length)]),
    state: "truncated",
    text: "a1b2",
    offset: first().length,
  })),
  {
    name: "4: V2 header cut at 24",
    bytes: () => cutTo(part(0, 8, { version: 2 }), 24),
    state: "truncated",
    text: "",
    offset: 0,
  },
  {
    name: "5: header cut at 13",
    bytes: () => concat([first(), cutTo(part(3, 8), 13)]),
    state: "truncated",
    text: "a1b2",
  },
  {
    name: "6: version 0",
    bytes: () => concat([first(), part(3, 8, { faults: { version: 0 } })]),
    state: "failed",
    text: "a1b2",
    offset: first().length,
  },
  { name: "7: version 2", bytes: () => part(0, 8, { version: 2 }), state: "parsed", text: ALL },
  {
    name: "8: version 3",
    bytes: () => part(0, 8, { faults: { version: 3 } }),
    state: "unsupported",
    text: "",
    error: /version 3/,
  },
  {
    name: "9: V1 and V2 mixed",
    bytes: () => concat([first(), part(3, 8, { version: 2 })]),
    state: "parsed",
    text: ALL,
  },
  {
    name: "10: V2, no flags, padded",
    bytes: () => concat([part(0, 3, { version: 2, padTo: 4096 }), part(3, 8)]),
    state: "parsed",
    text: ALL,
  },
  {
    name: "11, 12: an encrypted part between clear ones",
    bytes: () => concat([first(), part(3, 5, { version: 2, encrypted: true }), part(5, 8)]),
    state: "encrypted",
    text: "a1b2d4",
    offset: first().length,
    error: /Part 2 is encrypted/,
  },
  {
    name: "13: no payload, padding",
    bytes: () => concat([first(), emptyPart(500), part(3, 8)]),
    state: "parsed",
    text: ALL,
  },
  {
    name: "14: no payload, no padding, at the end",
    bytes: () => concat([whole(), emptyPart()]),
    state: "parsed",
    text: ALL,
  },
  {
    name: "15: partSize beyond the file",
    bytes: () => part(0, 8, { faults: { partSize: 100_000 } }),
    state: "truncated",
    text: ALL,
  },
  {
    name: "16: partSize near 2^64",
    bytes: () => part(0, 8, { faults: { partSize: 2n ** 64n - 1n } }),
    state: "truncated",
    text: ALL,
  },
  {
    name: "17: padding longer than the file",
    bytes: () => part(0, 8, { faults: { paddingSize: 2n ** 60n } }),
    state: "truncated",
    text: ALL,
  },
  {
    name: "18: padding on the last part",
    bytes: () => part(0, 8, { padTo: 2048 }),
    state: "parsed",
    text: ALL,
  },
  {
    name: "19: padding that is not zero",
    bytes: () => concat([part(0, 3, { padTo: 2048, faults: { paddingByte: 0xff } }), part(3, 8)]),
    state: "parsed",
    text: ALL,
  },
  {
    name: "20: dangling zeros behind the member",
    bytes: () =>
      concat([part(0, 3, { faults: { danglingBytes: new Uint8Array(99) } }), part(3, 8)]),
    state: "parsed",
    text: ALL,
  },
  {
    name: "20: dangling bytes are counted",
    bytes: () => part(0, 8, { faults: { danglingBytes: new Uint8Array(99).fill(7) } }),
    state: "parsed",
    text: ALL,
    skipped: { "bytes behind a part's data": 1 },
  },
  {
    name: "21: a second member is read too",
    bytes: () => part(0, 3, { faults: { danglingBytes: gzipMember(concat(records().slice(3))) } }),
    state: "parsed",
    text: ALL,
  },
  {
    name: "22: a part without records",
    bytes: () => concat([writePart([]), part(0, 8)]),
    state: "parsed",
    text: ALL,
  },
  {
    name: "23: payload is no gzip, the next part is read",
    bytes: () =>
      concat([first(), part(3, 4, { faults: { payload: new Uint8Array(50) } }), part(4, 8)]),
    state: "failed",
    text: ALL,
    error: /Part 2: no gzip header/,
  },
  {
    name: "24: cut deflate within a part",
    bytes: () => concat([part(0, 3, { faults: { cutPayload: 30 } }), part(3, 8)]),
    state: "truncated",
    text: "a1c3d4",
  },
  {
    name: "25: wrong checksum",
    bytes: () => concat([part(0, 3, { faults: { wrongCrc: true } }), part(3, 8)]),
    state: "failed",
    text: ALL,
    error: /Part 1: wrong checksum/,
    offset: 0,
  },
  {
    name: "25: wrong size",
    bytes: () => part(0, 8, { faults: { wrongSize: true } }),
    state: "failed",
    text: ALL,
    error: /wrong size/,
  },
  {
    name: "26: a bomb ends at the limit, the next part is read",
    bytes: () => concat([writePart([new Uint8Array(20_000_000)]), part(0, 8)]),
    state: "failed",
    text: ALL,
    limits: { maxPartBytes: 1_000_000 },
  },
  {
    name: "26: a bomb of sound records",
    bytes: () =>
      writePart(Array.from({ length: 500 }, (_, ei) => print("x".repeat(50_000), { ei }))),
    state: "failed",
    text: "x".repeat(50_000 * 5),
    error: /limit of 300000 bytes/,
    limits: { maxPartBytes: 300_000, maxRecordBytes: 60_000 },
  },
  {
    name: "27: length prefix cut",
    bytes: () => writePart([...records().slice(0, 3), new Uint8Array([0, 0])]),
    state: "truncated",
    text: "a1b2",
  },
  {
    name: "27: length without a body",
    bytes: () => writePart([...records().slice(0, 3), new Uint8Array([0, 0, 0, 9])]),
    state: "truncated",
    text: "a1b2",
  },
  {
    name: "28: record of length 0",
    bytes: () => concat([writePart([...records().slice(0, 3), new Uint8Array(4)]), part(4, 8)]),
    state: "failed",
    text: ALL,
    error: /record 4 claims 0 bytes/,
  },
  {
    name: "29: record of 65537",
    bytes: () => writePart([...records().slice(0, 3), encodeRecord(new Uint8Array(65537))]),
    state: "failed",
    text: "a1b2",
    error: /claims 65537 bytes/,
  },
  {
    name: "30: record that is no protobuf",
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
    name: "31: member 999 of the union",
    bytes: () => writePart([encodeRecord(unionBytes(999, Uint8Array.of(8, 1))), ...records()]),
    state: "parsed",
    text: ALL,
    unknown: { 999: 1 },
  },
  {
    name: "32: union without a member",
    bytes: () => writePart([encodeRecord(Uint8Array.of(0x98, 0x75, 1)), ...records()]),
    state: "parsed",
    text: ALL,
    skipped: { empty: 1 },
  },
  {
    name: "34: two members, the last counts",
    bytes: () =>
      writePart([encodeRecord(concat([
        unionBytes(9, new Uint8Array(0)),
        encodeEvent({ event: "print", time: sampleTime(0), data: "last" }),
      ]))]),
    state: "parsed",
    text: "last",
  },
  {
    name: "35: repeated events of a resumed upload",
    bytes: () => concat([part(0, 4), part(2, 8)]),
    state: "parsed",
    text: ALL,
    skipped: { duplicate: 2 },
  },
  {
    name: "36: a late event with content of its own is kept",
    bytes: () => writePart([...records(), print("late", { ei: 2 })]),
    state: "parsed",
    text: ALL + "late",
  },
  {
    name: "38: indexes in nanoseconds",
    bytes: () => writePart([3_000_000_000, 9_000_000_000].map((ei) => print("n", { ei }))),
    state: "parsed",
    text: "nn",
  },
  {
    name: "39: an event behind index MaxInt32",
    bytes: () =>
      writePart([
        encodeRecord(encodeEvent({ event: "session.upload", ei: 2147483647, sid: "x" })),
        ...records(),
      ]),
    state: "parsed",
    text: ALL,
  },
  {
    name: "40: all events with index 0",
    bytes: () => writePart(["p", "q", "r"].map((data) => print(data))),
    state: "parsed",
    text: "pqr",
  },
  {
    name: "42: events behind session.end",
    bytes: () => writePart([...records(), print("after", { ei: 50 })]),
    state: "parsed",
    text: ALL + "after",
  },
  {
    name: "43: only session.leave",
    bytes: () => writeRecording([{ event: "session.leave", ei: 123, sid: "x" }]),
    state: "parsed",
    text: "",
  },
  {
    name: "46: print without a start",
    bytes: () => writePart([print("alone")]),
    state: "parsed",
    text: "alone",
  },
  {
    name: "47: a character cut between prints",
    bytes: () =>
      writeRecording([
        { event: "print", ei: 1, time: sampleTime(0), data: Uint8Array.of(0xc3) },
        { event: "print", ei: 2, time: sampleTime(1), data: Uint8Array.of(0xa9) },
      ]),
    state: "parsed",
    text: "é",
  },
  {
    name: "49: bytes that do not say the length",
    bytes: () => writePart([print("abc", { bytes: 99 })]),
    state: "parsed",
    text: "abc",
  },
  { name: "50: empty data", bytes: () => writePart([print("")]), state: "parsed", text: "" },
];

for (const { name, bytes, state, text, ...expected } of CASES) {
  Deno.test(`readRecording() edge case ${name}`, async () => {
    for (const chunk of [undefined, 1000, 7]) {
      const { limits } = expected;
      if (chunk !== undefined && limits) continue;
      const options = { ...(limits && { limits }), ...(chunk !== undefined && { chunk }) };
      const { events, outcome } = await readAll(bytes(), options);
      assert.equal(outcome.state, state, outcome.error ?? "");
      assert.ok(printed(events) === text, `${printed(events).length} characters`);
      assert.equal(outcome.error === null, state === "parsed");
      if (expected.error) assert.match(outcome.error!, expected.error);
      if (expected.offset !== undefined) assert.equal(outcome.errorOffset, expected.offset);
      assert.deepEqual(outcome.skipped, expected.skipped ?? {});
      assert.deepEqual(outcome.unknown, expected.unknown ?? {});
    }
  });
}
