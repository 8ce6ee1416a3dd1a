import type { RuleHitRow, VerdictRow } from "../model/verdict.ts";
import { DRIVER_CLASSES, type OperatorType, type VerdictWriter } from "../model/vocabulary.ts";
import { resolveOperatorType } from "./operator_type.ts";
import { selectorCondition } from "./selector.ts";
import { storableText } from "./statement.ts";
import type { Store } from "./store.ts";
import { storedJson } from "./stored_json.ts";

const CONTENT = [
  ...["version", "operator_type", "confidence", "distribution", "cohort", "reason", "evidence"],
];
const SELECT_CONTENT = `SELECT ${CONTENT} FROM verdicts WHERE subject_id = ? AND writer = ?`;
const PUT_VERDICT = `INSERT INTO verdicts (subject_id, writer, ${CONTENT}, set_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (subject_id, writer) DO UPDATE SET
    ${CONTENT.map((name) => `${name} = excluded.${name}`).join(", ")}, set_at = excluded.set_at`;

/**
 * Writes verdicts, one row a subject and writer, and resolves the labels `operator.type` and
 * `confidence.operator-type` from them. A verdict whose content is the same keeps its `set_at`.
 */
export function writeVerdicts(store: Store, rows: readonly VerdictRow[]): void {
  store.transaction(() => {
    for (const row of rows) {
      const { subject_id, writer, version, set_at } = row;
      const content = [
        version,
        row.operator_type,
        row.confidence,
        row.distribution === null ? null : JSON.stringify(row.distribution, [...DRIVER_CLASSES]),
        row.cohort === null ? null : storableText(row.cohort),
        storableText(row.reason),
        JSON.stringify(row.evidence),
      ];
      const known = store.statement(SELECT_CONTENT).get(subject_id, writer);
      if (known === undefined || CONTENT.some((name, i) => known[name] !== content[i])) {
        store.statement(PUT_VERDICT).run(subject_id, writer, ...content, set_at);
      }
      resolveOperatorType(store, subject_id, { set_by: version, set_at });
    }
  });
}

/** Which verdicts to read. */
export interface VerdictQuery {
  /** Only of this one; of all unless told. */
  writer?: VerdictWriter;
  /** Only of subjects whose labels match. */
  selector?: string;
  /** Only of these subjects. */
  subjects?: readonly string[];
}

/** Verdicts, by subject and writer. Throws a `LabelError` for a faulty selector. */
export function readVerdicts(store: Store, query: VerdictQuery = {}): VerdictRow[] {
  const matching = selectorCondition(query.selector, "subject_id");
  const conditions = [matching.sql];
  const params = [...matching.params];
  if (query.writer !== undefined) {
    conditions.push("writer = ?");
    params.push(query.writer);
  }
  if (query.subjects !== undefined) {
    conditions.push("subject_id IN (SELECT value FROM json_each(?))");
    params.push(JSON.stringify(query.subjects));
  }
  return store.database.prepare(
    `SELECT subject_id, writer, ${CONTENT}, set_at FROM verdicts
     WHERE ${conditions.join(" AND ")} ORDER BY subject_id, writer`,
  ).all(...params).map((row) => ({
    ...row,
    distribution: row["distribution"] === null
      ? null
      : storedJson(store, "verdicts.distribution", row["distribution"]),
    evidence: storedJson(store, "verdicts.evidence", row["evidence"]),
  } as unknown as VerdictRow));
}

/** The type that a writer's verdict states on each of these subjects. */
export function readOperatorTypes(
  store: Store,
  { writer, subjects }: { writer: VerdictWriter; subjects: readonly string[] },
): Map<string, OperatorType> {
  const rows = store.statement(
    `SELECT subject_id, operator_type FROM verdicts
     WHERE subject_id IN (SELECT value FROM json_each(?)) AND writer = ?`,
  ).all(JSON.stringify(subjects), writer);
  return new Map(
    rows.map((row) => [String(row["subject_id"]), row["operator_type"] as OperatorType]),
  );
}

const HIT_JSON = ["votes", "features", "missing"] as const;

/**
 * Makes these the only rule hits of the given subjects, whatever version wrote the ones before.
 * Every hit must be of one of the subjects.
 */
export function writeRuleHits(
  store: Store,
  version: string,
  subjectIds: readonly string[],
  hits: readonly RuleHitRow[],
): void {
  const subjects = new Set(subjectIds);
  store.transaction(() => {
    const remove = store.statement("DELETE FROM rule_hits WHERE subject_id = ?");
    for (const id of subjects) remove.run(id);
    const insert = store.statement(
      `INSERT INTO rule_hits (subject_id, rule_id, version, outcome, votes, features, missing)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    for (const hit of hits) {
      if (!subjects.has(hit.subject_id)) throw new TypeError("A rule hit of a subject not named");
      const json = HIT_JSON.map((name) => JSON.stringify(hit[name]));
      insert.run(hit.subject_id, hit.rule_id, version, hit.outcome, ...json);
    }
  });
}

/** The rule hits of a subject: fired before abstained, each by rule. */
export function readRuleHits(store: Store, subjectId: string): RuleHitRow[] {
  const rows = store.statement(
    `SELECT subject_id, rule_id, version, outcome, votes, features, missing FROM rule_hits
     WHERE subject_id = ? ORDER BY outcome DESC, rule_id`,
  ).all(subjectId);
  return rows.map((row) => {
    const parsed = HIT_JSON.map((
      name,
    ) => [name, storedJson(store, `rule_hits.${name}`, row[name])]);
    return { ...row, ...Object.fromEntries(parsed) } as unknown as RuleHitRow;
  });
}
