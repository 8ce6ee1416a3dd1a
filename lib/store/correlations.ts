import {
  type Contradiction,
  type ContradictionKind,
  CONTRADICTIONS,
  type Correlation,
  CORRELATION_TIERS,
  type CorrelationEvidence,
  type CorrelationTier,
  type Trace,
} from "../model/correlation.ts";
import { sideOf } from "../model/identity.ts";
import type { SessionRow } from "../model/session.ts";
import type { VerdictRow } from "../model/verdict.ts";
import { emptyTable } from "./empty_table.ts";
import { readByHolder } from "./sessions_by_holder.ts";
import type { ResultRow } from "./statement.ts";
import type { Store } from "./store.ts";
import { storedJson } from "./stored_json.ts";

/** A session whose principal is known. */
export interface StoredTrace extends Trace, Pick<SessionRow, "substrate"> {
  /** Who, as the substrate spells it. */
  principal: string;
  /** Whether a provider of identities stands for the principal; else whoever acted chose the name. */
  vouched: boolean;
}

/** Sessions of known identities by identity, begin and id; those without a begin are left out. */
export function* readTraces(store: Store): Generator<StoredTrace> {
  const rows = readByHolder(store, {
    ...{ who: "identity", of: "state = 'matched'" },
    // of nothing but what sessions_by_principal holds
    columns: "coalesce(ended_at, started_at) AS ended_at",
  });
  for (const row of rows) yield storedTrace(row);
}

/** A session as its row and its identity's say. */
export function storedTrace(row: ResultRow): StoredTrace {
  const startedMs = Date.parse(String(row["started_at"]));
  return {
    id: String(row["session_id"]),
    identity: String(row["identity"] ?? ""),
    vouched: row["vouched"] === 1,
    side: sideOf(String(row["substrate"])),
    substrate: row["substrate"] as StoredTrace["substrate"],
    principal: String(row["principal"]),
    startedMs,
    endedMs: Math.max(startedMs, Date.parse(String(row["ended_at"]))),
  };
}

/** The driver of a session, `family address`; empty where it has none. */
export function readDriver(store: Store, sessionId: string): string {
  const row = store.statement("SELECT driver FROM sessions WHERE session_id = ?").get(sessionId);
  return String(row?.["driver"] ?? "");
}

/** What was said of a session. */
export interface Said {
  labels: Readonly<Record<string, string>>;
  /** Of two writers' that of phase 2. */
  verdict: Pick<VerdictRow, "operator_type" | "confidence" | "distribution"> | null;
  /** Whether one writer says that the driver changed. */
  isMixed: boolean;
}

/** The labels of a session and what its verdicts say, in one look-up. */
export function readSaid(store: Store, sessionId: string): Said {
  const row = store.statement(
    `SELECT (SELECT json_group_object(key, value) FROM labels WHERE subject_id = ?1) AS labels,
       (SELECT 1 FROM verdicts WHERE subject_id = ?1 AND operator_type = 'mixed') AS mixed,
       operator_type, confidence, distribution
     FROM (SELECT 1) LEFT JOIN verdicts ON subject_id = ?1 ORDER BY writer DESC LIMIT 1`,
  ).get(sessionId)!;
  const { operator_type, confidence, distribution } = row;
  return {
    labels: JSON.parse(String(row["labels"])),
    isMixed: row["mixed"] !== null,
    verdict: operator_type === null ? null : {
      operator_type: operator_type as VerdictRow["operator_type"],
      confidence: confidence as number | null,
      distribution: distribution === null
        ? null
        : storedJson(store, "verdicts.distribution", distribution),
    },
  };
}

/** Removes all that was correlated before, some a step. */
export function* clearCorrelations(store: Store): Generator<void> {
  yield* emptyTable(store, "correlations", { key: "correlation_id" });
  yield* emptyTable(store, "contradictions", { key: "contradiction_id" });
  yield* emptyTable(store, "correlation_limits", { key: "identity" });
}

export function putCorrelation(store: Store, correlation: Correlation): void {
  const { id, identity, otherIdentity, sessions, overlap, overlapSeconds, agreement, score, tier } =
    correlation;
  store.statement(
    `INSERT INTO correlations (correlation_id, identity, other_identity, session_id, other_id,
       overlap, overlap_seconds, agreement, score, tier, evidence)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    ...[id, identity, otherIdentity, ...sessions, overlap, overlapSeconds, agreement, score, tier],
    JSON.stringify(correlation.evidence),
  );
}

export function putContradiction(store: Store, contradiction: Contradiction): void {
  const { id, kind, identity, sessions, atMs, evidence } = contradiction;
  store.statement(
    `INSERT INTO contradictions (contradiction_id, kind, identity, session_id, other_id, at,
       evidence) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    ...[id, kind, identity, sessions[0], sessions[1] ?? null, new Date(atMs).toISOString()],
    JSON.stringify(evidence),
  );
}

/** Notes how many sessions of an identity were not held against another. */
export function putLeftOut(store: Store, identity: string, count: number): void {
  store.statement("INSERT INTO correlation_limits (identity, pairs_left_out) VALUES (?, ?)")
    .run(identity, count);
}

