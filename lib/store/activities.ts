import { API_SUBSTRATES, type ApiSubstrate } from "../model/call_minute.ts";
import type { SessionRow } from "../model/session.ts";
import type { ActivityRelation } from "../model/vocabulary.ts";
import { substratesOf } from "./api_sessions.ts";
import { readByHolder } from "./sessions_by_holder.ts";
import { setActivityMembers, upsertSubject } from "./sessions.ts";
import type { ResultRow } from "./statement.ts";
import type { Store } from "./store.ts";

/**
 * What is stored of an activity beside its members: what they agree on, and its span. Where several
 * principals are one identity's, that stands for the principal.
 */
type ActivityRow =
  & { activity_id: string; relation: ActivityRelation }
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
  ...["started_at", "ended_at", "duration_seconds", "relation"] as const,
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

/** A session as activities look at it; times in milliseconds since 1970. */
interface StoredPart {
  id: string;
  /**
   * The identity, where one is known that a provider stands for; else the principal: whoever chose a
   * name by himself is put together with nobody.
   */
  who: string;
  startedMs: number;
  endedMs: number;
}

const WHO = "CASE WHEN vouched = 1 THEN identity ELSE principal END";
// each has as many rows to look at
const OF_TERMINALS = API_SUBSTRATES.map((log) => `substrate NOT GLOB '${substratesOf(log)}'`)
  .join(" AND ");
const ENDED_AT = "coalesce(ended_at, started_at) AS ended_at";

function storedPart(row: ResultRow): StoredPart {
  const startedMs = Date.parse(String(row["started_at"]));
  return {
    id: String(row["session_id"]),
    who: String(row["who"]),
    startedMs,
    endedMs: Math.max(startedMs, Date.parse(String(row["ended_at"]))),
  };
}

/** A session on a terminal. */
interface StoredTerminal extends StoredPart {
  side: string;
  kind: string;
  login: string | null;
  target: string | null;
  scope: string | null;
}

/**
 * Sessions on terminals by whose they are and of what kind; with `byPlace` also by login and target;
 * then by begin and id. Holds those of one holder.
 */
export function* readTerminals(
  store: Store,
  { byPlace }: { byPlace: boolean },
): Generator<StoredTerminal> {
  const rows = readByHolder(store, {
    who: WHO,
    side:
      "CASE WHEN vouched = 1 THEN '' ELSE substr(substrate, 1, instr(substrate || '-', '-')) END",
    of: OF_TERMINALS,
    columns: `${ENDED_AT}, kind, login, target, scope`,
    where: "kind IN ('ssh', 'kube', 'pty')",
  });
  let together: StoredTerminal[] = [];
  for (const row of rows) {
    const terminal = storedTerminal(row);
    const [first] = together;
    if (first !== undefined && (first.side !== terminal.side || first.who !== terminal.who)) {
      yield* byKind(together, { byPlace });
      together = [];
    }
    together.push(terminal);
  }
  yield* byKind(together, { byPlace });
}

function storedTerminal(row: ResultRow): StoredTerminal {
  return {
    ...storedPart(row),
    ...{ side: String(row["side"]), kind: String(row["kind"]) },
    login: row["login"] as string | null,
    target: row["target"] as string | null,
    scope: row["scope"] as string | null,
  };
}

function byKind(
  terminals: readonly StoredTerminal[],
  { byPlace }: { byPlace: boolean },
): Iterable<StoredTerminal> {
  const groups = Map.groupBy(
    terminals,
    ({ kind, login, target, scope }) =>
      JSON.stringify(byPlace ? [kind, login, target, scope] : kind),
  );
  return groups.values().flatMap((group) => group);
}

/** A session of API calls. */
interface StoredApiPart extends StoredPart {
  /** The log its minutes are of. */
  log: ApiSubstrate;
}

/** What a service did on somebody's behalf is not the driver's own, and no part of an activity. */
const OWN_DRIVER = "driver <> 'aws-service' AND driver NOT GLOB 'aws-service *'";

/** Sessions of API calls by log and whose they are, then by begin and id. */
export function* readApiParts(store: Store): Generator<StoredApiPart> {
  const rows = readByHolder(store, {
    ...{ who: WHO, side: "substr(substrate, 1, 4)" },
    of: `NOT (${OF_TERMINALS})`,
    ...{ columns: ENDED_AT, where: `kind = 'api' AND ${OWN_DRIVER}` },
  });
  for (const row of rows) {
    const log = API_SUBSTRATES.find((name) => name.startsWith(String(row["side"])));
    if (log !== undefined) yield { ...storedPart(row), log };
  }
}

/** The sessions of a stored activity, in the order of their ids; none where there is no such. */
export function readMembers(store: Store, activityId: string): string[] {
  return store.statement(
    "SELECT session_id FROM activity_members WHERE subject_id = ? ORDER BY session_id",
  ).all(activityId).map((row) => String(row["session_id"]));
}

