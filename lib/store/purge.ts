import { toLabelValue } from "../model/label.ts";
import { keepOthersOut, noteRewrite, rewriteStore } from "./rewrite.ts";
import { openStore, type Store } from "./store.ts";
import { TABLES } from "./tables.ts";

/**
 * Whose sessions go (a principal, or an identity with all its principals), or those of which time:
 * begun in it, its end left out.
 */
export type PurgeScope =
  | { principal: string }
  | { since?: Date | undefined; before: Date };

/** Rows that a purge removes, by table; tables without any are left out. */
export type PurgeCounts = Record<string, number>;

/** What a purge would remove; nothing is removed. */
export function countPurge(store: Store, scope: PurgeScope): PurgeCounts {
  // the same statements, taken back
  let counts: PurgeCounts = {};
  try {
    store.transaction(() => {
      counts = removeRows(store, scope);
      throw new TakenBack();
    });
  } catch (error) {
    if (!(error instanceof TakenBack)) throw error;
  }
  return counts;
}

/**
 * Removes what the store at a path holds of a principal or a time: sessions with everything that
 * hangs on them (segments, aliases, labels and their history, notes, verdicts, answers of a model),
 * minutes of API calls, activities and correlations that they take part in, and where other rows
 * name the principal; labels and notes that they wrote are nobody's then. Then the file is written
 * anew, so that the bytes are gone as well. What names nobody stays: counts of what was read, money
 * that was spent. Throws a `StoreError` where another process has the store open; nothing is removed
 * then. One that is killed midway is finished by the next process that takes the store's lock.
 */
export function purge(path: string, scope: PurgeScope): PurgeCounts {
  using store = openStore(path);
  keepOthersOut(store);
  noteRewrite(path);
  const counts = store.transaction(() => removeRows(store, scope));
  rewriteStore(store);
  return counts;
}

class TakenBack extends Error {}

function removeRows(store: Store, scope: PurgeScope): PurgeCounts {
  const before = countRows(store);
  const { database } = store;
  database.exec("CREATE TEMP TABLE IF NOT EXISTS purged (session_id TEXT PRIMARY KEY) STRICT");
  database.exec("DELETE FROM temp.purged");
  if ("principal" in scope) removeOfPrincipal(store, scope.principal);
  else removeOfTime(store, scope);
  const after = countRows(store);
  const removed = Object.keys(TABLES).map((table): [string, number] => [
    table,
    before[table]! - after[table]!,
  ]);
  return Object.fromEntries(removed.filter(([, count]) => count > 0));
}

function countRows(store: Store): PurgeCounts {
  return Object.fromEntries(
    Object.keys(TABLES).map((table) => {
      const { rows } = store.statement(`SELECT count(*) AS rows FROM ${table}`).get()!;
      return [table, Number(rows)];
    }),
  );
}

/** Principals other than this one whose name it is a part of: a role's session, say. */
export function principalsNaming(store: Store, principal: string): string[] {
  return store.statement(
    `SELECT DISTINCT principal FROM sessions WHERE principal <> ?1 AND instr(principal, ?1) > 0
     ORDER BY principal LIMIT 100`,
  ).all(principal).map((row) => String(row["principal"]));
}

function removeOfPrincipal(store: Store, principal: string): void {
  const spellings = store.statement("SELECT DISTINCT principal FROM identities WHERE identity = ?")
    .all(principal).map((row) => String(row["principal"]));
  for (const spelling of new Set([principal, ...spellings])) removeSpelling(store, spelling);
}

function removeSpelling(store: Store, principal: string): void {
  store.statement("INSERT INTO temp.purged SELECT session_id FROM sessions WHERE principal = ?")
    .run(principal);
  removeSessions(store);
  for (const table of ["call_minutes", "call_minutes_changed", "activities", "identities"]) {
    const sql = table === "activities"
      ? "DELETE FROM subjects WHERE subject_id IN (SELECT subject_id FROM activities WHERE principal = ?)"
      : `DELETE FROM ${table} WHERE principal = ?`;
    store.statement(sql).run(principal);
  }
  // other sessions say it too: who took a role, an identity that is spelt as the principal is
  for (const sql of NAMING) store.statement(sql).run(principal);
  for (const value of new Set([principal, toLabelValue(principal)])) {
    for (const sql of LABELLED) store.statement(sql).run(value);
  }
}

