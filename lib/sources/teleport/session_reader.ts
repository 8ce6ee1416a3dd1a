import type { SessionAddresses } from "../../model/address.ts";
import type { SessionRow } from "../../model/session.ts";
import type { TeleportFacts } from "../../model/teleport_facts.ts";
import type { QueryEngine, QueryRow } from "../query_engine.ts";
import { readQueryFile } from "../query_file.ts";
import { isSessionId } from "../session_id.ts";
import { CommandReader, type SessionCommands } from "./command_rows.ts";
import { type LogCounts, readLogCounts } from "./log_counts.ts";
import {
  recordingIdsOf,
  sessionOfRow,
  sessionQueryRow,
  teleportFactsOfRow,
} from "./session_row.ts";
import { TargetLabelReader } from "./target_labels.ts";

/** A session as the audit log tells of it. */
export interface TeleportSession {
  session: SessionRow;
  /**
   * Under which a recording is durable, for an upload was seen: the session's own id; for an
   * application session the ids of its chunks.
   */
  recordingIds: string[];
  /** Nothing but the upload was seen, so `kind` is a guess that a recording may correct. */
  uploadOnly: boolean;
  /** Its exec and BPF events and Kubernetes requests; null where the log has none. */
  commands: SessionCommands | null;
  /** From where it was opened, and with which its host called others; absent as `facts` are. */
  addresses?: SessionAddresses;
  /** What Teleport says beside the row; absent where the log was not asked. */
  facts?: TeleportFacts;
}

/** How a window is read. */
interface ReadingOptions {
  /** The queries run side by side. */
  together?: boolean;
  /** Keys of the labels of servers, clusters, databases and so on that are wanted: none. */
  keepLabels?: readonly string[];
}

/** The queries of a window, begun: each has given its first rows. */
export interface SessionReading extends AsyncDisposable, Readonly<LogCounts> {
  /** Sessions in batches, ordered by id. Ids that are no ids are told to `onBadId`, with a count. */
  sessions(onBadId: (count: number) => void): AsyncGenerator<TeleportSession[]>;
}

const SESSIONS = readQueryFile(new URL("./sessions.sql", import.meta.url));

/**
 * Begins to read the sessions that have an event in a window out of the table `teleport_events` of
 * any engine; `values` come from `windowValues()`. All queries sort, so that by their first rows
 * everything was read: what is broken shows here, before a session was handed out.
 */
export async function beginReading(
  engine: QueryEngine,
  values: Readonly<Record<string, string>>,
  { together = false, keepLabels = [] }: ReadingOptions = {},
): Promise<SessionReading> {
  const commands = new CommandReader(engine, values);
  const labels = new TargetLabelReader(engine, values, keepLabels);
  const rows = engine.query(SESSIONS, values);
  const steps = [
    () => readLogCounts(engine, values),
    () => commands.start(),
    () => rows.next(),
    () => labels.start(),
  ];
  const stop = async () => await engine.stopRunning?.();
  const close = async () => {
    await rows.return(undefined);
    await commands.close();
    await labels.close();
  };
  try {
    const [counts, , first] = (together ? await allOf(steps, stop) : await inTurn(steps)) as [
      LogCounts,
      void,
      IteratorResult<QueryRow[]>,
    ];
    return {
      ...counts,
      sessions: (onBadId) => readSessions({ rows, first, commands, labels, onBadId }),
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

type Step = () => Promise<unknown>;

async function inTurn(steps: readonly Step[]): Promise<unknown[]> {
  const results: unknown[] = [];
  for (const step of steps) results.push(await step());
  return results;
}

/** Waits for all, also where one fails: then the others are stopped, since they cost money. */
async function allOf(steps: readonly Step[], stop: () => Promise<void>): Promise<unknown[]> {
  const faults: unknown[] = [];
  const results = await Promise.all(steps.map((step) =>
    step().catch(async (fault) => {
      faults.push(fault);
      if (faults.length === 1) await stop();
    })
  ));
  if (faults.length > 0) throw faults[0];
  return results;
}

/** What is read beside the rows, in their order. */
interface Readers {
  commands: CommandReader;
  labels: TargetLabelReader;
}

async function* readSessions(
  { rows, first, onBadId, ...readers }: Readers & {
    rows: AsyncGenerator<QueryRow[]>;
    first: IteratorResult<QueryRow[]>;
    onBadId: (count: number) => void;
  },
): AsyncGenerator<TeleportSession[]> {
  let badIds = 0;
  for (let batch = first; !batch.done; batch = await rows.next()) {
    const sessions: TeleportSession[] = [];
    for (const row of batch.value) {
      const session = await teleportSession(row, readers);
      if (session !== null) sessions.push(session);
      else badIds++;
    }
    if (sessions.length > 0) yield sessions;
  }
  if (badIds > 0) onBadId(badIds);
}

async function teleportSession(
  unchecked: QueryRow,
  { commands, labels }: Readers,
): Promise<TeleportSession | null> {
  const row = sessionQueryRow.parse(unchecked);
  if (!isSessionId(row.session_id)) return null;
  const target_labels = await labels.of(row.session_id);
  return {
    session: sessionOfRow(row),
    recordingIds: recordingIdsOf(row),
    uploadOnly: row.kind === null,
    ...await commands.of(row.session_id),
    facts: { ...teleportFactsOfRow(row), ...(target_labels && { target_labels }) },
  };
}
