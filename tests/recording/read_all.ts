import type { RecordingEvent, RecordingOutcome } from "../../lib/model/event.ts";
import type { RecordingLimits } from "../../lib/recording/limits.ts";
import { readRecording } from "../../lib/recording/read.ts";

/** A recording read to its end. */
interface ReadResult {
  events: RecordingEvent[];
  outcome: RecordingOutcome;
}

/** Reads bytes, whole or in chunks of a size. */
export async function readAll(
  bytes: Uint8Array,
  options: { chunk?: number; uri?: string; limits?: Partial<RecordingLimits> } = {},
): Promise<ReadResult> {
  const { chunk, uri = "recording", limits } = options;
  const source = chunk === undefined ? bytes : inChunks(bytes, chunk);
  const reader = readRecording({ uri, bytes: source }, limits);
  const events: RecordingEvent[] = [];
  for await (const batch of reader) events.push(...batch);
  return { events, outcome: reader.outcome };
}

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    await Promise.resolve();
    yield bytes.subarray(at, at + size);
  }
}

/** The text of all prints. */
export function printed(events: readonly RecordingEvent[]): string {
  const decoder = new TextDecoder();
  return events.map((event) =>
    event.type === "print" ? decoder.decode(event.data, { stream: true }) : ""
  ).join("");
}
