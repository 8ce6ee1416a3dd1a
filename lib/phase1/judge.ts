import { type Judgement, knownOf, type TruthfulRow } from "../model/judgement.ts";
import { type EvaluateOptions, evaluateRow, type Evaluation } from "./evaluate.ts";
import type { Row } from "./expression/expression.ts";
import type { SegmentVerdict } from "./mixed_verdict.ts";
import type { RulePack } from "./rule.ts";

/** What a pack says of rows whose truth is known. Pure; writes nothing. */
export function judge(
  pack: RulePack,
  rows: readonly TruthfulRow[],
  options: Pick<EvaluateOptions, "prior" | "params"> = {},
): Judgement[] {
  const asked = { ...options, values: false };
  const scoring = new Set(
    pack.rules.filter(({ kind }) => kind === "score").map(({ id }) => id),
  );
  return rows.map((each) => {
    const segments = each.segments.map((part) =>
      segmentVerdict(part, evaluateRow(pack, part, asked))
    );
    const evaluation = evaluateRow(pack, each.row, { ...asked, segments });
    return judgement(knownOf(each), evaluation, scoring);
  });
}

/** What a segment's evaluation says of its session. */
export function segmentVerdict(
  row: Row,
  { operatorType, confidence }: Evaluation,
): SegmentVerdict {
  return { fromSeconds: Number(row["from_seconds"]), operatorType, confidence };
}

function judgement(
  known: ReturnType<typeof knownOf>,
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
