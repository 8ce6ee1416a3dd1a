// The parts of a recording: headers, sizes, padding, compression.
import {
  concat,
  emptyPart,
  gzipMember,
  writePart,
} from "../../../fixtures/generate/protostream_writer.ts";
import type { ReadingCase } from "./edge_case.ts";
import { ALL, first, part, print, readingCases, records, whole } from "./edge_case.ts";

const cutTo = (bytes: Uint8Array, length: number) => bytes.subarray(0, length);

/** The begin of an age file with one stanza, as Teleport names them. */
const AGE_FILE = new TextEncoder().encode(
  "age-encryption.org/v1\n-> teleport-recording-rsa4096 0f3c\nAAAA\n--- AAAA\n0123456789abcdef",
);

const CASES: ReadingCase[] = [
  {
    no: 1,
    name: "empty file",
    bytes: () => new Uint8Array(0),
    state: "truncated",
    text: "",
    offset: 0,
  },
  { no: 1, name: "a stream without events", bytes: () => writePart([]), state: "parsed", text: "" },
  ...[1, 2, 3, 4, 5, 6, 7].map((length): ReadingCase => ({
    no: 2,
    name: `a file of ${length} bytes`,
    bytes: () => cutTo(part(0, 8), length),
    state: "truncated",
    text: "",
    offset: 0,
  })),
  { no: 3, name: "ends after a part", bytes: first, state: "parsed", text: "a1b2" },
  ...[8, 16].map((length): ReadingCase => ({
    no: 4,
    name: `second header cut at ${length}`,
    bytes: () => concat([first(), cutTo(part(3, 8), length)]),
    state: "truncated",
    text: "a1b2",
    offset: first().length,
  })),
  {
    no: 4,
    name: "V2 header cut at 24",
    bytes: () => cutTo(part(0, 8, { version: 2 }), 24),
    state: "truncated",
    text: "",
    offset: 0,
  },
  {
    no: 5,
    name: "header cut at 13",
    bytes: () => concat([first(), cutTo(part(3, 8), 13)]),
    state: "truncated",
    text: "a1b2",
  },
  {
    no: 6,
    name: "version 0",
    bytes: () => concat([first(), part(3, 8, { faults: { version: 0 } })]),
    state: "failed",
    text: "a1b2",
    offset: first().length,
  },
  { no: 7, name: "version 2", bytes: () => part(0, 8, { version: 2 }), state: "parsed", text: ALL },
  {
    no: 8,
    name: "version 3",
    bytes: () => part(0, 8, { faults: { version: 3 } }),
    state: "unsupported",
    text: "",
    error: /version 3/,
  },
  {
    no: 9,
    name: "V1 and V2 mixed",
    bytes: () => concat([first(), part(3, 8, { version: 2 })]),
    state: "parsed",
    text: ALL,
  },
  {
    no: 10,
    name: "V2, no flags, padded",
    bytes: () => concat([part(0, 3, { version: 2, padTo: 4096 }), part(3, 8)]),
    state: "parsed",
    text: ALL,
  },
  {
    no: 11,
    name: "an encrypted part between clear ones, which are read",
    bytes: () => concat([first(), part(3, 5, { version: 2, encrypted: true }), part(5, 8)]),
    state: "encrypted",
    text: "a1b2d4",
    offset: first().length,
    error: /Part 2 is encrypted/,
  },
  {
    no: 12,
    name: "a part encrypted for keys of another cluster is as closed as any other",
    bytes: () =>
      concat([
        first(),
        writePart([], { version: 2, encrypted: true, faults: { payload: AGE_FILE } }),
      ]),
    state: "encrypted",
    text: "a1b2",
    offset: first().length,
    error: /Part 2 is encrypted/,
  },
  {
    no: 13,
    name: "no payload, padding",
    bytes: () => concat([first(), emptyPart(500), part(3, 8)]),
    state: "parsed",
    text: ALL,
  },
  {
    no: 14,
    name: "no payload, no padding, at the end",
    bytes: () => concat([whole(), emptyPart()]),
    state: "parsed",
    text: ALL,
  },
  {
    no: 15,
    name: "partSize beyond the file",
    bytes: () => part(0, 8, { faults: { partSize: 100_000 } }),
    state: "truncated",
    text: ALL,
  },
  {
    no: 16,
    name: "partSize near 2^64",
    bytes: () => part(0, 8, { faults: { partSize: 2n ** 64n - 1n } }),
    state: "truncated",
    text: ALL,
  },
  {
    no: 16,
    name: "the size claimed is named exactly, beyond 2^53 too",
    bytes: () => part(0, 8, { faults: { partSize: 2n ** 53n + 1n } }),
    state: "truncated",
    text: ALL,
    error: new RegExp(`ends ${2n ** 53n + 25n - BigInt(whole().length)} bytes too early`),
  },
  {
    no: 17,
    name: "padding longer than the file",
    bytes: () => part(0, 8, { faults: { paddingSize: 2n ** 60n } }),
    state: "truncated",
    text: ALL,
  },
  {
    no: 18,
    name: "padding on the last part",
    bytes: () => part(0, 8, { padTo: 2048 }),
    state: "parsed",
    text: ALL,
  },
  {
    no: 19,
    name: "padding that is not zero",
    bytes: () => concat([part(0, 3, { padTo: 2048, faults: { paddingByte: 0xff } }), part(3, 8)]),
    state: "parsed",
    text: ALL,
  },
  {
    no: 20,
    name: "dangling zeros behind the member",
    bytes: () =>
      concat([part(0, 3, { faults: { danglingBytes: new Uint8Array(99) } }), part(3, 8)]),
    state: "parsed",
    text: ALL,
  },
  {
    no: 20,
    name: "dangling bytes are counted",
    bytes: () => part(0, 8, { faults: { danglingBytes: new Uint8Array(99).fill(7) } }),
    state: "parsed",
    text: ALL,
    skipped: { "bytes behind a part's data": 1 },
  },
  {
    no: 21,
    name: "a second member is read too",
    bytes: () => part(0, 3, { faults: { danglingBytes: gzipMember(concat(records().slice(3))) } }),
    state: "parsed",
    text: ALL,
  },
  {
    no: 22,
    name: "a part without records",
    bytes: () => concat([writePart([]), part(0, 8)]),
    state: "parsed",
    text: ALL,
  },
  {
    no: 23,
    name: "payload is no gzip, the next part is read",
    bytes: () =>
      concat([first(), part(3, 4, { faults: { payload: new Uint8Array(50) } }), part(4, 8)]),
    state: "failed",
    text: ALL,
    error: /Part 2: no gzip header/,
  },
  {
    no: 24,
    name: "cut deflate within a part",
    bytes: () => concat([part(0, 3, { faults: { cutPayload: 30 } }), part(3, 8)]),
    state: "truncated",
    text: "a1c3d4",
  },
  {
    no: 25,
    name: "wrong checksum",
    bytes: () => concat([part(0, 3, { faults: { wrongCrc: true } }), part(3, 8)]),
    state: "failed",
    text: ALL,
    error: /Part 1: wrong checksum/,
    offset: 0,
  },
  {
    no: 25,
    name: "wrong size",
    bytes: () => part(0, 8, { faults: { wrongSize: true } }),
    state: "failed",
    text: ALL,
    error: /wrong size/,
  },
  {
    no: 26,
    name: "a bomb ends at the limit, the next part is read",
    bytes: () => concat([writePart([new Uint8Array(20_000_000)]), part(0, 8)]),
    state: "failed",
    text: ALL,
    limits: { maxPartBytes: 1_000_000 },
  },
  {
    no: 26,
    name: "a bomb of sound records",
    bytes: () =>
      writePart(Array.from({ length: 500 }, (_, ei) => print("x".repeat(50_000), { ei }))),
    state: "failed",
    text: "x".repeat(50_000 * 5),
    error: /limit of 300000 bytes/,
    limits: { maxPartBytes: 300_000, maxRecordBytes: 60_000 },
  },
];

readingCases(CASES);
