import type { JudgedSubject } from "../model/judgement.ts";
import type { OperatorType, VerdictWriter } from "../model/vocabulary.ts";
import { selectorCondition } from "../store/selector.ts";
import type { Store } from "../store/store.ts";
import { readVerdicts } from "../store/verdicts.ts";
import { measure, type Measures } from "./measure.ts";

export interface EvaluateVerdictsOptions {
  /** The label that holds the truth. */
  truthKey?: string;
  writer?: VerdictWriter;
  /** The label that subjects are counted under besides. */
  groupBy?: string;
  /** Only subjects whose labels match. */
  selector?: string | undefined;
}

/** Verdicts of one writer against a label, and which they were. */
export interface VerdictEvaluation extends Measures {
  writer: VerdictWriter;
  truthKey: string;
  groupBy: string;
  /** Versions of the writer whose verdicts were measured; more than one is a mixture. */
  versions: string[];
}

/**
 * Measures what a writer says against ground truth. Reads `verdicts`, not the label
 * `operator.type`, so that a label set by hand never hides what a machine said.
 */
export function evaluateVerdicts(
  store: Store,
  options: EvaluateVerdictsOptions = {},
): VerdictEvaluation {
  const {
    truthKey = "truth.operator-type",
    writer = "phase1",
    groupBy = "fixture.source",
    selector,
  } = options;
  const matching = selectorCondition(selector, "truth.subject_id");
  const rows = store.database.prepare(
    `SELECT truth.subject_id AS subject_id, truth.value AS truth, side.value AS side
     FROM labels AS truth
     LEFT JOIN labels AS side ON side.subject_id = truth.subject_id AND side.key = ?
     WHERE truth.key = ? AND ${matching.sql}
     ORDER BY truth.subject_id`,
  ).all(groupBy, truthKey, ...matching.params);
  const verdicts = new Map(readVerdicts(store, { writer }).map((row) => [row.subject_id, row]));
  const versions = new Set<string>();
  const subjects = rows.map((row): JudgedSubject => {
    const subjectId = String(row["subject_id"]);
    const verdict = verdicts.get(subjectId);
    if (verdict !== undefined) versions.add(verdict.version);
    return {
      subjectId,
      truth: String(row["truth"]),
      verdict: (verdict?.operator_type ?? null) as OperatorType | null,
      cohort: verdict?.cohort ?? null,
      group: row["side"] === null ? "" : String(row["side"]),
    };
  });
  return { ...measure(subjects), writer, truthKey, groupBy, versions: [...versions].sort() };
}
