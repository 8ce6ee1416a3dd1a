import type { Judgement } from "../model/judgement.ts";
import { DRIVER_CLASSES, type DriverClass } from "../model/vocabulary.ts";
import { examplesOf } from "./examples.ts";
import { type RuleWeights, weightsOf } from "./revote.ts";
import type { RulePack } from "./rule.ts";
import { MAX_WEIGHT } from "./rule_schema.ts";

/** A fitted weight stays a vote. */
const LEAST_WEIGHT = 0.05;
const ROUNDS = 400;

export interface FitWeightsOptions {
  /**
   * How strongly weights are held where they are drawn to, in subjects: the penalty is half of it
   * times the squared distance. The larger, the less labels move them.
   */
  strength?: number;
  /** What weights are drawn to: those written, unless told. */
  towards?: RuleWeights;
}

/**
 * Weights that labels speak for: multinomial logistic regression over the rules that voted, with
 * the pack's prior as offset, drawn to the written weights (ridge). Signs are kept, a rule only gets
 * votes for classes that it has votes for, and none leaves the range that a rule may have. Subjects
 * are weighed so that the classes weigh as the prior says, whatever the corpus holds of each.
 * Withheld verdicts and truths that are no class are left out. Pure; deterministic.
 */
export function fitWeights(
  pack: RulePack,
  judgements: readonly Judgement[],
  options: FitWeightsOptions = {},
): RuleWeights {
  const { strength = 4, towards } = options;
  const written = towards ?? weightsOf(pack);
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
  const examples = alikeTogether(
    examplesOf(judgements, pack.prior).map(({ of, ...example }) => ({
      ...example,
      columns: of.votes.flatMap(({ ruleId }) => columnsOf.get(ruleId) ?? []),
    })),
  );
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

interface Voted {
  columns: number[];
  truth: number;
  share: number;
}

/** Subjects of one truth and the same votes count as one, of their weight together. */
function alikeTogether(examples: readonly Voted[]): Voted[] {
  const kinds = new Map<string, Voted>();
  for (const { columns, truth, share } of examples) {
    const ordered = columns.toSorted((a, b) => a - b);
    const key = `${truth}:${ordered}`;
    const kind = kinds.get(key);
    if (kind === undefined) kinds.set(key, { columns: ordered, truth, share });
    else kind.share += share;
  }
  return [...kinds.values()];
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

function rounded(number: number): number {
  return Math.round(number * 100) / 100;
}
