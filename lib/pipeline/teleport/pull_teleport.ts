import { formatSize } from "../../config/units.ts";
import { QueryError, StorageError } from "../../model/errors.ts";
import { type ArchiveEngine, openArchiveEngine } from "../../sources/duckdb.ts";
import { readTeleportSessions, type TeleportSession } from "../../sources/teleport/archive.ts";
import type { Window } from "../../sources/teleport/event_files.ts";
import { type EventFormat, eventSource } from "../../sources/teleport/event_source.ts";
import type { RecordingPlace } from "../../sources/teleport/recording_place.ts";
import { clearSkips, recordPull, recordSkips, type SkipRow } from "../../store/runs.ts";
import type { Store } from "../../store/store.ts";
import { WaitingSessions } from "../../store/waiting_sessions.ts";
import { pullRecordings, STEP_RECORDINGS } from "../recordings/pull_recordings.ts";
import { Ear } from "../../model/hear_signal.ts";
import { type SessionFilter, wants } from "../session_filter.ts";
import { storeEventCounts } from "./store_event_counts.ts";
import { storeLogSession } from "./store_log_session.ts";

/** A Teleport archive of events, and where the recordings lie. */
interface TeleportArchive {
  /** Folder `events` of External Audit Storage, or the log of a self-hosted server. */
  events: string;
  /** What `events` is: `parquet`. */
  format?: EventFormat;
  /** Where recordings lie; null: they are not looked for. */
  recordings: RecordingPlace | null;
}

interface PullOptions {
  /** Without them, all that the archive holds. */
  since?: Date | undefined;
  until?: Date | undefined;
  /** Which sessions of the window are wanted: all. */
  filter?: SessionFilter;
  /** Recordings that were parsed are read again. */
  force?: boolean;
  /** Keys of the targets' labels that are kept: none. */
  keepLabels?: readonly string[];
  now: () => Date;
  runId: number | null;
  signal?: AbortSignal | undefined;
  /** Told how far it is, a line a step. */
  onStep?: ((text: string) => void) | undefined;
}

interface PullResult {
  sessions: number;
  recordings: number;
  /** Those of them that are cut or damaged. */
  damaged: number;
  /** Inputs that could not be read. */
  problems: string[];
}

/**
 * Pulls the sessions of a window out of a local archive of Teleport's audit log, and parses their
 * recordings. What this extractor version has parsed already is not read again. Throws a
 * `QueryError` where the archive can't be read at all, a `StorageError` where no recording can.
 */
export async function pullTeleportArchive(
  store: Store,
  archive: TeleportArchive,
  options: PullOptions,
): Promise<PullResult> {
  const pull = new Pull(store, archive, options);
  await pull.run();
  return pull.result;
}

/** Sessions stored in one transaction. */
const LOT = 128;
/** Progress is told each time so many are stored. */
const STEP_SESSIONS = 10_000;

/** Whatever day a file is of. */
const ALL_TIME: Window = { since: new Date(0), until: new Date("9000-01-01") };

function isTold(error: unknown): error is Error {
  return error instanceof QueryError || error instanceof StorageError;
}

class Pull {
  readonly result: PullResult = {
    ...{ sessions: 0, recordings: 0, damaged: 0, problems: [] },
  };
  readonly #skips: SkipRow[] = [];
  readonly #waiting: WaitingSessions;

  constructor(
    private readonly store: Store,
    private readonly archive: TeleportArchive,
    private readonly options: PullOptions,
  ) {
    this.#waiting = new WaitingSessions(store);
  }

