import { join } from "node:path";
import type { CallTrace } from "../features/call.ts";
import { commandFeatures } from "../features/cmd.ts";
import type { CmdFeatures } from "../model/cmd_features.ts";
import { QueryError } from "../model/errors.ts";
import type { RecordingEvent } from "../model/event.ts";
import { EXTRACTOR_VERSION } from "../recording/read.ts";
import { type ArchiveEngine, openArchiveEngine } from "../sources/duckdb.ts";
import { readSidecar } from "../sources/labels_sidecar.ts";
import { readTeleportSessions, type TeleportSession } from "../sources/teleport/archive.ts";
import type { SessionCommands } from "../sources/teleport/command_rows.ts";
import { archiveWindow, type Window } from "../sources/teleport/event_files.ts";
import { findRecording } from "../sources/teleport/recordings_folder.ts";
import { writeFeatures } from "../store/features.ts";
import { clearSkips, recordPull, recordSkips, type SkipRow } from "../store/runs.ts";
import {
  readSession,
  recordingsParsed,
  upsertRecording,
  upsertSession,
} from "../store/sessions.ts";
import type { Store } from "../store/store.ts";
import { importLabels, type LabelCounts, labelSource } from "./import_labels.ts";
import { parseInOrder } from "./parse_in_order.ts";
import type { ParsedRecording } from "./parse_recording.ts";
import { storeRecording } from "./store_recording.ts";

/** A Teleport archive of events, and where the recordings lie. */
export interface TeleportArchive {
  /** Folder `events` of External Audit Storage. */
  events: string;
  /** Folder of `<id>.tar`; null: recordings are not looked for. */
  recordings: string | null;
}

export interface PullOptions {
  /** Without them, all that the archive holds. */
  since?: Date;
  until?: Date;
  now: () => Date;
  runId: number | null;
}

export interface PullResult {
  sessions: number;
  recordings: number;
  labels: LabelCounts;
  /** Inputs that could not be read. */
  problems: string[];
}

/**
 * Pulls the sessions of a window out of a local archive of Teleport's audit log, and parses their
 * recordings. What this extractor version has parsed already is not read again. Throws a
 * `QueryError` where the archive can't be read at all.
 */
export async function pullTeleportArchive(
  store: Store,
  archive: TeleportArchive,
  options: PullOptions,
): Promise<PullResult> {
  const pull = new Pull(store, archive, options);
  // beside the store, and emptied at opening: a killed run leaves nothing of what it spilled
  await using engine = await openArchiveEngine({ spillFolder: `${store.path}.spill` });
  await pull.run(engine);
  return pull.result;
}

class Pull {
  readonly result: PullResult = {
    ...{ sessions: 0, recordings: 0, problems: [] },
    labels: { set: 0, refused: 0 },
  };
  readonly #skips: SkipRow[] = [];
  readonly #parsed: ReadonlySet<string>;

  constructor(
    private readonly store: Store,
    private readonly archive: TeleportArchive,
    private readonly options: PullOptions,
  ) {
    this.#parsed = recordingsParsed(store, EXTRACTOR_VERSION);
  }

  async run(engine: ArchiveEngine): Promise<void> {
    const { now } = this.options;
    let { since, until } = this.options;
    try {
      const whole = await archiveWindow(this.archive.events);
      since ??= whole?.since ?? now();
      until ??= whole?.until ?? now();
      await this.#takeAll(engine, { since, until });
      this.#record({ since, until }, this.#skips.length === 0 ? "done" : "partial");
    } catch (error) {
      if (error instanceof QueryError) this.#record({ since, until }, "failed", error.message);
      throw error;
    }
  }

  async #takeAll(engine: ArchiveEngine, window: Window): Promise<void> {
    const sessions = readTeleportSessions(engine, {
      events: this.archive.events,
      ...window,
      onSkip: ({ uri, reason, detail, count }) =>
        this.#skips.push({ source: "teleport", uri, reason, detail, count }),
    });
    for await (const { item, parsed } of parseInOrder(this.#recordings(sessions))) {
      this.#store(item, parsed);
    }
  }

