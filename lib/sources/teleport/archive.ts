import { QueryError } from "../../model/errors.ts";
import type { ArchiveEngine } from "../duckdb.ts";
import type { SourceSkip } from "../source_skip.ts";
import type { Window } from "./event_files.ts";
import { type EventFormat, type EventSource, eventSource } from "./event_source.ts";
import type { EventCounts } from "./log_counts.ts";
import { sourceSkips } from "./log_skips.ts";
import { AROUND_MS } from "./pull_days.ts";
import { beginReading, type SessionReading, type TeleportSession } from "./session_reader.ts";
import { windowValues } from "./window_values.ts";

export type { TeleportSession };

interface TeleportArchiveOptions extends Window {
  /** The folder `events` of External Audit Storage: `YYYY-MM-DD/*.parquet`; or a server's log. */
  events: string;
  /** What `events` is: `parquet`. */
  format?: EventFormat;
  /** Keys of the targets' labels that are wanted: none. */
  keepLabels?: readonly string[];
  /** Told of each file that was left out, and once of each reason why rows were. */
  onSkip?: (skip: SourceSkip) => void;
  /** Told once of the events that the days of the window hold. */
  onCounts?: (counts: EventCounts) => void;
  /** Told of each file whose lines were counted: what was told of it before holds no more. */
  onFile?: (uri: string) => void;
}

/** Behind it ISO dates have six digits, which no query takes. */
const LAST_MS = Date.UTC(9999, 11, 31);

/**
 * The sessions that have an event in the window `[since, until)`, in batches ordered by id. Each is
 * put together from all its events within a week around the window, so that whichever
 * window finds a session gives the same row. Files that can't be read, rows that can't be used and
 * events of unknown types are told to `onSkip` and never cost the rest. Throws a
 * {@link QueryError} when the folder can't be read.
 */
export async function* readTeleportSessions(
  engine: ArchiveEngine,
  options: TeleportArchiveOptions,
): AsyncGenerator<TeleportSession[]> {
  const { events, keepLabels = [], onSkip = () => {}, onFile = () => {} } = options;
  const source = eventSource(events, options.format);
  const window: Window = { since: options.since, until: options.until };
  const around: Window = {
    since: new Date(window.since.getTime() - AROUND_MS),
    until: new Date(Math.min(window.until.getTime() + AROUND_MS, LAST_MS)),
  };
  const listed = (await source.list(around, onSkip)).map(({ path }) => path);
  const files = await source.sound(engine, listed, onSkip);
  if (files.length === 0 || window.since >= window.until) return;
  const values = windowValues(window, around);
  await using reading = await begin(engine, { source, files, values, keepLabels, onSkip });
  if (reading === null) return;
  const lines = await source.lineSkips?.(engine, window);
  lines?.files.forEach(onFile);
  lines?.skips.forEach(onSkip);
  for (const skip of sourceSkips(reading.skips, () => events)) onSkip(skip);
  options.onCounts?.(reading.counts);
  yield* reading.sessions((count) =>
    onSkip({ uri: events, reason: "session id is not valid", detail: null, count })
  );
}

interface FilesToRead {
  source: EventSource;
  files: readonly string[];
  values: Readonly<Record<string, string>>;
  keepLabels: readonly string[];
  onSkip: (skip: SourceSkip) => void;
}

// What can't be read shows at the first rows, before a session was handed out. Then the readable
// files are found and read alone.
async function begin(
  engine: ArchiveEngine,
  options: FilesToRead,
): Promise<SessionReading | null> {
  try {
    return await start(engine, options);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    const files = await options.source.readable(engine, options.files, options.onSkip);
    if (files.length === options.files.length) throw error;
    return files.length === 0 ? null : await start(engine, { ...options, files });
  }
}

async function start(
  engine: ArchiveEngine,
  { source, files, values, keepLabels }: FilesToRead,
): Promise<SessionReading> {
  await source.open(engine, files);
  return await beginReading(engine, values, { keepLabels });
}
