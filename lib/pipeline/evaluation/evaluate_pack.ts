import { type EvaluationReport, report, type ReportOptions } from "../../evaluation/report.ts";
import type { TruthfulRow } from "../../model/judgement.ts";
import type { Distribution } from "../../model/verdict.ts";
import type { DriverClass } from "../../model/vocabulary.ts";
import { judge } from "../../phase1/judge.ts";
import { type Fold, leaveOneGroupOut } from "../../phase1/leave_one_out.ts";
import { type MarginalEffect, marginalEffects } from "../../phase1/marginal_effect.ts";
import type { RulePack } from "../../phase1/rule.ts";
import type { Calibration } from "../../phase1/rule_schema.ts";

/** How a pack is held against labelled rows (`readTruthfulRows`). */
interface EvaluatePackOptions extends Omit<ReportOptions, "unjudged" | "ruleIds"> {
  /** Replaces the pack's own prior. */
  prior?: Distribution | undefined;
}

/** What a pack says now, measured; nothing is written. */
interface PackEvaluation extends EvaluationReport {
  /** `phase1@<rules hash>`. */
  version: string;
  /** What each score rule is good for. */
  marginals: MarginalEffect[];
}

/** Judges labelled rows by a pack and measures it. */
export function evaluatePack(
  pack: RulePack,
  rows: readonly TruthfulRow[],
  options: EvaluatePackOptions,
): PackEvaluation {
  const seen = { ...pack, prior: options.prior ?? pack.prior };
  const judgements = judge(seen, rows);
  const ruleIds = pack.rules.filter(({ kind }) => kind === "score").map(({ id }) => id);
  return {
    ...report(judgements, { ...options, ruleIds }),
    version: pack.version,
    marginals: marginalEffects(seen, judgements),
  };
}

/** One group left out, with the numbers that it was judged by: only parameters that moved. */
interface LeftOutFold extends Omit<Fold, "numbers"> {
  params: Record<string, number>;
  weights: Record<string, Partial<Record<DriverClass, number>>>;
  calibration: Calibration;
}

/** A pack measured on groups that its numbers have not seen. */
interface LeftOutEvaluation extends EvaluationReport {
  /** `phase1@<rules hash>` of the pack as written. */
  version: string;
  /** What was left out in turn, how many subjects were fitted to and judged, and what came out. */
  folds: LeftOutFold[];
  /**
   * The same with numbers that start from ranges and signs alone. The author of a pack has seen all
   * groups; what is lost here is what only the written numbers knew.
   */
  neutral: EvaluationReport;
}

/**
 * Leaves each group (`groupBy`) out in turn, fits thresholds, weights and calibration to the others,
 * and measures what is said of it then.
 */
export function evaluateLeftOut(
  pack: RulePack,
  rows: readonly TruthfulRow[],
  options: EvaluatePackOptions,
): LeftOutEvaluation {
  const { prior } = options;
  const written = leaveOneGroupOut(pack, rows, { start: "written", prior });
  const neutral = leaveOneGroupOut(pack, rows, { start: "neutral", prior });
  return {
    ...report(written.judgements, { ...options, ruleIds: [] }),
    version: pack.version,
    folds: written.folds.map(({ numbers, ...fold }) => ({
      ...fold,
      params: Object.fromEntries(numbers.params),
      weights: Object.fromEntries(numbers.weights),
      calibration: numbers.calibration,
    })),
    neutral: report(neutral.judgements, { ...options, ruleIds: [] }),
  };
}
