import type { CallTrace } from "../../features/call.ts";
import { StorageError, type StorageFault } from "../../model/errors.ts";
import { Ear } from "../../model/hear_signal.ts";
import { EXTRACTOR_VERSION } from "../../recording/read.ts";
import { readSidecar } from "../../sources/labels_sidecar.ts";
import type { RecordingFile, RecordingPlace } from "../../sources/teleport/recording_place.ts";
import { clearSkips } from "../../store/runs.ts";
import { recordingsParsed, upsertRecording } from "../../store/sessions.ts";
import type { Store } from "../../store/store.ts";
import type { WaitingSession } from "../../store/waiting_sessions.ts";
import { importLabels, labelSource } from "../import_labels.ts";
import { LotWriter } from "./lot_writer.ts";
import { parseInOrder } from "./parse_in_order.ts";
import { failedRecording, type ParsedRecording } from "./parse_recording.ts";
import { storeRecording } from "./store_recording.ts";

/** What became of the recordings of a pull. */
export interface RecordingCounts {
  /** Read, whatever they held. */
  recordings: number;
  bytes: number;
  /** Parsed before by this version, and not asked for again. */
  known: number;
  missing: number;
  /** Read, and cut or damaged; what could be read of them is kept. */
  damaged: number;
  /** What could not be had: a line for each kind of reason. */
  problems: string[];
}

interface PullRecordingsOptions {
  place: RecordingPlace;
  now: () => Date;
  /** Reads again what was parsed before. */
  force?: boolean;
  /** Keys of the targets' labels that are kept: none. */
  keepLabels?: readonly string[];
  signal?: AbortSignal | undefined;
  /** Told of each recording that is done with, whatever came of it: how many, and bytes read. */
  onDone?: (done: number, bytes: number) => void;
}

/** Progress is told each time so many are done with. */
export const STEP_RECORDINGS = 50;

/** Faults that no recording of the place would escape: the pull ends with the first. */
const FATAL: ReadonlySet<StorageFault | undefined> = new Set([
  "credentials",
  "region",
  "no-bucket",
]);

/**
 * Takes the recordings of sessions from where they lie: several at a time where that pays, stored
 * in the order of the sessions, so that what is stored does not depend on the network. What this
 * extractor version has parsed is not asked for again. Throws a {@link StorageError} where the
 * whole place can't be read.
 */
export async function pullRecordings(
  store: Store,
  sessions: Iterable<WaitingSession>,
  options: PullRecordingsOptions,
): Promise<RecordingCounts> {
  const pull = new RecordingPull(store, options);
  const { parallel } = options.place;
  const how = { ...(parallel > 1 && { ahead: parallel }), signal: options.signal };
  type Parsed = { item: Wanted; parsed: ParsedRecording };
  const lots = new LotWriter<Parsed>(store, ({ item, parsed }) => pull.store(item, parsed));
  try {
    for await (const { item, parsed } of parseInOrder(pull.wanted(sessions), how)) {
      throwIfFatal(parsed);
      lots.add({ item, parsed }, parsed.recording.bytes ?? 0);
    }
  } finally {
    lots.flush();
  }
  return pull.counts;
}

function throwIfFatal({ fault, uri, recording }: ParsedRecording): void {
  if (FATAL.has(fault)) throw new StorageError(recording.error ?? "", fault!, uri);
}

/** A recording to be parsed, and what is known around it. */
interface Wanted extends WaitingSession {
  id: string;
  file: RecordingFile;
  /** Calls of the session's recordings before this one. */
  otherCalls: CallTrace[];
}

