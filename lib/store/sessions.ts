import type { SQLInputValue } from "node:sqlite";
import type { RecordingRow, SessionRow, SubjectRow } from "../model/session.ts";
import { putLabel } from "./label_rows.ts";
import { storableText, storableValue } from "./statement.ts";
import type { Store } from "./store.ts";

/** What an upsert did. */
type UpsertOutcome = "inserted" | "updated" | "unchanged";

const SESSION_COLUMNS = [
  ...["session_id", "substrate", "kind", "principal", "login", "target", "scope", "driver"],
  ...["user_kind", "started_at", "ended_at", "duration_seconds", "uploaded_at", "no_recording"],
] as const satisfies readonly (keyof SessionRow)[];

const RECORDING_COLUMNS = [
  ...["recording_id", "session_id", "uri", "bytes", "format", "state", "error", "error_offset"],
  ...["parts", "events", "events_unknown", "events_skipped", "extractor_version"],
] as const satisfies readonly (keyof RecordingRow)[];

const SUBJECT_COLUMNS = [
  ...["subject_id", "kind", "session_id", "from_seconds", "until_seconds"],
] as const satisfies readonly (keyof SubjectRow)[];

const SELECT_SESSION = `SELECT ${SESSION_COLUMNS} FROM sessions WHERE session_id = ?`;
const INSERT_SESSION = `INSERT INTO sessions (${SESSION_COLUMNS}, updated_at)
  VALUES (${placeholders(SESSION_COLUMNS)}, ?)`;
const UPDATE_SESSION = `UPDATE sessions
  SET ${assignments(SESSION_COLUMNS.slice(1))}, updated_at = ? WHERE session_id = ?`;

const SELECT_RECORDING = `SELECT ${RECORDING_COLUMNS} FROM recordings WHERE recording_id = ?`;
const INSERT_RECORDING = `INSERT INTO recordings (${RECORDING_COLUMNS})
  VALUES (${placeholders(RECORDING_COLUMNS)})`;
const UPDATE_RECORDING = `UPDATE recordings
  SET ${assignments(RECORDING_COLUMNS.slice(1))} WHERE recording_id = ?`;

/** A session as it is stored; null where there is none of that id. */
export function readSession(store: Store, sessionId: string): SessionRow | null {
  const row = store.statement(SELECT_SESSION).get(currentId(store, sessionId));
  return row === undefined ? null : { ...row } as unknown as SessionRow;
}

/**
 * Writes a session, its subject and its label `substrate.kind`. A null never overwrites a known
 * value, but for `no_recording`: it goes when a recording turns up; with `whole` every column is as
 * the row says. `updated_at` changes only when a column does. An id that became an alias means the
 * session it leads to.
 */
export function upsertSession(
  store: Store,
  row: SessionRow,
  { whole = false }: { whole?: boolean } = {},
): UpsertOutcome {
  return store.transaction(() => {
    const session_id = currentId(store, row.session_id);
    const now = store.now().toISOString();
    const known = store.statement(SELECT_SESSION).get(session_id);
    const values = SESSION_COLUMNS.map((name): SQLInputValue =>
      name === "session_id" ? session_id : storableValue(
        row[name] ?? (whole || name === "no_recording" ? null : known?.[name]) ?? null,
      )
    );
    let outcome: UpsertOutcome = "unchanged";
    if (known === undefined) {
      store.statement(INSERT_SESSION).run(...values, now);
      upsertSubject(store, sessionSubject(session_id));
      outcome = "inserted";
    } else if (SESSION_COLUMNS.some((name, i) => known[name] !== values[i])) {
      store.statement(UPDATE_SESSION).run(...values.slice(1), now, session_id);
      outcome = "updated";
    }
    const label = { subject_id: session_id, key: "substrate.kind", value: row.substrate };
    putLabel(store, { ...label, set_by: "ingest", set_at: now });
    return outcome;
  });
}

/**
 * Writes a recording as a whole row; its session must be there. `pending` and `missing` don't
 * replace what an earlier reading found: its features are still in the store.
 */
export function upsertRecording(store: Store, row: RecordingRow): UpsertOutcome {
  return store.transaction(() => {
    const known = store.statement(SELECT_RECORDING).get(row.recording_id);
    const session_id = currentId(store, row.session_id);
    const values = RECORDING_COLUMNS.map((name): SQLInputValue =>
      name === "session_id" ? session_id : storableValue(row[name])
    );
    if (known === undefined) {
      store.statement(INSERT_RECORDING).run(...values);
      return "inserted";
    }
    const unread = row.state === "pending" || row.state === "missing";
    if (unread && (known["state"] === "parsed" || known["state"] === "truncated")) {
      return "unchanged";
    }
    if (RECORDING_COLUMNS.every((name, i) => known[name] === values[i])) return "unchanged";
    store.statement(UPDATE_RECORDING).run(...values.slice(1), row.recording_id);
    return "updated";
  });
}