  #record(
    { since, until }: { since: Date | undefined; until: Date | undefined },
    outcome: "done" | "partial" | "failed",
    detail: string | null = null,
  ): void {
    recordSkips(this.store, this.#skips);
    recordPull(this.store, {
      run_id: this.options.runId,
      source: `teleport ${this.archive.events}`,
      from_at: since?.toISOString() ?? null,
      until_at: until?.toISOString() ?? null,
      pulled_at: this.options.now().toISOString(),
      rows: this.result.sessions,
      bytes_scanned: null,
      outcome,
      detail,
    });
  }

  // Stores the sessions; hands out those of their recordings that are to be parsed.
  async *#recordings(
    batches: AsyncIterable<TeleportSession[]>,
  ): AsyncGenerator<RecordingOfSession> {
    for await (const batch of batches) {
      for (const found of batch) {
        const cmd = this.#takeSession(found);
        const { recordings } = this.archive;
        if (recordings === null) continue;
        const { recordingIds } = found;
        // chunks of an application session are measured together, so all are read when one is new
        const otherCalls: CallTrace[] = [];
        for (const id of recordingIds.some((id) => !this.#parsed.has(id)) ? recordingIds : []) {
          const path = await this.#find(id, { folder: recordings, found });
          if (path !== null) yield { path, found, cmd, otherCalls };
        }
        await this.#takeSidecar(recordings, found.session.session_id);
      }
    }
  }

  #takeSession(found: TeleportSession): CmdFeatures | null {
    this.result.sessions++;
    const cmd = commandsOf(found);
    this.store.transaction(() => {
      const { session, uploadOnly } = found;
      // the kind of a session of which only the upload was seen is a guess
      const known = uploadOnly ? readSession(this.store, session.session_id) : null;
      upsertSession(this.store, { ...session, kind: known?.kind ?? session.kind });
      if (cmd) {
        writeFeatures(this.store, "cmd", [{ subject_id: found.session.session_id, ...cmd }]);
      }
    });
    return cmd;
  }

  /** Labels lie beside where the session's own recording is or would be. */
  async #takeSidecar(folder: string, sessionId: string): Promise<void> {
    const uri = join(folder, `${sessionId}.tar`);
    const sidecar = await readSidecar(uri);
    clearSkips(this.store, { uri, sources: [labelSource("sidecar")] });
    if (sidecar === null) return;
    const labels = { from: "sidecar" as const, uri, ...sidecar, now: this.options.now() };
    importLabels(this.store, sessionId, labels, this.result.labels);
  }

  // Where a recording lies; one that is missing or can't be read is stored as that.
  async #find(
    id: string,
    { folder, found }: { folder: string; found: TeleportSession },
  ): Promise<string | null> {
    const file = await findRecording(folder, id);
    if (file.state === "found") return file.path;
    const state = file.state === "missing" ? "missing" : "failed";
    const { session_id } = found.session;
    upsertRecording(this.store, absent(id, { session_id, uri: file.path, state }));
    if (state === "failed") this.result.problems.push(`${file.path}: can't be read`);
    return null;
  }

  #store({ found, cmd, otherCalls }: RecordingOfSession, parsed: ParsedRecording): void {
    this.result.recordings++;
    const measured = { ...parsed, cmd: cmd ?? parsed.cmd };
    storeRecording(this.store, measured, { known: found, otherCalls });
    if (parsed.calls !== null) otherCalls.push(parsed.calls);
  }
}

/** A recording to be parsed, and what is known around it. */
interface RecordingOfSession {
  path: string;
  found: TeleportSession;
  cmd: CmdFeatures | null;
  /** Calls of the session's recordings before this one. */
  otherCalls: CallTrace[];
}

function commandsOf({ session, commands }: TeleportSession): CmdFeatures | null {
  if (commands === null) return null;
  const terminal = session.kind === "ssh" && session.no_recording !== "not-interactive";
  return commandFeatures(processEvents(commands), { terminal });
}

function* processEvents({ events, network, disk }: SessionCommands): Generator<RecordingEvent> {
  yield* events;
  const atMs = events.at(-1)?.atMs ?? 0;
  const counted = { atMs, pid: null, returnCode: null };
  for (let i = 0; i < network; i++) yield { type: "network", ...counted };
  for (let i = 0; i < disk; i++) yield { type: "disk", ...counted };
}

function absent(
  recording_id: string,
  known: { session_id: string; uri: string; state: "missing" | "failed" },
) {
  return {
    recording_id,
    ...known,
    ...{ bytes: null, format: null, error: null, error_offset: null, parts: null },
    ...{ events: null, events_unknown: null, events_skipped: null },
    extractor_version: EXTRACTOR_VERSION,
  };
}