/** Each `identity` of which not all was compared, with the `count` of pairs left out, most first. */
export function readLeftOut(store: Store): { identity: string; count: number }[] {
  return store.statement(
    `SELECT identity, pairs_left_out AS count FROM correlation_limits
     ORDER BY pairs_left_out DESC, identity`,
  ).all().map((row) => ({ identity: String(row["identity"]), count: Number(row["count"]) }));
}

/** Which correlations; without options all. */
export interface CorrelationQuery {
  /** Whose: an identity as the store spells it. */
  identity?: string;
  /** Its id, or six characters or more of its begin. */
  id?: string;
  tier?: CorrelationTier;
}

/** Correlations, the surest first. */
export function readCorrelations(store: Store, query: CorrelationQuery = {}): Correlation[] {
  const { identity = "", id = "", tier = "" } = query;
  return store.statement(
    `SELECT * FROM correlations
     WHERE (?1 = '' OR identity = ?1) AND (?2 = '' OR tier = ?2)
       AND (?3 = '' OR (length(?3) >= 6 AND correlation_id GLOB ?3 || '*'))
     ORDER BY score DESC, correlation_id`,
  ).all(identity, tier, /^[0-9a-f]*$/.test(id) ? id : "-").map((row) => ({
    id: String(row["correlation_id"]),
    identity: String(row["identity"]),
    otherIdentity: row["other_identity"] as string | null,
    sessions: [String(row["session_id"]), String(row["other_id"])],
    overlap: Number(row["overlap"]),
    overlapSeconds: Number(row["overlap_seconds"]),
    agreement: row["agreement"] as number | null,
    score: Number(row["score"]),
    tier: row["tier"] as CorrelationTier,
    evidence: storedJson<CorrelationEvidence>(store, "correlations.evidence", row["evidence"]),
  }));
}

/** The surest correlation of a session, one within its identity before others; null where it has none. */
export function readSurest(
  store: Store,
  sessionId: string,
): { id: string; tier: CorrelationTier; otherSubstrate: string } | null {
  const row = store.statement(
    `SELECT correlation_id, tier, substrate FROM (
       SELECT correlation_id, tier, score, other_identity IS NOT NULL AS strange, other_id AS other
       FROM correlations WHERE session_id = ?1
       UNION ALL
       SELECT correlation_id, tier, score, other_identity IS NOT NULL, session_id AS other
       FROM correlations WHERE other_id = ?1
       ORDER BY strange, score DESC, correlation_id LIMIT 1
     ) JOIN sessions ON session_id = other`,
  ).get(sessionId);
  return row === undefined ? null : {
    id: String(row["correlation_id"]),
    tier: row["tier"] as CorrelationTier,
    otherSubstrate: String(row["substrate"]),
  };
}

/** Where ids of sessions stand: tables, columns, and conditions under which they come in order. */
const ID_SOURCES: readonly (readonly [table: string, id: string, also: string])[] = [
  ["correlations", "session_id", ""],
  ["correlations", "other_id", ""],
  ["contradictions", "session_id", ""],
  ["contradictions", "other_id", ""],
  ...[["tier", CORRELATION_TIERS], ["contradiction", CONTRADICTIONS]].flatMap(([key, values]) =>
    (values as readonly string[]).map((value) =>
      [
        "labels INDEXED BY labels_by_value",
        "subject_id",
        `AND key = 'correlation.${key}' AND value = '${value}'`,
      ] as const
    )
  ),
];

/** Sessions that something was found of, or that bear labels of an earlier call, in order. */
export function readCorrelatedIds(
  store: Store,
  { after, limit }: { after: string; limit: number },
): string[] {
  return store.statement(
    `SELECT id FROM (${
      // each limited by itself, so that no lot reads more than it gives
      ID_SOURCES.map(([table, id, also]) =>
        `SELECT * FROM (SELECT DISTINCT ${id} AS id FROM ${table} WHERE ${id} > ?1 ${also}
           ORDER BY ${id} LIMIT ?2)`
      ).join(" UNION ")}) ORDER BY id LIMIT ?2`,
  ).all(after, limit).map((row) => String(row["id"]));
}

/** Contradictions by their moment; only those of one session where it is given. */
export function readContradictions(
  store: Store,
  { sessionId }: { sessionId?: string } = {},
): Contradiction[] {
  // with one more condition beside the two SQLite would read the whole table each time
  const condition = sessionId === undefined ? "" : "WHERE session_id = ?1 OR other_id = ?1";
  return store.statement(
    `SELECT * FROM contradictions ${condition} ORDER BY at, contradiction_id`,
  ).all(...sessionId === undefined ? [] : [sessionId]).map((row) => ({
    id: String(row["contradiction_id"]),
    kind: row["kind"] as ContradictionKind,
    identity: String(row["identity"]),
    sessions: row["other_id"] === null
      ? [String(row["session_id"])]
      : [String(row["session_id"]), String(row["other_id"])],
    atMs: Date.parse(String(row["at"])),
    evidence: storedJson(store, "contradictions.evidence", row["evidence"]),
  }));
}
