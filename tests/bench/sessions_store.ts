import { fileURLToPath } from "node:url";
import { parseRecordings } from "../../lib/pipeline/parse_recordings.ts";
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
