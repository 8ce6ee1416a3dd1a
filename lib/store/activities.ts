import type { ApiSubstrate } from "../model/call_minute.ts";
import type { SessionRow } from "../model/session.ts";
import { substratesOf } from "./api_sessions.ts";
import { setActivityMembers, upsertSubject } from "./sessions.ts";
import type { ResultRow } from "./statement.ts";
import type { Store } from "./store.ts";

/** What is stored of an activity beside its members: what they agree on, and its span. */
export type ActivityRow =
  & { activity_id: string }
  & Pick<
    SessionRow,
    | "substrate"
    | "kind"
    | "principal"
    | "login"
    | "target"
    | "scope"
    | "user_kind"
    | "started_at"
    | "ended_at"
    | "duration_seconds"
  >;

const COLUMNS = [
  ...["substrate", "kind", "principal", "login", "target", "scope", "user_kind"] as const,
  ...["started_at", "ended_at", "duration_seconds"] as const,
];

/** Writes an activity, its subject and its members, which must be there. */
export function putActivity(
  store: Store,
  row: ActivityRow,
  { members }: { members: readonly string[] },
): void {
  store.transaction(() => {
    upsertSubject(store, {
      ...{ subject_id: row.activity_id, kind: "activity", session_id: null },
      ...{ from_seconds: null, until_seconds: null },
    });
    store.statement(
      `INSERT INTO activities (subject_id, ${COLUMNS}) VALUES (?${", ?".repeat(COLUMNS.length)})
       ON CONFLICT DO UPDATE SET ${COLUMNS.map((name) => `${name} = excluded.${name}`)}`,
    ).run(row.activity_id, ...COLUMNS.map((name) => row[name]));
    setActivityMembers(store, row.activity_id, members);
  });
}

/** A stored activity; times in milliseconds since 1970. */
export interface StoredActivity {
  id: string;
  startedMs: number;
  endedMs: number;
  /** In the order of their ids. */
  members: string[];
}

/** The activities of a principal's API sessions, in order. */
export function readApiActivities(
  store: Store,
  { substrate, principal }: { substrate: ApiSubstrate; principal: string },
): StoredActivity[] {
  return store.statement(
    `SELECT subject_id, started_at, ended_at, (
       SELECT json_group_array(session_id) FROM activity_members
       WHERE activity_members.subject_id = activities.subject_id
     ) AS members
     FROM activities WHERE principal = ? AND kind = 'api' AND substrate GLOB ?
     ORDER BY started_at, subject_id`,
  ).all(principal, substratesOf(substrate)).map(storedActivity);
}

function storedActivity(row: ResultRow): StoredActivity {
  return {
    id: String(row["subject_id"]),
    startedMs: Date.parse(String(row["started_at"])),
    endedMs: Date.parse(String(row["ended_at"])),
    members: (JSON.parse(String(row["members"])) as string[]).sort(),
  };
}

/** A terminal session as activities look at it; `identity` holds login and target too. */
export interface StoredTerminal {
  id: string;
  identity: string;
  startedMs: number;
  endedMs: number;
}

/**
 * Sessions on terminals by whose they are (the identity, where it is known, else the principal), as
 * which login and on which target; then by begin and id.
 */
export function* readTerminals(store: Store): Generator<StoredTerminal> {
  const rows = store.database.prepare(
    `SELECT session_id, coalesce(
         identity, substr(substrate, 1, instr(substrate || '-', '-')) || ' ' || principal
       ) AS who, kind, login,
       target, scope, started_at, coalesce(ended_at, started_at) AS ended_at
     FROM sessions LEFT JOIN identities USING (substrate, principal)
     WHERE kind IN ('ssh', 'kube', 'pty') AND principal IS NOT NULL AND started_at IS NOT NULL
     ORDER BY who, kind, login, target, scope, started_at, session_id`,
  );
  for (const row of rows.iterate()) {
    const startedMs = Date.parse(String(row["started_at"]));
    yield {
      id: String(row["session_id"]),
      identity: JSON.stringify(
        [row["who"], row["kind"], row["login"], row["target"], row["scope"]],
      ),
      startedMs,
      endedMs: Math.max(startedMs, Date.parse(String(row["ended_at"]))),
    };
  }
}

/** The activities on terminals, by id. */
export function readTerminalActivities(store: Store): StoredActivity[] {
  return store.statement(
    `SELECT subject_id, started_at, ended_at, (
       SELECT json_group_array(session_id) FROM activity_members
       WHERE activity_members.subject_id = activities.subject_id
     ) AS members
     FROM activities WHERE kind <> 'api' ORDER BY subject_id`,
  ).all().map(storedActivity);
}

/** Removes an activity and all that hangs on it; its sessions stay. */
export function removeActivity(store: Store, activityId: string): void {
  store.statement("DELETE FROM subjects WHERE subject_id = ? AND kind = 'activity'")
    .run(activityId);
}