/** The activity that an id means, or six characters or more of its begin; null where none or several do. */
export function resolveActivityId(store: Store, id: string): string | null {
  if (!/^[0-9a-f]{6,32}$/.test(id)) return null;
  const found = store.statement(
    "SELECT subject_id FROM activities WHERE subject_id GLOB ? || '*' LIMIT 2",
  ).all(id);
  return found.length === 1 ? String(found[0]!["subject_id"]) : null;
}

/** What an activity was judged to be; a label set by hand goes first. */
export interface ActivityVerdict {
  activity_id: string;
  relation: ActivityRelation | null;
  sessions: number;
  operator_type: string | null;
  /** The probability of that type; null where it is not a machine's word. */
  confidence: number | null;
}

/** The activities that a session is part of, the one with most sessions first. */
export function readActivityVerdicts(store: Store, sessionId: string): ActivityVerdict[] {
  return store.statement(
    `SELECT activity.subject_id AS activity_id, activity.relation, (
       SELECT count(*) FROM activity_members AS every
       WHERE every.subject_id = activity.subject_id
     ) AS sessions, said.value AS operator_type, verdict.confidence
     FROM activity_members AS own JOIN activities AS activity USING (subject_id)
       LEFT JOIN labels AS said
         ON said.subject_id = activity.subject_id AND said.key = 'operator.type'
       LEFT JOIN verdicts AS verdict
         ON verdict.subject_id = activity.subject_id AND verdict.version = said.set_by
         AND verdict.operator_type = said.value
     WHERE own.session_id = ? ORDER BY sessions DESC, activity_id`,
  ).all(sessionId).map((row) => ({ ...row } as unknown as ActivityVerdict));
}

/** How many activities there are, by what they were judged to be. */
export function countActivities(store: Store): Record<string, number> {
  return Object.fromEntries(
    store.statement(
      `SELECT coalesce(value, 'unknown') AS type, count(*) AS count FROM activities
         LEFT JOIN labels ON labels.subject_id = activities.subject_id AND key = 'operator.type'
       GROUP BY type ORDER BY type`,
    ).all().map((row) => [String(row["type"]), Number(row["count"])]),
  );
}

/** Activities of API calls, or those on terminals, that are none of these; by id. */
export function readOtherActivities(
  store: Store,
  { api, than }: { api: boolean; than: ReadonlySet<string> },
): string[] {
  return store.statement(
    `SELECT subject_id FROM activities WHERE kind ${api ? "=" : "<>"} 'api' ORDER BY subject_id`,
  ).all().map((row) => String(row["subject_id"])).filter((id) => !than.has(id));
}

/**
 * The activity among these that most sessions of another one are in now, of several the one with the
 * fewest others; null where none has any.
 */
export function readSuccessor(
  store: Store,
  { of, among }: { of: string; among: ReadonlySet<string> },
): string | null {
  const found = store.statement(
    `SELECT heir.subject_id, count(*) AS shared, (
       SELECT count(*) FROM activity_members AS every WHERE every.subject_id = heir.subject_id
     ) AS members
     FROM activity_members AS own JOIN activity_members AS heir USING (session_id)
     WHERE own.subject_id = ? AND heir.subject_id <> own.subject_id
     GROUP BY heir.subject_id ORDER BY shared DESC, members, heir.subject_id`,
  ).all(of).map((row) => String(row["subject_id"]));
  return found.find((id) => among.has(id)) ?? null;
}

/** Notes that a session of API calls was measured anew: its activities are to be, too. */
export function noteMeasured(store: Store, sessionId: string): void {
  store.statement("INSERT OR IGNORE INTO sessions_measured VALUES (?)").run(sessionId);
}

/** Notes the same of those that a session which is about to go was one activity with. */
export function noteBereft(store: Store, sessionId: string): void {
  store.statement(
    `INSERT OR IGNORE INTO sessions_measured
     SELECT other.session_id FROM activity_members AS own
       JOIN activity_members AS other USING (subject_id)
     WHERE own.session_id = ?1 AND other.session_id <> ?1`,
  ).run(sessionId);
}

/** Whether one of these sessions was measured anew. */
export function wereMeasured(store: Store, sessionIds: readonly string[]): boolean {
  return store.statement(
    `SELECT 1 FROM sessions_measured
     WHERE session_id IN (SELECT value FROM json_each(?)) LIMIT 1`,
  ).get(JSON.stringify(sessionIds)) !== undefined;
}

/** Says that activities are as their sessions are. */
export function forgetMeasured(store: Store): void {
  store.statement("DELETE FROM sessions_measured").run();
}

/** Removes an activity and all that hangs on it; its sessions stay. */
export function removeActivity(store: Store, activityId: string): void {
  store.statement("DELETE FROM subjects WHERE subject_id = ? AND kind = 'activity'")
    .run(activityId);
}
