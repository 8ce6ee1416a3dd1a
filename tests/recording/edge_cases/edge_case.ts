import assert from "node:assert/strict";
import type { EventObject, PartOptions } from "../../../fixtures/generate/protostream_writer.ts";
import {
  encodeEvent,
  encodeRecord,
  writePart,
  writeRecording,
} from "../../../fixtures/generate/protostream_writer.ts";
import type { RecordingLimits } from "../../../lib/recording/limits.ts";
import { WireWalker } from "../../../lib/recording/wire.ts";
import { printed, readAll } from "../read_all.ts";
import { sampleSession, sampleTime } from "../sample.ts";

/** How many edge cases section 8 of `facts/teleport.md` lists. */
export const EDGE_CASES = 70;

const covered = new Map<number, number>();

/** A test of the edge case of this number in section 8 of `facts/teleport.md`. */
export function edgeCase(no: number, name: string, test: () => void | Promise<void>): void {
  covered.set(no, (covered.get(no) ?? 0) + 1);
  Deno.test(`edge case ${no}: ${name}`, test);
}

/** The numbers that have at least one test, in order. */
export function coveredCases(): number[] {
  return [...covered.keys()].sort((a, b) => a - b);
}

/** An edge case of the container: some bytes, and what reading them comes to. */
export interface ReadingCase {
  no: number;
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

/** Makes a test of each; the bytes are read whole and in small chunks, to the same end. */
export function readingCases(cases: readonly ReadingCase[]): void {
  for (const { no, name, bytes, state, text, ...expected } of cases) {
    edgeCase(no, name, async () => {
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
}

/** What the prints of the sample session say. */
export const ALL = "a1b2c3d4";

/** The records of the sample session. */
export function records(): Uint8Array[] {
  return sampleSession().map((event) => encodeRecord(encodeEvent(event)));
}

/** The sample session as a recording of one part. */
export function whole(): Uint8Array {
  return writeRecording(sampleSession());
}

/** A part with some of the sample's records. */
export function part(from: number, until: number, options?: PartOptions): Uint8Array {
  return writePart(records().slice(from, until), options);
}

/** The part with the first two prints. */
export function first(): Uint8Array {
  return part(0, 3);
}

/** The record of a print. */
export function print(data: string, more: Partial<EventObject> = {}): Uint8Array {
  return encodeRecord(encodeEvent({ event: "print", time: sampleTime(2000), data, ...more }));
}

/** The bytes of the message within an encoded union. */
export function messageOf(union: Uint8Array): Uint8Array {
  const walker = new WireWalker();
  assert.ok(walker.outer(union, { start: 0, end: union.length }, () => true));
  return union.slice(walker.memberStart, walker.memberEnd);
}
