import { basename } from "node:path";
import type { CallTrace } from "../features/call.ts";
import type { HandOver } from "../features/hand_overs.ts";
import { RecordingFeatures } from "../features/recording_features.ts";
import { SegmentFeatures } from "../features/segments.ts";
import type { CmdFeatures } from "../model/cmd_features.ts";
import type { DeskFeatures } from "../model/desk_features.ts";
import type { RecordingFormat, RecordingOutcome } from "../model/event.ts";
import type { PtyFeatures, PtyRhythm } from "../model/pty_features.ts";
import type { RecordingRow, SessionRow } from "../model/session.ts";
import { emptyOutcome } from "../recording/outcome.ts";
import { EXTRACTOR_VERSION, readRecording } from "../recording/read.ts";
import type { SegmentInput } from "../store/segments.ts";
import { whyNot } from "./find_recordings.ts";

/** One recording file, reduced to rows. */
export interface ParsedRecording {
  uri: string;
  /** null where nothing says which session it was: such a file is counted, not stored. */
  session: SessionRow | null;
  recording: Omit<RecordingRow, "session_id"> & { session_id: string | null };
  pty: PtyFeatures | null;
  rhythm: PtyRhythm | null;
  cmd: CmdFeatures | null;
  /** Its calls, to be measured together with those of the session's other recordings. */
  calls: CallTrace | null;
  desk: DeskFeatures | null;
  /** The stretches between changes of driver; none where it never changed. */
  segments: SegmentInput[];
  outcome: RecordingOutcome;
}

const READ_BYTES = 256 * 1024;

/** Session ids are UUIDs; what else stands in a file name is no id. */
const SESSION_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Reads one local recording in one pass (two where its driver changes), without holding it. Bad
 * content is a state of the outcome, never an exception; so is a file that can't be opened
 * (`missing`, or `failed` with the system's reason).
 */
export async function parseRecording(path: string): Promise<ParsedRecording> {
  const counter = { bytes: 0 };
  const reader = readRecording({ uri: path, bytes: fileChunks(path, counter) });
  const features = new RecordingFeatures();
  let { outcome } = reader;
  try {
    for await (const batch of reader.columns()) features.addColumns(batch);
  } catch (cause) {
    const missing = cause instanceof Deno.errors.NotFound;
    outcome = { ...outcome, state: missing ? "missing" : "failed", error: whyNot(cause) };
  }
  const { pty: measured, rhythm, cmd, calls, desk } = features.finish({
    originMs: outcome.originMs,
  });
  // only the reader knows how often the clock went back: events come out clamped
  const pty = measured && { ...measured, pty_clock_steps: outcome.clockSteps };
  const { bytes } = counter;
  const rows = rowsOf(path, outcome, { contentId: reader.contentId, bytes });
  const segments = await segmentsOf(path, features.handOvers());
  return { ...rows, pty, rhythm, cmd, calls, desk, segments };
}

/** A recording that was not read to its end for a reason that does not lie in it. */
export function failedRecording(path: string, error: string): ParsedRecording {
  const outcome: RecordingOutcome = { ...emptyOutcome(), state: "failed", error };
  return {
    ...rowsOf(path, outcome, { contentId: null, bytes: null }),
    ...{ pty: null, rhythm: null, cmd: null, calls: null, desk: null, segments: [] },
  };
}

function rowsOf(
  path: string,
  outcome: RecordingOutcome,
  { contentId, bytes }: { contentId: string | null; bytes: number | null },
): Pick<ParsedRecording, "uri" | "session" | "recording" | "outcome"> {
  const session = sessionOf(path, outcome, contentId);
  return {
    uri: path,
    session,
    recording: {
      recording_id: sessionIdInName(path) ?? session?.session_id ?? path,
      session_id: session?.session_id ?? null,
      uri: path,
      bytes,
      format: outcome.format,
      state: outcome.state,
      error: outcome.error,
      error_offset: outcome.errorOffset,
      parts: outcome.parts,
      events: sum(outcome.events),
      events_unknown: sum(outcome.unknown),
      events_skipped: sum(outcome.skipped),
      extractor_version: EXTRACTOR_VERSION,
    },
    outcome,
  };
}

/**
 * Measures the segments on a second reading: few recordings have any, and keeping the others'
 * prints until it is known would cost more than reading these twice.
 */
async function segmentsOf(path: string, handOvers: readonly HandOver[]): Promise<SegmentInput[]> {
  if (handOvers.length === 0) return [];
  const segments = new SegmentFeatures(handOvers);
  try {
    const reader = readRecording({ uri: path, bytes: fileChunks(path, { bytes: 0 }) });
    for await (const batch of reader.columns()) segments.addColumns(batch);
  } catch {
    return []; // gone since: the session stands by itself
  }
  return segments.finish().map(({ fromSeconds, untilSeconds, pty, rhythm, cmd }) => ({
    from_seconds: fromSeconds,
    until_seconds: untilSeconds,
    pty,
    rhythm,
    cmd,
  }));
}

async function* fileChunks(path: string, counter: { bytes: number }): AsyncGenerator<Uint8Array> {
  using file = await Deno.open(path);
  while (true) {
    const buffer = new Uint8Array(READ_BYTES);
    const read = await file.read(buffer);
    if (read === null) return;
    counter.bytes += read;
    yield buffer.subarray(0, read);
  }
}

/** The session a recording tells of: by its own words, else by its name, else by its content. */
function sessionOf(
  path: string,
  outcome: RecordingOutcome,
  contentId: string | null,
): SessionRow | null {
  const { facts } = outcome;
  const session_id = facts.session_id ?? sessionIdInName(path) ?? contentId;
  if (session_id === null) return null;
  return {
    session_id,
    substrate: facts.substrate ?? (isCast(outcome.format) ? "asciicast" : "teleport-recording"),
    kind: facts.kind ?? (isCast(outcome.format) ? "pty" : "ssh"),
    principal: facts.principal ?? null,
    login: facts.login ?? null,
    target: facts.target ?? null,
    scope: facts.scope ?? null,
    driver: null,
    user_kind: facts.user_kind ?? null,
    started_at: facts.started_at ?? null,
    ended_at: facts.ended_at ?? null,
    duration_seconds: facts.duration_seconds ?? null,
    uploaded_at: null,
    no_recording: null,
  };
}

function isCast(format: RecordingFormat | null): boolean {
  return format !== null && format.startsWith("asciicast");
}

function sessionIdInName(path: string): string | null {
  const stem = basename(path).replace(/\..*$/, "");
  return SESSION_ID.test(stem) ? stem.toLowerCase() : null;
}

function sum(counts: Record<string | number, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
