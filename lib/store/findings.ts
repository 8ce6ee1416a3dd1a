import { UsageError } from "../model/errors.ts";
import type { Contradiction } from "../model/correlation.ts";
import type { RuleHitRow, VerdictRow } from "../model/verdict.ts";
import { type ActivityVerdict, readActivityVerdicts, readMembers } from "./activities.ts";
import { readContradictions } from "./correlations.ts";
import { readWideRows } from "./frame.ts";
import type { Store } from "./store.ts";
import { readRuleHits, readVerdicts } from "./verdicts.ts";

/** A verdict with what it is about and what speaks for it. */
interface Finding {
  subject_id: string;
  /** `session`, `segment` or `activity`. */
  subject_kind: string;
  session_id: string | null;
  substrate: string | null;
  kind: string | null;
  principal: string | null;
  login: string | null;
  target: string | null;
  scope: string | null;
  started_at: string | null;
  writer: VerdictRow["writer"];
  version: string;
  operator_type: string;
  confidence: number | null;
  cohort: string | null;
  reason: string;
  set_at: string;
  /** What counts in the end (a label set by hand goes first), and who set it. */
  resolved: { operator_type: string | null; set_by: string | null };
  /** The sessions that a verdict on an activity is on; null for others. */
  members: string[] | null;
  /** Activities that a session is part of, the one with most sessions first, and their verdicts. */
  activities: ActivityVerdict[];
  /** What of the session can't be all one person's doing; see `correlate`. */
  contradictions: Pick<Contradiction, "id" | "kind" | "sessions" | "evidence">[];
  /** Rules that voted, with their votes and the values they read; lines of a language model. */
  evidence: (Pick<RuleHitRow, "rule_id" | "votes" | "features"> | { line: number })[];
}

interface FindingsQuery {
  /** Only verdicts that are new or other since this run ended. */
  sinceRun?: number;
}

const ABOUT = [
  ...["subject_kind", "session_id", "substrate", "kind", "principal", "login", "target"] as const,
  ...["scope", "started_at"] as const,
];

/** Verdicts with their evidence, by subject and writer. Throws a UsageError for an unknown run. */
export function* readFindings(store: Store, { sinceRun }: FindingsQuery = {}): Generator<Finding> {
  const since = sinceRun === undefined ? "" : endOfRun(store, sinceRun);
  const verdicts = readVerdicts(store).filter(({ set_at }) => set_at > since);
  const subjects = [...new Set(verdicts.map(({ subject_id }) => subject_id))];
  const rows = new Map([...readWideRows(store, { subjects })].map((row) => [row.subject_id, row]));
  for (const verdict of verdicts) {
    const row = rows.get(verdict.subject_id);
    if (row === undefined) continue;
    const about = Object.fromEntries(ABOUT.map((name) => [name, row[name] ?? null]));
    const { distribution: _, evidence, ...said } = verdict;
    yield {
      ...about,
      ...said,
      members: row["subject_kind"] === "activity" ? readMembers(store, verdict.subject_id) : null,
      activities: readActivityVerdicts(store, verdict.subject_id),
      contradictions: readContradictions(store, { sessionId: verdict.subject_id })
        .map(({ id, kind, sessions, evidence }) => ({ id, kind, sessions, evidence })),
      resolved: { operator_type: row["operator_type"], set_by: row["operator_set_by"] },
      evidence: verdict.writer === "phase1"
        ? readRuleHits(store, verdict.subject_id).filter(({ outcome }) => outcome === "fired")
          .map(({ rule_id, votes, features }) => ({ rule_id, votes, features }))
        : evidence.map((line) => ({ line: Number(line) })),
    } as Finding;
  }
}

/** The last run of a store, or null. */
export function lastRun(store: Store): number | null {
  const id = store.statement("SELECT max(run_id) AS id FROM runs").get()?.["id"];
  return typeof id === "number" ? id : null;
}

function endOfRun(store: Store, runId: number): string {
  const run = store.statement(
    "SELECT coalesce(ended_at, started_at) AS at FROM runs WHERE run_id = ?",
  )
    .get(runId);
  if (run !== undefined) return String(run["at"]);
  const last = lastRun(store);
  throw new UsageError(
    `There is no run ${runId} in this store; ${
      last === null ? "it has none" : `the last is ${last}`
    }`,
  );
}