/** The recordings of a session, in the order of their ids. */
export function recordingsOf(store: Store, sessionId: string): RecordingRow[] {
  const rows = store.statement(
    `SELECT ${RECORDING_COLUMNS} FROM recordings WHERE session_id = ? ORDER BY recording_id`,
  ).all(currentId(store, sessionId));
  return rows.map((row) => ({ ...row }) as unknown as RecordingRow);
}

/**
 * Recordings that this version of the extractor has read and would read the same again. Truncated
 * and failed ones are not among them: the rest may have arrived since.
 */
export function recordingsParsed(store: Store, extractorVersion: string): ReadonlySet<string> {
  const rows = store.statement(
    `SELECT recording_id FROM recordings
     WHERE extractor_version = ? AND state IN ('parsed', 'encrypted', 'unsupported')`,
  ).all(extractorVersion);
  return new Set(rows.map((row) => String(row["recording_id"])));
}

/** Writes a subject; that of a session comes with {@link upsertSession}. */
export function upsertSubject(store: Store, row: SubjectRow): void {
  store.statement(
    `INSERT INTO subjects (${SUBJECT_COLUMNS}) VALUES (${placeholders(SUBJECT_COLUMNS)})
     ON CONFLICT (subject_id) DO UPDATE SET kind = excluded.kind, session_id = excluded.session_id,
       from_seconds = excluded.from_seconds, until_seconds = excluded.until_seconds`,
  ).run(...SUBJECT_COLUMNS.map((name) => row[name]));
}

/** Makes an activity consist of exactly these sessions. */
export function setActivityMembers(
  store: Store,
  activityId: string,
  sessionIds: readonly string[],
): void {
  const members = JSON.stringify(sessionIds.map(storableText));
  store.transaction(() => {
    store.statement(
      `DELETE FROM activity_members WHERE subject_id = ?
         AND session_id NOT IN (SELECT value FROM json_each(?))`,
    ).run(activityId, members);
    store.statement(
      `INSERT OR IGNORE INTO activity_members (subject_id, session_id)
       SELECT ?, value FROM json_each(?)`,
    ).run(activityId, members);
  });
}

/**
 * Makes `alias` another name of a session. Where `alias` is itself a session with rows of its own,
 * use `moveSession()`.
 */
export function addAlias(store: Store, alias: string, sessionId: string): void {
  if (alias === sessionId) return;
  store.statement(
    `INSERT INTO session_aliases (alias, session_id) VALUES (?, ?)
     ON CONFLICT (alias) DO UPDATE SET session_id = excluded.session_id`,
  ).run(alias, sessionId);
}

/** Shortest prefix of an id that {@link resolveSessionId} takes. */
const SHORTEST_PREFIX = 6;

/**
 * The session that an id, an alias, or a prefix of one (6 characters or more) means; null where
 * none does or several do.
 */
export function resolveSessionId(store: Store, id: string): string | null {
  const exact = currentId(store, id);
  if (store.statement(SELECT_SESSION).get(exact) !== undefined) return exact;
  if (id.length < SHORTEST_PREFIX) return null;
  const end = `${id}\u{10ffff}`;
  const found = store.statement(
    `SELECT session_id FROM (
       SELECT session_id FROM sessions WHERE session_id >= ?1 AND session_id < ?2
       UNION
       SELECT session_id FROM session_aliases WHERE alias >= ?1 AND alias < ?2
     ) LIMIT 2`,
  ).all(id, end);
  return found.length === 1 ? String(found[0]!["session_id"]) : null;
}

export function currentId(store: Store, id: string): string {
  const found = store.statement("SELECT session_id FROM session_aliases WHERE alias = ?").get(id);
  return found === undefined ? storableText(id) : String(found["session_id"]);
}

function sessionSubject(session_id: string): SubjectRow {
  return {
    subject_id: session_id,
    kind: "session",
    session_id,
    from_seconds: null,
    until_seconds: null,
  };
}

function placeholders(columns: readonly string[]): string {
  return columns.map(() => "?").join(", ");
}

function assignments(columns: readonly string[]): string {
  return columns.map((name) => `${name} = ?`).join(", ");
}
