import type { TeleportSourceConfig } from "../../config/config.ts";
import { formatSize } from "../../config/units.ts";
import { StorageError } from "../../model/errors.ts";
import { DAY_MS } from "../../model/time.ts";
import { type AthenaEngine, openAthenaEngine } from "../../sources/athena.ts";
import { TELEPORT_TABLE } from "../../sources/teleport/athena_sessions.ts";
import type { Window } from "../../sources/teleport/event_files.ts";
import type { EventFormat } from "../../sources/teleport/event_source.ts";
import { type Piece, planPieces } from "../../sources/teleport/pull_days.ts";
import type { RecordingPlace } from "../../sources/teleport/recording_place.ts";
import { pulledWindows } from "../../store/pulled_windows.ts";
import type { Store } from "../../store/store.ts";
import { openRecordings } from "../recordings/open_recordings.ts";
import { pendingRecordings } from "./pending_recordings.ts";
import { boundRecordings } from "./plan_recordings.ts";
import { type LogPlan, planAthena, planFiles, type TeleportPlan } from "./plan_teleport.ts";
import { pullRecordings, STEP_RECORDINGS } from "../recordings/pull_recordings.ts";
import { pullTeleportArchive } from "./pull_teleport.ts";
import { pullAthenaEvents } from "./pull_teleport_athena.ts";
import type { SessionFilter } from "../session_filter.ts";
import { sourceName } from "../source_name.ts";
import { isDoubted, settledDays } from "../settled_days.ts";
import { timeLeft } from "../time_left.ts";

/** How a Teleport source is pulled. */
export interface TeleportPullOptions {
  /** Without them: all that an archive holds; of Athena the last seven days. */
  since?: Date | undefined;
  /** End of the window, itself excluded; now unless told. */
  until?: Date | undefined;
  /** Which sessions of the window; all unless told. */
  filter?: SessionFilter;
  /** Days that are done are asked again, recordings that were parsed are read again. */
  force?: boolean;
  /** Recordings are noted and not read. */
  withoutRecordings?: boolean;
  /** The clock that windows end by and rows are written by. */
  now: () => Date;
  /** The run that the pull is a part of; null: a pull by itself. */
  runId: number | null;
  /** Stops queries and downloads that are under way. */
  signal?: AbortSignal | undefined;
  /** Told what is being done, a line a step. */
  onStep?: ((text: string) => void) | undefined;
}

/** What came of it. */
export interface TeleportPulled {
  /** Sessions of the window, new or not. */
  sessions: number;
  /** Recordings that were read. */
  recordings: number;
  /** Those of them that are cut or damaged. */
  damaged: number;
  /** Days that Athena was asked for; null for an archive, which is read whole. */
  days: number | null;
  /** What Athena read and bills; null for an archive. */
  bytesScanned: number | null;
  /** Inputs that could not be had. */
  problems: string[];
}

type AthenaConfig = NonNullable<TeleportSourceConfig["events"]["athena"]>;

const DEFAULT_DAYS = 7;

/**
 * Pulls the sessions of a window and their recordings out of a Teleport source. Throws a
 * `QueryError` where its log can't be read, a `StorageError` where no recording can, and the
 * signal's reason; what was stored before stays, and the next pull goes on there.
 */
export async function pullTeleport(
  store: Store,
  source: TeleportSourceConfig,
  options: TeleportPullOptions,
): Promise<TeleportPulled> {
  const { athena } = source.events;
  using place = await openRecordings(source, { signal: options.signal });
  if (athena !== undefined) return await pullAthena(store, source, { ...options, athena, place });
  const pulled = await pullTeleportArchive(
    store,
    { ...filesOf(source.events)!, recordings: options.withoutRecordings ? null : place },
    { ...options, keepLabels: source.labels ?? [] },
  );
  const { sessions, recordings, damaged, problems } = pulled;
  return { sessions, recordings, damaged, days: null, bytesScanned: null, problems };
}

/** What a pull would read; queries nothing and stores nothing. */
export async function planTeleport(
  store: Store,
  source: TeleportSourceConfig,
  options: TeleportPullOptions,
): Promise<TeleportPlan> {
  const plan = await planLog(store, source, options);
  using place = options.withoutRecordings
    ? null
    : await openRecordings(source, { signal: options.signal });
  if (place === null) return { ...plan, recordings: 0, recordingBytes: 0 };
  const since = source.events.athena ? wholeDays(options).since : options.since;
  try {
    const bound = await boundRecordings(store, place, {
      ...{ sinceMs: since?.getTime() ?? 0, force: options.force },
      session: options.filter?.session,
    });
    return { ...plan, ...bound };
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    const unknown = plan.unknown === null ? error.message : `${plan.unknown}; ${error.message}`;
    return { ...plan, recordings: null, recordingBytes: null, unknown };
  }
}

