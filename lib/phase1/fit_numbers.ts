import type { TruthfulRow } from "../model/judgement.ts";
import { DRIVER_CLASSES, type DriverClass } from "../model/vocabulary.ts";
import type { ParameterValues } from "./expression/expression.ts";
import { fitCalibration } from "./fit_calibration.ts";
import { fittedParams, fitThresholds } from "./fit_thresholds.ts";
import { valuesOver } from "./parameters.ts";
import { fitWeights } from "./fit_weights.ts";
import { judge } from "./judge.ts";
import { revote, type RuleWeights, weightsOf, withNumbers } from "./revote.ts";
import type { RulePack } from "./rule.ts";
import type { Calibration } from "./rule_schema.ts";

/** The numbers of a pack that labels can be asked for. */
export interface PackNumbers {
  /** Values that stand in for written parameters. */
  params: ParameterValues;
  /** Votes of the score rules, in log-odds. */
  weights: RuleWeights;
  calibration: Calibration;
}

/** What can be fitted. */
export const FITTED = ["thresholds", "weights", "calibration"] as const;
/** One of {@link FITTED}. */
export type Fitted = (typeof FITTED)[number];

/** Where a fit starts, and what it may change. */
interface FitNumbersOptions {
  /** Where they start and what they are drawn to; the written numbers unless told. */
  from?: Pick<PackNumbers, "params" | "weights">;
  /** Only these; the others stay where they start. */
  only?: readonly Fitted[];
}

/**
 * Numbers of a pack fitted to labels: thresholds, then weights, then the temperature. With no
 * subject to fit to they stay as they are.
 */
export function fitNumbers(
  pack: RulePack,
  subjects: readonly TruthfulRow[],
  options: FitNumbersOptions = {},
): PackNumbers {
  const { from = { params: new Map<string, number>(), weights: weightsOf(pack) } } = options;
  const { only = FITTED } = options;
  const params = only.includes("thresholds")
    ? fitThresholds(pack, subjects, { start: from.params, weights: from.weights })
    : from.params;
  const votes = judge(withNumbers(pack, { weights: from.weights }), subjects, { params });
  const towards = from.weights;
  const weights = only.includes("weights") ? fitWeights(pack, votes, { towards }) : towards;
  const calibration = only.includes("calibration")
    ? fitCalibration(pack, revote(pack, votes, weights), { towards })
    : null;
  return { params, weights, calibration: calibration ?? pack.calibration };
}

/** Numbers that know nothing but ranges and signs: thresholds in mid-range, weights of 1 and -1. */
export function neutralNumbers(pack: RulePack): Pick<PackNumbers, "params" | "weights"> {
  const params = fittedParams(pack).map((param) => {
    const [, middle] = valuesOver({ ...param, min: param.min!, max: param.max! }, 2);
    return [param.fullName, middle!] as const;
  });
  const weights = [...weightsOf(pack)].map(([id, own]) => {
    const signs = DRIVER_CLASSES.flatMap((name) =>
      own[name] === undefined ? [] : [[name, Math.sign(own[name])] as const]
    );
    return [id, Object.fromEntries(signs) as Partial<Record<DriverClass, number>>] as const;
  });
  return { params: new Map(params), weights: new Map(weights) };
}
