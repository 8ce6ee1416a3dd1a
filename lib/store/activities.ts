import type { ApiSubstrate } from "../model/call_minute.ts";
import type { SessionRow } from "../model/session.ts";
import { substratesOf } from "./api_sessions.ts";
import { setActivityMembers, upsertSubject } from "./sessions.ts";
import type { Store } from "./store.ts";

/** What is stored of an activity beside its members: what they agree on, and its span. */
export type ActivityRow =
  & { activity_id: string }
  & Pick<
    SessionRow,
    | "substrate"
    | "kind"
    | "principal"
    | "target"
    | "scope"
    | "user_kind"
    | "started_at"
    | "ended_at"
    | "duration_seconds"
  >;

const COLUMNS = [
  ...["substrate", "kind", "principal", "target", "scope", "user_kind"] as const,
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
  ).all(principal, substratesOf(substrate)).map((row) => ({
    id: String(row["subject_id"]),
    startedMs: Date.parse(String(row["started_at"])),
    endedMs: Date.parse(String(row["ended_at"])),
    members: (JSON.parse(String(row["members"])) as string[]).sort(),
  }));
}

/** Removes an activity and all that hangs on it; its sessions stay. */
export function removeActivity(store: Store, activityId: string): void {
  store.statement("DELETE FROM subjects WHERE subject_id = ? AND kind = 'activity'")
    .run(activityId);
}
