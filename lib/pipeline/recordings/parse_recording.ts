import { basename } from "node:path";
import type { HandOver } from "../../features/hand_overs.ts";
import { RecordingFeatures, type RecordingMeasures } from "../../features/recording_features.ts";
import { SegmentFeatures } from "../../features/segments.ts";
import type { RecordingEvent, RecordingFormat, RecordingOutcome } from "../../model/event.ts";
import type { PartOutcome, RecordingPart } from "../../model/recording_part.ts";
import type { RecordingRow, SessionRow } from "../../model/session.ts";
import type { RecordingState } from "../../model/vocabulary.ts";
import { StorageError, type StorageFault } from "../../model/errors.ts";
import { emptyOutcome } from "../../recording/outcome.ts";
import { EXTRACTOR_VERSION, readRecording } from "../../recording/read.ts";
import { localFile, type RecordingFile } from "../../sources/teleport/recording_place.ts";
import type { SegmentInput } from "../../store/segments.ts";
import { whyNot } from "./find_recordings.ts";

/** One recording file, reduced to rows. */
export interface ParsedRecording extends RecordingMeasures {
  /** Where it was read from; for a local file the path as given. */
  uri: string;
  /** null where nothing says which session it was: such a file is counted, not stored. */
  session: SessionRow | null;
  /** Its row; `session_id` is null where `session` is. */
  recording: Omit<RecordingRow, "session_id"> & { session_id: string | null };
  /** The stretches between changes of driver; none where it never changed. */
  segments: SegmentInput[];
  outcome: RecordingOutcome;
  /** What came of a part that was asked for. */
  part?: PartOutcome;
  /** Why it could not be had from where it lies, in a word to act on. */
  fault?: StorageFault;
}

/** How much of a recording is measured. */
interface ParseRecordingOptions {
  /** Measure what was printed in this time only, by the recording's own start; all of it else. */
  part?: RecordingPart | undefined;
}

/** Session ids are UUIDs; what else stands in a file name is no id. */
const SESSION_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Reads one recording, a local one by its path, in one pass (two where its driver changes), without
 * holding it. Bad content is a state of the outcome, never an exception; so is a file that can't be
 * had or breaks off for a reason that does not lie in it: `missing`, or `failed` with the reason
 * and without numbers. What ends the whole pull (an aborted signal) is thrown.
 */
export async function parseRecording(
  recording: string | RecordingFile,
  { part }: ParseRecordingOptions = {},
): Promise<ParsedRecording> {
  const file = typeof recording === "string" ? localFile(recording) : recording;
  try {
    const parsed = await readFile(file);
    return part === undefined ? parsed : await onlyPart(file, { parsed, part });
  } catch (cause) {
    const { error, ...why } = whyUnread(file, cause);
    return failedRecording(file.uri, error, why);
  }
}

async function readFile(file: RecordingFile): Promise<ParsedRecording> {
  const { uri } = file;
  const counter = { bytes: 0, ended: false };
  const reader = readRecording({ uri, bytes: counted(file.open(), counter) });
  const features = new RecordingFeatures();
  for await (const batch of reader.columns()) features.addColumns(batch);
  const { outcome } = reader;
  const measures = features.finish(outcome);
  // of what is no recording only the head is read, in pieces as they come
  const bytes = counter.ended ? counter.bytes : await file.size();
  const rows = rowsOf(uri, outcome, { contentId: reader.contentId, bytes });
  const segments = await segmentsOf(file, features.handOvers());
  return { ...rows, ...measures, segments };
}

// Few recordings are measured in part, and when they began is known only once they were read.
async function onlyPart(
  file: RecordingFile,
  { parsed, part }: { parsed: ParsedRecording; part: RecordingPart },
): Promise<ParsedRecording> {
  const { originMs } = parsed.outcome;
  if (parsed.pty === null) return parsed;
  if (originMs === null) return { ...parsed, part: "no-clock" };
  const within = ({ type, atMs }: RecordingEvent) =>
    type !== "print" || (originMs + atMs >= part.fromMs && originMs + atMs <= part.untilMs);
  const features = new RecordingFeatures();
  const reader = readRecording({ uri: file.uri, bytes: file.open() });
  for await (const batch of reader) features.add(batch.filter(within));
  const { pty, rhythm } = features.finish(parsed.outcome);
  if (pty === null) return { ...parsed, part: "outside" };
  const segments = await segmentsOf(file, features.handOvers(), within);
  return { ...parsed, pty, rhythm, segments, part: "measured" };
}

function whyUnread(
  { path }: RecordingFile,
  cause: unknown,
): { state: RecordingState; error: string; fault?: StorageFault } {
  if (cause instanceof StorageError) {
    const { fault, message } = cause;
    return { state: fault === "missing" ? "missing" : "failed", error: message, fault };
  }
  if (path === null) throw cause;
  const state = cause instanceof Deno.errors.NotFound ? "missing" : "failed";
  return { state, error: whyNot(cause) };
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  counter: { bytes: number; ended: boolean },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    counter.bytes += chunk.length;
    yield chunk;
  }
  counter.ended = true;
}

/** A recording that was not read to its end for a reason that does not lie in it. */
export function failedRecording(
  uri: string,
  error: string,
  { state = "failed", fault }: { state?: RecordingState; fault?: StorageFault } = {},
): ParsedRecording {
  const outcome: RecordingOutcome = { ...emptyOutcome(), state, error };
  return {
    ...rowsOf(uri, outcome, { contentId: null, bytes: null }),
    ...{ pty: null, rhythm: null, cmd: null, calls: null, desk: null, marks: null, segments: [] },
    ...(fault && { fault }),
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
async function segmentsOf(
  { uri, open }: RecordingFile,
  handOvers: readonly HandOver[],
  within?: (event: RecordingEvent) => boolean,
): Promise<SegmentInput[]> {
  if (handOvers.length === 0) return [];
  const segments = new SegmentFeatures(handOvers);
  const reader = readRecording({ uri, bytes: open() });
  if (within === undefined) {
    for await (const batch of reader.columns()) segments.addColumns(batch);
  } else for await (const batch of reader) segments.add(batch.filter(within));
  return segments.finish().map(({ fromSeconds, untilSeconds, pty, rhythm, cmd }) => ({
    from_seconds: fromSeconds,
    until_seconds: untilSeconds,
    pty,
    rhythm,
    cmd,
  }));
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

/** The session that a file name tells of; null where it tells of none. */
export function sessionIdInName(path: string): string | null {
  const stem = basename(path).replace(/\..*$/, "");
  return SESSION_ID.test(stem) ? stem.toLowerCase() : null;
}

function sum(counts: Record<string | number, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