async function planLog(
  store: Store,
  source: TeleportSourceConfig,
  options: TeleportPullOptions,
): Promise<LogPlan> {
  const { athena } = source.events;
  const files = filesOf(source.events);
  if (files !== null) {
    const { since, until } = options;
    const window = { ...(since && { since }), ...(until && { until }) };
    return await planFiles(files, window);
  }
  await using engine = await openEngine(athena!, options);
  return await planAthena(engine, piecesOf(store, source, options), {
    athena: athena!,
    keepsLabels: (source.labels ?? []).length > 0,
    aws: { signal: options.signal },
  });
}

/** Where events lie in local files; null where they do not. */
function filesOf(
  { archive, log }: TeleportSourceConfig["events"],
): { events: string; format: EventFormat } | null {
  if (archive !== undefined) return { events: archive, format: "parquet" };
  return log === undefined ? null : { events: log, format: "log" };
}

async function pullAthena(
  store: Store,
  source: TeleportSourceConfig,
  options: TeleportPullOptions & { athena: AthenaConfig; place: RecordingPlace | null },
): Promise<TeleportPulled> {
  const { athena, place, now, filter = {}, onStep = () => {} } = options;
  const doubts = clockProblems(store, source, options);
  const pieces = piecesOf(store, source, options);
  const total = pieces.reduce((sum, { days }) => sum + days.length, 0);
  const left = timeLeft(now, total);
  let asked = 0;
  await using engine = await openEngine(athena, options);
  const { sessions, days, bytesScanned } = await pullAthenaEvents(store, engine, {
    source: sourceName(source),
    table: `${athena.database}.${athena.table}`,
    ...{ pieces, place, filter, now, runId: options.runId },
    keepLabels: source.labels ?? [],
    onPiece(piece, told) {
      asked += piece.days.length;
      onStep(`${pieceText(piece, told)}; ${asked} of ${total} days${left(asked)}`);
    },
  });
  const read = place === null || options.withoutRecordings
    ? { recordings: 0, damaged: 0, problems: [] }
    : await readPending(store, place, { ...options, keepLabels: source.labels ?? [] });
  return { sessions, days, bytesScanned, ...read, problems: [...doubts, ...read.problems] };
}

/** What tells that the clock is wrong, or was: that a window gave no session means nothing then. */
function clockProblems(
  store: Store,
  source: TeleportSourceConfig,
  options: TeleportPullOptions,
): string[] {
  const [{ since }, now] = [windowOf(options), options.now()];
  const says = `the clock says ${now.toISOString()}`;
  const last = pulledWindows(store, sourceName(source)).at(-1)?.pulledAt;
  return [
    ...(since > now
      ? [`The window begins at ${since.toISOString()}, and ${says}: set the clock, or --since`]
      : []),
    ...(last !== undefined && isDoubted(last, now)
      ? [
        `The last pull was at ${last.toISOString()}, and ${says}: if that is wrong, set the ` +
        "clock and pull again",
      ]
      : []),
  ];
}

async function readPending(
  store: Store,
  place: RecordingPlace,
  options: TeleportPullOptions & { keepLabels: readonly string[] },
): Promise<Pick<TeleportPulled, "recordings" | "damaged" | "problems">> {
  const { now, filter = {}, force = false, keepLabels, onStep = () => {} } = options;
  const pending = pendingRecordings(store, { ...wholeDays(options), filter, all: force });
  if (pending.count > 0) onStep(`${pending.count} recordings to read`);
  const left = timeLeft(now, pending.count);
  const { recordings, damaged, problems } = await pullRecordings(store, pending.sessions(), {
    ...{ place, now, force, keepLabels, signal: options.signal },
    onDone(done, bytes) {
      if (done % STEP_RECORDINGS !== 0) return;
      onStep(`${done} of ${pending.count} recordings, ${formatSize(bytes)}${left(done)}`);
    },
  });
  return { recordings, damaged, problems };
}

function piecesOf(
  store: Store,
  source: TeleportSourceConfig,
  options: TeleportPullOptions,
): Piece[] {
  const now = options.now();
  const name = sourceName(source);
  const done = options.force ? new Set<string>() : settledDays(store, { source: name, now });
  return planPieces(windowOf(options), { now, done });
}

function windowOf({ since, until, now }: TeleportPullOptions): Window {
  const end = until ?? now();
  return { since: since ?? new Date(end.getTime() - DEFAULT_DAYS * DAY_MS), until: end };
}

/** The window with its first and last day made whole. */
function wholeDays(options: TeleportPullOptions): Window {
  const { since, until } = windowOf(options);
  return {
    since: new Date(Math.floor(since.getTime() / DAY_MS) * DAY_MS),
    until: new Date(Math.ceil(until.getTime() / DAY_MS) * DAY_MS),
  };
}

function openEngine(
  { region, workgroup, database, table, output }: AthenaConfig,
  { signal }: TeleportPullOptions,
): Promise<AthenaEngine> {
  const tables = { [TELEPORT_TABLE]: table };
  return openAthenaEngine({ region, workgroup, database, output, tables, signal });
}

function pieceText(
  { days }: Piece,
  { sessions, bytesScanned }: { sessions: number; bytesScanned: number },
): string {
  const span = days.length === 1 ? days[0] : `${days[0]} to ${days.at(-1)}`;
  return `${span}: ${sessions} sessions, ${formatSize(bytesScanned)} scanned`;
}
