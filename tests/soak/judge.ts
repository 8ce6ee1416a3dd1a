import { RecordingFeatures } from "../../lib/features/recording_features.ts";
import type { RecordingOutcome } from "../../lib/model/event.ts";
import type { RecordingLimits } from "../../lib/recording/limits.ts";
import { exportCast } from "../../lib/recording/export_cast.ts";
import type { Export } from "../../lib/recording/export_events.ts";
import { exportJsonl } from "../../lib/recording/export_jsonl.ts";
import { exportText } from "../../lib/recording/export_text.ts";
import { readRecording } from "../../lib/recording/read.ts";

/** Limits of a soak: an input of a kilobyte has no business beyond them. */
const SOAK_LIMITS: Partial<RecordingLimits> = {
  maxPartBytes: 4 << 20,
  maxInflatedBytes: 8 << 20,
  maxEvents: 100_000,
};

/** Reads and measures one input; throws where a promise about damaged recordings is broken. */
export async function judge(file: Uint8Array): Promise<RecordingOutcome> {
  const reader = readRecording({ uri: "recording.tar", bytes: file }, SOAK_LIMITS);
  const features = new RecordingFeatures();
  let last = 0;
  let events = 0;
  for await (const batch of reader) {
    for (const event of batch) {
      must(event.atMs >= last && Number.isFinite(event.atMs), "time goes back or is no number");
      last = event.atMs;
    }
    events += batch.length;
    features.add(batch);
  }
  const { outcome } = reader;
  must(outcome.state !== "pending", "reading ended without a state");
  must((outcome.error === null) === (outcome.state === "parsed"), "state and error disagree");
  must((outcome.error ?? "").length < 200, "the error is a novel");
  const { errorOffset } = outcome;
  must(
    errorOffset === null || (errorOffset >= 0 && errorOffset <= file.length),
    "the fault lies outside the file",
  );
  must(total(outcome.events) === events, "events handed out and counted differ");
  must(
    [outcome.skipped, outcome.unknown].every((counts) =>
      Object.values(counts).every((count) => count > 0)
    ),
    "a count of nothing",
  );
  const { pty, cmd } = features.finish({ clockSteps: outcome.clockSteps });
  for (const [name, value] of Object.entries({ ...pty, ...cmd })) {
    must(
      value === null || typeof value === "boolean" || Number.isFinite(value),
      `${name} is no number`,
    );
  }
  return outcome;
}

/** Writes one input as JSON and as asciicast; lines of JSON must be lines of JSON. */
export async function judgeExports(file: Uint8Array): Promise<void> {
  const source = { uri: "recording.tar", bytes: file };
  await eachLine(exportJsonl(source, SOAK_LIMITS), JSON.parse);
  for (const version of [2, 3] as const) {
    await eachLine(exportCast(source, { version, limits: SOAK_LIMITS }), JSON.parse);
  }
}

/** Puts one input through the terminal. */
export async function judgeText(file: Uint8Array): Promise<void> {
  const source = { uri: "recording.tar", bytes: file };
  await eachLine(exportText(source, { limits: SOAK_LIMITS }), () => {});
}

async function eachLine(pieces: Export, check: (line: string) => unknown): Promise<void> {
  let text = "";
  for await (const piece of pieces) {
    text += piece;
    must(text.length < MAX_EXPORT, "an export without end");
  }
  for (const line of text.split("\n")) if (line !== "") check(line);
  must(pieces.outcome.state !== "pending", "an export without a state");
}

const MAX_EXPORT = 32 << 20;

function must(holds: boolean, else_: string): void {
  if (!holds) throw new Error(else_);
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
