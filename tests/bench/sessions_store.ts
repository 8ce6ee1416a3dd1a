import { fileURLToPath } from "node:url";
import { parseRecordings } from "../../lib/pipeline/recordings/parse_recordings.ts";
import { openStore, type Store } from "../../lib/store/store.ts";

const FIXTURES = fileURLToPath(new URL("../../fixtures", import.meta.url));

/**
 * Fills a store with many sessions: those of the fixtures, again and again under other ids, each
 * copy with measured times a little longer than the one before. Features, labels and segments are
 * as the pipeline stores them.
 */
export async function fillStore(path: string, sessions: number): Promise<void> {
  using store = openStore(path);
  await parseRecordings([`${FIXTURES}/casts`, `${FIXTURES}/teleport/sessions`], {
    ...{ store, now: new Date(0) },
  });
  store.database.exec(
    "DELETE FROM label_history; DELETE FROM pty_rhythm; DELETE FROM notable_events",
  );
  const tables = ["sessions", "recordings", "subjects", "labels"];
  const features = tablesLike(store, "features_%");
  while (count(store) < sessions) {
    const copy = count(store);
    store.transaction(() => {
      for (const table of [...tables, ...features]) copyRows(store, table, copy);
    });
  }
  store.database.prepare(
    "DELETE FROM subjects WHERE session_id IN (SELECT session_id FROM sessions LIMIT -1 OFFSET ?)",
  ).run(sessions);
  store.database.prepare(
    "DELETE FROM sessions WHERE session_id IN (SELECT session_id FROM sessions LIMIT -1 OFFSET ?)",
  ).run(sessions);
  store.database.exec("ANALYZE");
}

function count(store: Store): number {
  return Number(store.database.prepare("SELECT count(*) AS n FROM sessions").get()!["n"]);
}

function tablesLike(store: Store, pattern: string): string[] {
  return store.database.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE ?",
  )
    .all(pattern).map((row) => String(row["name"]));
}

/** Every row once more, its ids with the number of the copy before them. */
function copyRows(store: Store, table: string, copy: number): void {
  const columns = store.database.prepare("SELECT name, type FROM pragma_table_info(?)").all(table);
  const ids = ["subject_id", "session_id", "recording_id"];
  const values = columns.map((column) => {
    const name = String(column["name"]);
    if (ids.includes(name)) return `'${copy}-' || ${name}`;
    return column["type"] === "REAL" ? `${name} * 1.003` : name;
  });
  const names = columns.map((column) => String(column["name"]));
  store.database.exec(`INSERT INTO ${table} (${names}) SELECT ${values} FROM ${table}`);
}

/**
 * Fills a store with one row a session and its features of the terminal, all made up by SQLite: fast
 * enough for a million. Verdicts are there, labels besides `operator.type` are not.
 */
export function fillWithRows(path: string, sessions: number): void {
  using store = openStore(path);
  const { database } = store;
  const columns = database.prepare("SELECT name, type FROM pragma_table_info('features_pty')").all()
    .map((row) => ({ name: String(row["name"]), type: String(row["type"]) }))
    .filter(({ name }) => name !== "subject_id");
  const values = columns.map(({ name, type }, i) =>
    name === "pty_bracketed_paste"
      ? "n % 2"
      : type === "REAL"
      ? `(n * ${i + 7} % 1000) / 3.0`
      : `n * ${i + 7} % 1000`
  );
  store.transaction(() => {
    database.exec("CREATE TEMP TABLE numbers (n INTEGER PRIMARY KEY, id TEXT) STRICT");
    database.prepare(
      `INSERT INTO numbers SELECT value, printf('%08x-0000-4000-8000-%012x', value, value)
       FROM (WITH RECURSIVE up(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM up LIMIT ?)
         SELECT value FROM up)`,
    ).run(sessions);
    database.exec(
      `INSERT INTO sessions (session_id, substrate, kind, principal, login, target, started_at,
         duration_seconds, updated_at)
       SELECT id, 'teleport-recording', 'ssh', 'person-' || n % 997 || '@example.com',
         'login-' || n % 7, 'node-' || n % 89,
         strftime('%Y-%m-%dT%H:%M:%fZ', 1750000000 + n, 'unixepoch'), n % 3600 / 2.0,
         '2026-01-01T00:00:00.000Z' FROM numbers;
       INSERT INTO subjects (subject_id, kind, session_id) SELECT id, 'session', id FROM numbers;
       INSERT INTO labels (subject_id, key, value, set_by, set_at)
       SELECT id, 'operator.type', 'human', 'phase1@0', '2026-01-01T00:00:00.000Z' FROM numbers;
       INSERT INTO verdicts (subject_id, writer, version, operator_type, confidence, distribution,
         reason, evidence, set_at)
       SELECT id, 'phase1', 'phase1@0', 'human', 0.9, '{}', '', '[]', '2026-01-01T00:00:00.000Z'
       FROM numbers;
       INSERT INTO features_pty (subject_id, ${columns.map(({ name }) => name)})
       SELECT id, ${values} FROM numbers;
       DROP TABLE numbers`,
    );
  });
}
