import type { TruthfulRow } from "../model/judgement.ts";
import { readWideRows, type WideRow } from "./frame.ts";
import { selectorCondition } from "./selector.ts";
import type { Store } from "./store.ts";

/** The label that holds ground truth, and the one that says where a recording came from. */
export const TRUTH_KEY = "truth.operator-type";
export const SOURCE_KEY = "fixture.source";

/** Which labelled subjects to read. */
export interface TruthfulRowsOptions {
  /** The label that holds the truth; `truth.operator-type` unless told. */
  truthKey?: string | undefined;
  /** What subjects are grouped by, a label's key or a column; `fixture.source` unless told. */
  groupBy?: string | undefined;
  /** What they are counted under besides. */
  facets?: readonly string[];
  /** Only subjects whose labels match. */
  selector?: string | undefined;
}

/**
 * The subjects of a store whose truth is known, by id. A segment that has no group of its own is
 * counted under its session's; an activity under its members', where they have but one.
 */
export function readTruthfulRows(store: Store, options: TruthfulRowsOptions = {}): TruthfulRow[] {
  const { truthKey = TRUTH_KEY, groupBy = SOURCE_KEY, facets = [], selector } = options;
  const matching = selectorCondition(selector, "truth.subject_id");
  const subjects = store.database.prepare(
    `SELECT truth.subject_id FROM labels AS truth WHERE truth.key = ? AND ${matching.sql}
     ORDER BY truth.subject_id`,
  ).all(truthKey, ...matching.params).map((row) => String(row["subject_id"]));
  const sessionsOf = sessionsBySubject(store, subjects);
  const segmentsOf = segmentsBySession(store);
  const wanted = new Set([...subjects, ...[...sessionsOf.values()].flat()]);
  const rows = new Map(
    [...readWideRows(store, { subjects: [...wanted] })].map((row) => [row.subject_id, row]),
  );
  return subjects.map((subjectId): TruthfulRow => {
    const row = rows.get(subjectId)!;
    const sessions = sessionsOf.get(subjectId) ?? [];
    const around = sessions.flatMap((id) => rows.get(id) ?? []);
    const isSession = row["subject_kind"] === "session";
    return {
      subjectId,
      truth: row.labels[truthKey]!,
      group: groupOf(row, around, groupBy),
      facets: Object.fromEntries(facets.map((key) => [key, groupOf(row, around, key)])),
      sessions,
      row,
      segments: isSession ? segmentsOf.get(subjectId) ?? [] : [],
    };
  });
}

/** What a subject is counted under: its own, else that of its sessions where they have but one. */
function groupOf(row: WideRow, sessions: readonly WideRow[], key: string): string {
  const own = valueOf(row, key);
  if (own !== "") return own;
  const [first = "", ...others] = new Set(sessions.map((session) => valueOf(session, key)));
  return others.length === 0 ? first : "";
}

/** The label of that key, else the column; empty where not known. */
function valueOf(row: WideRow, key: string): string {
  const label = row.labels[key];
  if (label !== undefined) return label;
  const value = key !== "labels" && Object.hasOwn(row, key) ? row[key] : null;
  return value === null || value === undefined ? "" : String(value);
}

/** The sessions that each subject is about: its own, or an activity's members. */
function sessionsBySubject(store: Store, subjects: readonly string[]): Map<string, string[]> {
  const sessions = new Map<string, string[]>();
  const rows = store.database.prepare(
    `SELECT subject_id, session_id FROM subjects
     WHERE session_id IS NOT NULL AND subject_id IN (SELECT value FROM json_each(?1))
     UNION ALL
     SELECT subject_id, session_id FROM activity_members
     WHERE subject_id IN (SELECT value FROM json_each(?1)) ORDER BY 1, 2`,
  ).all(JSON.stringify(subjects));
  for (const { subject_id, session_id } of rows) {
    const id = String(subject_id);
    sessions.set(id, [...sessions.get(id) ?? [], String(session_id)]);
  }
  return sessions;
}

/** All segments of a store, by session, in order of time. */
function segmentsBySession(store: Store): Map<string, WideRow[]> {
  const segments = new Map<string, WideRow[]>();
  const rows = [...readWideRows(store, { kind: "segment" })]
    .sort((a, b) => Number(a["from_seconds"]) - Number(b["from_seconds"]));
  for (const row of rows) {
    const id = String(row["session_id"]);
    segments.set(id, [...segments.get(id) ?? [], row]);
  }
  return segments;
}
