import type { Judgement } from "../model/judgement.ts";
import { type EvaluateOptions, evaluateRow, type Evaluation } from "./evaluate.ts";
import type { Row } from "./expression.ts";
import type { RulePack } from "./rule.ts";

/** A row whose truth is known. */
export interface TruthfulRow {
  subjectId: string;
  truth: string;
  /** What it is counted under, such as its source; empty where not known. */
  group: string;
  row: Row;
}

/** What a pack says of rows whose truth is known. Pure; writes nothing. */
export function judge(
  pack: RulePack,
  rows: readonly TruthfulRow[],
  options: EvaluateOptions = {},
): Judgement[] {
  const scoring = new Set(
    pack.rules.filter(({ kind }) => kind === "score").map(({ id }) => id),
  );
  return rows.map(({ row, ...known }) =>
    judgement(known, evaluateRow(pack, row, options), scoring)
  );
}

function judgement(
  known: Omit<TruthfulRow, "row">,
  evaluation: Evaluation,
  scoring: ReadonlySet<string>,
): Judgement {
  const { operatorType, cohort, distribution, margin } = evaluation;
  const hits = evaluation.hits.filter(({ rule_id }) => scoring.has(rule_id));
  return {
    ...known,
    verdict: operatorType,
    cohort,
    distribution,
    margin,
    votes: hits.filter(({ outcome }) => outcome === "fired")
      .map(({ rule_id, votes }) => ({ ruleId: rule_id, weights: votes.weights ?? {} })),
    abstained: hits.filter(({ outcome }) => outcome === "abstained").map(({ rule_id }) => rule_id),
  };
}