/** Statements that take a principal out of what others' rows say. */
const NAMING = [
  ...["person", "delegator"].map((fact) =>
    `UPDATE call_minutes SET facts = json_set(facts, '$.${fact}', NULL)
     WHERE facts ->> '$.${fact}' = ?`
  ),
  "DELETE FROM notes WHERE instr(text, ?) > 0",
  ...["correlations", "contradictions", "correlation_limits", "identities"].map((table) =>
    `DELETE FROM ${table} WHERE identity = ?`
  ),
  "DELETE FROM correlations WHERE other_identity = ?",
  // what they said of others' sessions stands, and no longer that they did
  ...["labels", "label_history", "notes"].map((table) =>
    `UPDATE OR REPLACE ${table} SET set_by = 'manual:removed' WHERE set_by = 'manual:' || ?`
  ),
];

const LABELLED = [
  "DELETE FROM labels WHERE value = ?",
  "DELETE FROM label_history WHERE ? IN (old_value, new_value)",
];

function removeOfTime(store: Store, { since, before }: { since?: Date | undefined; before: Date }) {
  const range = [since?.toISOString() ?? "", before.toISOString()] as const;
  // without a begin the latest that it can have been
  const begun = "coalesce(started_at, ended_at, uploaded_at, updated_at)";
  store.statement(
    `INSERT INTO temp.purged SELECT session_id FROM sessions
     WHERE ${begun} >= ? AND ${begun} < ?`,
  ).run(...range);
  store.statement(
    `DELETE FROM call_minutes WHERE ${inSessionOf("JOIN temp.purged USING (session_id)")}`,
  )
    .run();
  removeSessions(store);
  // minutes that no session was made of yet
  store.statement(
    `DELETE FROM call_minutes WHERE minute >= ? AND minute < ? AND NOT ${inSessionOf("")}`,
  )
    .run(...range);
  store.statement(
    `DELETE FROM identities WHERE (substrate, principal) NOT IN (
       SELECT substrate, principal FROM sessions WHERE principal IS NOT NULL)`,
  ).run();
  store.statement(
    "DELETE FROM correlation_limits WHERE identity NOT IN (SELECT identity FROM identities WHERE identity IS NOT NULL)",
  ).run();
}

/** Whether a minute lies in a session of its driver. */
function inSessionOf(join: string): string {
  return `EXISTS (
    SELECT 1 FROM sessions ${join}
    WHERE sessions.principal = call_minutes.principal AND sessions.driver = call_minutes.driver
      AND sessions.substrate = call_minutes.substrate
      AND call_minutes.minute BETWEEN strftime('%Y-%m-%dT%H:%M:00.000Z', sessions.started_at)
        AND sessions.ended_at)`;
}

/** Removes the sessions of `purged`, with all that hangs on them or was computed of them. */
function removeSessions(store: Store): void {
  for (const sql of OF_SESSIONS) store.statement(sql).run();
}

const OF_SESSIONS = [
  // their members change: what was measured of them together is measured anew by the next run
  `DELETE FROM subjects WHERE subject_id IN (
     SELECT subject_id FROM activity_members JOIN temp.purged USING (session_id))`,
  "DELETE FROM skips WHERE uri IN (SELECT uri FROM recordings JOIN temp.purged USING (session_id))",
  "UPDATE pulls SET detail = NULL WHERE EXISTS (SELECT 1 FROM temp.purged WHERE instr(detail, session_id) > 0)",
  "DELETE FROM labels WHERE value IN (SELECT session_id FROM temp.purged)",
  `DELETE FROM label_history
   WHERE old_value IN (SELECT session_id FROM temp.purged)
      OR new_value IN (SELECT session_id FROM temp.purged)`,
  "DELETE FROM sessions WHERE session_id IN (SELECT session_id FROM temp.purged)",
  "DELETE FROM temp.purged",
];
