import type { Judgement } from "../model/judgement.ts";
import type { Distribution } from "../model/verdict.ts";
import { DRIVER_CLASSES, type DriverClass } from "../model/vocabulary.ts";
import { type RuleWeights, sumOf, weightsOf } from "./revote.ts";
import type { RulePack } from "./rule.ts";
import { type Calibration, MAX_WEIGHT } from "./rule_schema.ts";
import { distributionOf } from "./score.ts";

/** A fitted weight stays a vote. */
const LEAST_WEIGHT = 0.05;
const ROUNDS = 400;

export interface FitOptions {
  /**
   * How strongly the written weights are held, in subjects: the penalty is half of it times the
   * squared distance. The larger, the less labels move them.
   */
  strength?: number;
}

/**
 * Weights that labels speak for: multinomial logistic regression over the rules that voted, with
 * the pack's prior as offset, drawn to the written weights. Signs are kept, a rule only gets votes
 * for classes that it has votes for, and none leaves the range that a rule may have. Subjects are
 * weighed so that the classes weigh as the prior says, whatever the corpus holds of each. Withheld
 * verdicts and truths that are no class are left out. Pure; deterministic.
 */
export function fitWeights(
  pack: RulePack,
  judgements: readonly Judgement[],
  options: FitOptions = {},
): RuleWeights {
  const { strength = 4 } = options;
  const written = weightsOf(pack);
  const ids = [...written.keys()];
  const columns = ids.flatMap((id) =>
    DRIVER_CLASSES.flatMap((name, c) => {
      const weight = written.get(id)?.[name];
      return weight === undefined ? [] : [{ id, name, c, weight }];
    })
  );
  const columnsOf = new Map(ids.map((id) => [
    id,
    columns.flatMap((column, i) => column.id === id ? [i] : []),
  ]));
  const examples = examplesOf(judgements, pack.prior).map(({ votes, ...example }) => ({
    ...example,
    columns: votes.flatMap(({ ruleId }) => columnsOf.get(ruleId) ?? []),
  }));
  const weights = columns.map(({ weight }) => weight);
  const offset = DRIVER_CLASSES.map((name) => Math.log(pack.prior[name]));
  const fires = columns.map((_, i) =>
    examples.reduce((sum, { columns, share }) => columns.includes(i) ? sum + share : sum, 0)
  );
  // a bound of the loss's curvature in every direction: a step that never overshoots
  const together = Math.max(1, ...examples.map(({ columns }) => columns.length));
  const steps = fires.map((sum) => 1 / (strength + together * sum / 2));
  for (let round = 0; round < ROUNDS; round++) {
    const slopes = columns.map(({ weight }, i) => strength * (weights[i]! - weight));
    for (const { columns: own, truth, share } of examples) {
      const logits = [...offset];
      for (const i of own) logits[columns[i]!.c]! += weights[i]!;
      const p = softmax(logits);
      for (const i of own) {
        const { c } = columns[i]!;
        slopes[i]! += share * (p[c]! - Number(c === truth));
      }
    }
    for (const [i, { weight }] of columns.entries()) {
      weights[i] = bounded(weights[i]! - steps[i]! * slopes[i]!, weight);
    }
  }
  return new Map(ids.map((id) => [
    id,
    Object.fromEntries(
      columnsOf.get(id)!.map((i) => [columns[i]!.name, rounded(weights[i]!)] as const),
    ) as Partial<Record<DriverClass, number>>,
  ]));
}

/**
 * The temperature under which the stated probabilities fit the labels best (least log loss), from
 * 0.25 to 8, to two digits. Subjects are weighed as in {@link fitWeights}; those that no rule voted
 * on are left out. Null where there is nothing to fit.
 */
export function fitTemperature(
  pack: RulePack,
  judgements: readonly Judgement[],
  weights: RuleWeights = weightsOf(pack),
): (Calibration & { kind: "temperature" }) | null {
  const examples = examplesOf(judgements, pack.prior).filter(({ votes }) => votes.length > 0)
    .map(({ votes, truth, share }) => {
      const own = votes.map(({ ruleId }) => ({ ruleId, weights: weights.get(ruleId) ?? {} }));
      return { sum: sumOf(own), truth, share };
    });
  if (examples.length === 0) return null;
  const loss = (temperature: number) => {
    const calibration: Calibration = { kind: "temperature", value: temperature };
    return examples.reduce((total, { sum, truth, share }) => {
      const p = distributionOf(pack.prior, sum, calibration)[DRIVER_CLASSES[truth]!];
      return total - share * Math.log(Math.max(1e-12, p));
    }, 0);
  };
  const value = rounded(
    Math.exp(lowest((log) => loss(Math.exp(log)), Math.log(0.25), Math.log(8))),
  );
  return { kind: "temperature", value };
}

interface Example {
  votes: Judgement["votes"];
  /** Index of the class. */
  truth: number;
  /** What it weighs; the mean is 1. */
  share: number;
}

function examplesOf(judgements: readonly Judgement[], prior: Distribution): Example[] {
  const known = judgements.filter(({ cohort }) => cohort === null).map(({ votes, truth }) => ({
    votes,
    truth: (DRIVER_CLASSES as readonly string[]).indexOf(truth),
  })).filter(({ truth }) => truth >= 0);
  const counts = DRIVER_CLASSES.map((_, c) => known.filter(({ truth }) => truth === c).length);
  const there = DRIVER_CLASSES.reduce((sum, name, c) => counts[c] ? sum + prior[name] : sum, 0);
  return known.map(({ votes, truth }) => ({
    ...{ votes, truth },
    share: known.length * prior[DRIVER_CLASSES[truth]!] / there / counts[truth]!,
  }));
}

function bounded(weight: number, written: number): number {
  const size = Math.min(MAX_WEIGHT, Math.max(LEAST_WEIGHT, weight * Math.sign(written)));
  return size * Math.sign(written);
}

function softmax(logits: readonly number[]): number[] {
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** Where a function of one valley is lowest, by golden section. */
function lowest(of: (x: number) => number, from: number, to: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [from, to];
  for (let i = 0; i < 60; i++) {
    const [a, b] = [high - ratio * (high - low), low + ratio * (high - low)];
    if (of(a) < of(b)) high = b;
    else low = a;
  }
  return (low + high) / 2;
}

function rounded(number: number): number {
  return Math.round(number * 100) / 100;
}
