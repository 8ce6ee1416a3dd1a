import { z } from "zod";
import { QueryError } from "../../model/errors.ts";
import type { SessionRow } from "../../model/session.ts";
import { type ArchiveEngine, type ArchiveRow, OUT_OF_MEMORY } from "../duckdb.ts";
import { type QueryFile, readQueryFile } from "../query_file.ts";
import { isSessionId } from "../session_id.ts";
import type { SourceSkip } from "../source_skip.ts";
import { CommandReader, type SessionCommands } from "./command_rows.ts";
import { eventFiles, openEvents, readableFiles, soundFiles, type Window } from "./event_files.ts";
import { recordingIdsOf, sessionOfRow, sessionQueryRow } from "./session_row.ts";
import { windowValues } from "./window_values.ts";

/** A session as the audit log tells of it. */
export interface TeleportSession {
  session: SessionRow;
  /** An upload was seen: a recording is durable under each of `recordingIds`. */
  expectsRecording: boolean;
  /** The session's own id; for an application session the ids of its chunks. */
  recordingIds: string[];
  /** Nothing but the upload was seen, so `kind` is a guess that a recording may correct. */
  uploadOnly: boolean;
  /** Its exec and BPF events; null where the log has none. */
  commands: SessionCommands | null;
}

export interface TeleportArchiveOptions extends Window {
  /** The folder `events` of External Audit Storage: `YYYY-MM-DD/*.parquet`. */
  events: string;
  /** Days before and after the window in which the rest of its sessions is looked for: 7. */
  lookBackDays?: number;
  /** Told of each file that was left out, and once of each reason why rows were. */
  onSkip?: (skip: SourceSkip) => void;
}

const SESSIONS = readQueryFile(new URL("./sessions.sql", import.meta.url));
const MALFORMED = readQueryFile(new URL("./malformed.sql", import.meta.url));
const UNKNOWN_TYPES = readQueryFile(new URL("./unknown_types.sql", import.meta.url));
const DAY_MS = 86_400_000;
const MAX_NAMED_TYPES = 20;
/** Behind it ISO dates have six digits, which no query takes. */
const LAST_MS = Date.UTC(9999, 11, 31);

/**
 * The sessions that have an event in the window `[since, until)`, in batches ordered by id. Each is
 * put together from all its events within `lookBackDays` around the window, so that whichever
 * window finds a session gives the same row. Files that can't be read, rows that can't be used and
 * events of unknown types are told to `onSkip` and never cost the rest. Throws a
 * {@link QueryError} when the folder can't be read.
 */
export async function* readTeleportSessions(
  engine: ArchiveEngine,
  options: TeleportArchiveOptions,
): AsyncGenerator<TeleportSession[]> {
  const { events, onSkip = () => {} } = options;
  const window: Window = { since: options.since, until: options.until };
  const aroundMs = (options.lookBackDays ?? 7) * DAY_MS;
  const around: Window = {
    since: new Date(window.since.getTime() - aroundMs),
    until: new Date(Math.min(window.until.getTime() + aroundMs, LAST_MS)),
  };
  const files = await soundFiles(engine, await eventFiles(events, around, onSkip), onSkip);
  if (files.length === 0 || window.since >= window.until) return;
  const values = windowValues(window, around);
  const reading = await begin(engine, { files, values, onSkip });
  if (reading === null) return;
  try {
    for (const skip of reading.skips) onSkip({ uri: events, ...skip });
    let badIds = 0;
    let batch = reading.first;
    while (!batch.done) {
      const sessions: TeleportSession[] = [];
      for (const row of batch.value) {
        const session = await teleportSession(row, reading.commands);
        if (session !== null) sessions.push(session);
        else badIds++;
      }
      if (sessions.length > 0) yield sessions;
      batch = await reading.sessions.next();
    }
    if (badIds > 0) {
      onSkip({ uri: events, reason: "session id is not valid", detail: null, count: badIds });
    }
  } finally {
    await reading.sessions.return(undefined);
    await reading.commands.close();
  }
}

async function teleportSession(
  unchecked: ArchiveRow,
  commands: CommandReader,
): Promise<TeleportSession | null> {
  const row = sessionQueryRow.parse(unchecked);
  if (!isSessionId(row.session_id)) return null;
  const recordingIds = recordingIdsOf(row);
  return {
    session: sessionOfRow(row),
    expectsRecording: recordingIds.length > 0,
    recordingIds,
    uploadOnly: row.kind === null,
    commands: await commands.of(row.session_id),
  };
}

type RowSkip = Omit<SourceSkip, "uri">;

interface Reading {
  skips: RowSkip[];
  commands: CommandReader;
  sessions: AsyncGenerator<ArchiveRow[]>;
  first: IteratorResult<ArchiveRow[]>;
}

interface ReadingOptions {
  files: readonly string[];
  values: Readonly<Record<string, string>>;
  onSkip: (skip: SourceSkip) => void;
}

// All queries sort, so that by their first rows every page was read: a broken page shows here,
// before a session was handed out. Then the readable files are found and read alone.
async function begin(engine: ArchiveEngine, options: ReadingOptions): Promise<Reading | null> {
  try {
    return await start(engine, options);
  } catch (error) {
    if (!(error instanceof QueryError) || error.cause === OUT_OF_MEMORY) throw error;
    const files = await readableFiles(engine, options.files, options.onSkip);
    if (files.length === options.files.length) throw error;
    return files.length === 0 ? null : await start(engine, { ...options, files });
  }
}

async function start(engine: ArchiveEngine, options: ReadingOptions): Promise<Reading> {
  const { files, values } = options;
  await openEvents(engine, files);
  const skips = await readSkips(engine, values);
  const commands = new CommandReader(engine, values);
  const sessions = engine.query(SESSIONS, values);
  try {
    await commands.start();
    return { skips, commands, sessions, first: await sessions.next() };
  } catch (error) {
    await commands.close();
    throw error;
  }
}

const malformedRow = z.object({ reason: z.string(), row_count: z.number().int() });
const unknownTypeRow = z.object({
  event_type: z.string().nullable(),
  row_count: z.number().int(),
});

async function readSkips(
  engine: ArchiveEngine,
  windowed: Readonly<Record<string, string>>,
): Promise<RowSkip[]> {
  const values = {
    ...windowed,
    first_day: windowed.window_first_day ?? "",
    last_day: windowed.window_last_day ?? "",
  };
  const skips: RowSkip[] = [];
  const rows = async function* (query: QueryFile) {
    for await (const batch of engine.query(query, values)) yield* batch;
  };
  for await (const row of rows(MALFORMED)) {
    const { reason, row_count } = malformedRow.parse(row);
    skips.push({ reason, detail: null, count: row_count });
  }
  const types: string[] = [];
  let unknown = 0;
  for await (const row of rows(UNKNOWN_TYPES)) {
    const { event_type, row_count } = unknownTypeRow.parse(row);
    if (event_type !== null) types.push(event_type);
    unknown += row_count;
  }
  if (unknown > 0) {
    const detail = types.slice(0, MAX_NAMED_TYPES).join(", ") || null;
    skips.push({ reason: "event type is not known", detail, count: unknown });
  }
  return skips;
}