class RecordingPull {
  readonly #counts = {
    ...{ recordings: 0, bytes: 0, known: 0, missing: 0, damaged: 0 },
  };
  readonly #parsed: ReadonlySet<string>;
  readonly #failed = new Map<string, { count: number; first: string }>();
  #done = 0;

  constructor(
    private readonly database: Store,
    private readonly options: PullRecordingsOptions,
  ) {
    this.#parsed = options.force ? new Set() : recordingsParsed(database, EXTRACTOR_VERSION);
  }

  get counts(): RecordingCounts {
    const problems = [...this.#failed.values()].map(({ count, first }) =>
      count === 1 ? first : `${first} (and ${count - 1} more recordings like it)`
    );
    return { ...this.#counts, problems };
  }

  /** Which recordings are to be parsed; one that is known to be nowhere is stored as that. */
  async *wanted(sessions: Iterable<WaitingSession>): AsyncGenerator<Wanted> {
    const { place, signal } = this.options;
    const ear = new Ear(signal);
    for (const session of sessions) {
      // of recordings that are known or nowhere none is handed out, however many there are
      await ear.hear();
      const { recordingIds } = session;
      // chunks of an application session are measured together, so all are read when one is new
      const otherCalls: CallTrace[] = [];
      const isKnown = recordingIds.every((id) => this.#parsed.has(id));
      if (isKnown) {
        this.#counts.known += recordingIds.length;
        this.#tell(recordingIds.length);
      }
      for (const id of isKnown ? [] : recordingIds) {
        const found = await place.find(id);
        if (found.state === "found") yield { ...session, id, file: found.file, otherCalls };
        else this.#storeAbsent(id, session, failedRecording(found.uri, found.error ?? "", found));
      }
      await this.#takeSidecar(session.session.session_id);
    }
  }

  store(wanted: Wanted, parsed: ParsedRecording): void {
    const { id, otherCalls, measured, sources } = wanted;
    const { bytes } = parsed.recording;
    if (bytes === null) return this.#storeAbsent(id, wanted, parsed);
    this.#counts.recordings++;
    this.#counts.bytes += bytes;
    const { state } = parsed.recording;
    if (state === "truncated" || state === "failed") this.#counts.damaged++;
    const recording = { ...parsed.recording, recording_id: id };
    // commands of the log stand before the recording's own
    const cmd = measured ? null : parsed.cmd;
    const { keepLabels = [] } = this.options;
    const commandsKnown = new Set(sources);
    const around = { known: wanted, otherCalls, keepLabels, commandsKnown };
    storeRecording(this.database, { ...parsed, recording, cmd }, around);
    if (parsed.calls !== null) otherCalls.push(parsed.calls);
    this.#tell(1);
  }

  #tell(done: number): void {
    this.#done += done;
    this.options.onDone?.(this.#done, this.#counts.bytes);
  }

  // Nothing of it was had: it says nothing of its session.
  #storeAbsent(id: string, { session }: WaitingSession, parsed: ParsedRecording): void {
    const { recording } = parsed;
    throwIfFatal(parsed);
    const { session_id } = session;
    upsertRecording(this.database, {
      ...recording,
      ...{ recording_id: id, session_id, error: recording.error || null },
      ...{ parts: null, events: null, events_unknown: null, events_skipped: null },
    });
    if (recording.state === "missing") this.#counts.missing++;
    else this.#countFailed(parsed);
    this.#tell(1);
  }

  #countFailed({ uri, recording, fault }: ParsedRecording): void {
    const text = fault === undefined ? `${uri}: ${recording.error}` : recording.error ?? uri;
    const kind = fault ?? recording.error ?? "";
    const { count = 0, first = text } = this.#failed.get(kind) ?? {};
    this.#failed.set(kind, { count: count + 1, first });
  }

  // Labels lie beside where the session's own recording is or would be.
  async #takeSidecar(sessionId: string): Promise<void> {
    const uri = this.options.place.labelsBeside(sessionId);
    if (uri === null) return;
    const sidecar = await readSidecar(uri);
    clearSkips(this.database, { uri, sources: [labelSource("sidecar")] });
    if (sidecar === null) return;
    const labels = { from: "sidecar" as const, uri, ...sidecar, now: this.options.now() };
    importLabels(this.database, sessionId, labels);
  }
}