  async run(): Promise<void> {
    let window: Pick<PullOptions, keyof Window> = this.options;
    try {
      await this.#inLog(async (engine) => {
        const whole = window = await this.#windowOf(engine);
        await this.#takeSessions(engine, whole);
      });
      await this.#takeRecordings();
      this.#record(window, this.#skips.length === 0 ? "done" : "partial");
    } catch (error) {
      if (isTold(error)) this.#record(window, "failed", error.message);
      throw error;
    }
  }

  /** Opens an engine for a while: what it holds would lie beside the recordings. */
  async #inLog(read: (engine: ArchiveEngine) => Promise<void>): Promise<void> {
    // beside the store, and emptied at opening: a killed run leaves nothing of what it spilled
    await using engine = await openArchiveEngine({
      ...{ spillFolder: `${this.store.path}.spill`, signal: this.options.signal },
    });
    await read(engine);
  }

  async #windowOf(engine: ArchiveEngine): Promise<Window> {
    const { since, until, now } = this.options;
    const source = eventSource(this.archive.events, this.archive.format);
    const whole = since && until ? null : await source.window(engine);
    if ((await source.list(ALL_TIME)).length === 0) this.result.problems.push(this.#nothing());
    return { since: since ?? whole?.since ?? now(), until: until ?? whole?.until ?? now() };
  }

  async #takeSessions(engine: ArchiveEngine, { since, until }: Window): Promise<void> {
    const { keepLabels = [], filter = {}, signal } = this.options;
    const batches = readTeleportSessions(engine, {
      events: this.archive.events,
      ...(this.archive.format && { format: this.archive.format }),
      ...{ since, until, keepLabels },
      onSkip: ({ uri, reason, detail, count }) =>
        this.#skips.push({ source: "teleport", uri, reason, detail, count }),
      onCounts: (counts) => storeEventCounts(this.store, this.#source, counts),
      onFile: (uri) => clearSkips(this.store, { uri, sources: ["teleport"] }),
    });
    const ear = new Ear(signal);
    for await (const batch of batches) {
      const wanted = batch.filter(({ session }) => wants(filter, session));
      for (let i = 0; i < wanted.length; i += LOT) {
        await ear.hear();
        const lot = wanted.slice(i, i + LOT);
        this.store.transaction(() => lot.forEach((found) => this.#takeSession(found, keepLabels)));
      }
    }
  }

  #takeSession(found: TeleportSession, keepLabels: readonly string[]): void {
    const count = ++this.result.sessions;
    if (count % STEP_SESSIONS === 0) this.options.onStep?.(`${count} sessions of the log stored`);
    const cmd = storeLogSession(this.store, found, keepLabels);
    if (this.archive.recordings === null) return;
    const { session, recordingIds, uploadOnly, commands } = found;
    const sources = new Set(commands?.events.map(({ source }) => source));
    this.#waiting.add({
      ...{ session, recordingIds, uploadOnly },
      ...{ measured: cmd !== null, sources: [...sources] },
    });
  }

  async #takeRecordings(): Promise<void> {
    const { recordings: place } = this.archive;
    if (place === null) return;
    const { now, force, signal, keepLabels = [] } = this.options;
    const { recordings, damaged, problems } = await pullRecordings(
      this.store,
      this.#waiting.all(),
      {
        ...{ place, now, signal, keepLabels, ...(force && { force }) },
        onDone: (done, bytes) => {
          if (done % STEP_RECORDINGS !== 0) return;
          this.options.onStep?.(`${done} recordings, ${formatSize(bytes)} read`);
        },
      },
    );
    Object.assign(this.result, { recordings, damaged });
    this.result.problems.push(...problems);
  }

  #nothing(): string {
    const { events, format } = this.archive;
    const where = format === "log" ? "its `log`" : "its `archive`";
    const holds = format === "log" ? "events.log" : "YYYY-MM-DD/*.parquet";
    return `Nothing was found in ${JSON.stringify(events)}: set ${where} in the configuration to ` +
      `the folder that holds ${holds}`;
  }

  get #source(): string {
    return `teleport ${this.archive.events}`;
  }

  #record(
    { since, until }: Pick<PullOptions, keyof Window>,
    outcome: "done" | "partial" | "failed",
    detail: string | null = null,
  ): void {
    recordSkips(this.store, this.#skips);
    recordPull(this.store, {
      run_id: this.options.runId,
      source: this.#source,
      from_at: since?.toISOString() ?? null,
      until_at: until?.toISOString() ?? null,
      pulled_at: this.options.now().toISOString(),
      rows: this.result.sessions,
      bytes_scanned: null,
      outcome,
      detail,
    });
  }
}
