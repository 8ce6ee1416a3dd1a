import type {
  Contradiction,
  ContradictionKind,
  Correlation,
  CorrelationEvidence,
  CorrelationTier,
  Trace,
} from "../model/correlation.ts";
import { sideOf } from "../model/identity.ts";
import type { SessionRow } from "../model/session.ts";
import type { Store } from "./store.ts";

/** A session whose principal is known, as far as its row tells. */
export type StoredTrace =
  & Trace
  & { vouched: boolean }
  & Pick<SessionRow, "kind" | "substrate" | "driver" | "target">
  & { principal: string };

/** Sessions of known identities by identity, begin and id; those without a begin are left out. */
export function* readTraces(store: Store): Generator<StoredTrace> {
  const rows = store.database.prepare(
    `SELECT session_id, identity, vouched, substrate, kind, principal, driver, target, started_at,
       coalesce(ended_at, started_at) AS ended_at
     FROM sessions JOIN identities USING (substrate, principal)
     WHERE state = 'matched' AND started_at IS NOT NULL
     ORDER BY identity, started_at, session_id`,
  );
  for (const row of rows.iterate()) {
    const startedMs = Date.parse(String(row["started_at"]));
    yield {
      id: String(row["session_id"]),
      identity: String(row["identity"]),
      vouched: row["vouched"] === 1,
      side: sideOf(String(row["substrate"])),
      substrate: row["substrate"] as StoredTrace["substrate"],
      kind: row["kind"] as StoredTrace["kind"],
      principal: String(row["principal"]),
      driver: row["driver"] as string | null,
      target: row["target"] as string | null,
      startedMs,
      endedMs: Math.max(startedMs, Date.parse(String(row["ended_at"]))),
    };
  }
}

/** Removes all that was correlated before. */
export function clearCorrelations(store: Store): void {
  for (const table of ["correlations", "contradictions", "correlation_limits"]) {
    store.statement(`DELETE FROM ${table}`).run();
  }
}

export function putCorrelation(store: Store, correlation: Correlation): void {
  const { id, identity, sessions, overlap, overlapSeconds, agreement, score, tier } = correlation;
  store.statement(
    `INSERT INTO correlations (correlation_id, identity, session_id, other_id, overlap,
       overlap_seconds, agreement, score, tier, evidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    ...[id, identity, ...sessions, overlap, overlapSeconds, agreement, score, tier],
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

/** Identities of which not all was compared, most first. */
export function readLeftOut(store: Store): { identity: string; count: number }[] {
  return store.statement(
    `SELECT identity, pairs_left_out AS count FROM correlation_limits
     ORDER BY pairs_left_out DESC, identity`,
  ).all().map((row) => ({ identity: String(row["identity"]), count: Number(row["count"]) }));
}

/** Which correlations; without options all. */
export interface CorrelationQuery {
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
    sessions: [String(row["session_id"]), String(row["other_id"])],
    overlap: Number(row["overlap"]),
    overlapSeconds: Number(row["overlap_seconds"]),
    agreement: row["agreement"] as number | null,
    score: Number(row["score"]),
    tier: row["tier"] as CorrelationTier,
    evidence: JSON.parse(String(row["evidence"])) as CorrelationEvidence,
  }));
}

/** The surest correlation of a session; null where it has none. */
export function readSurest(
  store: Store,
  sessionId: string,
): { id: string; tier: CorrelationTier; otherSubstrate: string } | null {
  const row = store.statement(
    `SELECT correlation_id, tier, substrate FROM (
       SELECT correlation_id, tier, score, other_id AS other FROM correlations WHERE session_id = ?1
       UNION ALL
       SELECT correlation_id, tier, score, session_id AS other FROM correlations WHERE other_id = ?1
       ORDER BY score DESC, correlation_id LIMIT 1
     ) JOIN sessions ON session_id = other`,
  ).get(sessionId);
  return row === undefined ? null : {
    id: String(row["correlation_id"]),
    tier: row["tier"] as CorrelationTier,
    otherSubstrate: String(row["substrate"]),
  };
}

const ID_SOURCES = [
  ["correlations", "session_id", ""],
  ["correlations", "other_id", ""],
  ["contradictions", "session_id", ""],
  ["contradictions", "other_id", ""],
  ["labels", "subject_id", "AND set_by GLOB 'correlate@*'"],
] as const;

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
  { sessionId = "" }: { sessionId?: string } = {},
): Contradiction[] {
  return store.statement(
    `SELECT * FROM contradictions WHERE ?1 = '' OR session_id = ?1 OR other_id = ?1
     ORDER BY at, contradiction_id`,
  ).all(sessionId).map((row) => ({
    id: String(row["contradiction_id"]),
    kind: row["kind"] as ContradictionKind,
    identity: String(row["identity"]),
    sessions: row["other_id"] === null
      ? [String(row["session_id"])]
      : [String(row["session_id"]), String(row["other_id"])],
    atMs: Date.parse(String(row["at"])),
    evidence: JSON.parse(String(row["evidence"])),
  }));
}
