import type { TruthfulRow } from "../model/judgement.ts";
import { DRIVER_CLASSES } from "../model/vocabulary.ts";
import { testRule } from "./evaluate.ts";
import { examplesOf } from "./examples.ts";
import type { ParameterValues, Row } from "./expression.ts";
import { judge } from "./judge.ts";
import { type RuleWeights, weightsOf } from "./revote.ts";
import type { PackParameter, Rule, RulePack } from "./rule.ts";

/** Values tried of one parameter, spread evenly over its range. */
const STEPS = 14;
/** Times that all parameters are gone through; it ends before, where none moves any more. */
const ROUNDS = 3;
/** What a value must gain to be taken for another one, in nats a subject. */
const GAIN = 0.002;

export interface FitThresholdsOptions {
  /** Where parameters start from, and stay where labels do not speak; the written values. */
  start?: ParameterValues;
  /** Weights of the rules while thresholds are fitted; the written ones. */
  weights?: RuleWeights;
}

/**
 * Values of the parameters that labels speak for (those that differ from the written ones), each
 * inside its range: one after the other is set
 * to what makes the truth most probable (least log loss, subjects weighed as in `fitWeights`), until
 * none moves. Of values that do about as well the one closest to where it started is taken. Only
 * parameters with a range, of rules of the score; those that a cohort's rule reads decide what is
 * judged at all, and stay. Pure; deterministic.
 */
export function fitThresholds(
  pack: RulePack,
  subjects: readonly TruthfulRow[],
  options: FitThresholdsOptions = {},
): ParameterValues {
  const { weights = weightsOf(pack) } = options;
  const values = new Map(options.start);
  const voters = pack.rules.filter(({ kind }) => kind === "score");
  const board = new Board(pack, { subjects, voters, weights, values });
  const params = fittedParams(pack);
  for (let round = 0; round < ROUNDS; round++) {
    let moved = false;
    for (const param of params) {
      const before = values.get(param.fullName) ?? param.value;
      if (board.best(param, before) !== before) moved = true;
    }
    if (!moved) break;
  }
  return new Map(
    [...values].filter(([name, value]) => value !== pack.params.get(name)?.value),
  );
}

/** The parameters that can be fitted: of rules of the score only, with a range. */
export function fittedParams(pack: RulePack): PackParameter[] {
  const readBy = (kinds: readonly Rule["kind"][]) =>
    new Set(
      pack.rules.filter(({ kind }) => kinds.includes(kind)).flatMap((rule) => paramsOf(rule)),
    );
  const fitted = readBy(["score"]);
  const deciding = readBy(["cohort"]);
  return [...pack.params.values()].filter(({ fullName, min, max }) =>
    min !== null && max !== null && max > min && fitted.has(fullName) && !deciding.has(fullName)
  );
}

/** Full names of the parameters that a rule reads. */
export function paramsOf(rule: Rule): string[] {
  return [...new Set([...rule.applies.params, ...rule.when.params])];
}

/** Values to try of a parameter: `steps` even steps over its range, whole where its numbers are. */
export function valuesOver(
  { value, min, max }: PackParameter & { min: number; max: number },
  steps: number,
): number[] {
  const whole = [value, min, max].every(Number.isInteger);
  const values = Array.from({ length: steps + 1 }, (_, i) => {
    const at = min + (max - min) * i / steps;
    return whole ? Math.round(at) : Number(at.toPrecision(3));
  });
  return [...new Set(values)];
}

interface Line {
  row: Row;
  truth: number;
  share: number;
  /** Whether each voter fired. */
  fired: Uint8Array;
  /** Log-odds of the classes: the prior's and the votes'. */
  logits: Float64Array;
}

/** What every voter does on every subject under the values so far. */
class Board {
  private readonly voters: readonly Rule[];
  private readonly weights: readonly (readonly number[])[];
  private readonly values: Map<string, number>;
  private readonly lines: readonly Line[];

  constructor(
    pack: RulePack,
    over: {
      subjects: readonly TruthfulRow[];
      voters: readonly Rule[];
      weights: RuleWeights;
      values: Map<string, number>;
    },
  ) {
    this.voters = over.voters;
    this.values = over.values;
    this.weights = over.voters.map(({ id }) =>
      DRIVER_CLASSES.map((name) => over.weights.get(id)?.[name] ?? 0)
    );
    const cohorts = judge(pack, over.subjects, { params: over.values });
    const subjects = over.subjects.map((each, i) => ({ ...each, cohort: cohorts[i]!.cohort }));
    const prior = DRIVER_CLASSES.map((name) => Math.log(pack.prior[name]));
    this.lines = examplesOf(subjects, pack.prior).map(({ of, truth, share }): Line => {
      const fired = new Uint8Array(this.voters.length);
      const logits = Float64Array.from(prior);
      this.voters.forEach((rule, v) => {
        fired[v] = this.fires(rule, of.row);
        this.weights[v]!.forEach((weight, c) => logits[c]! += fired[v]! * weight);
      });
      return { row: of.row, truth, share, fired, logits };
    });
  }

  /** The parameter's best value, the one closest to `before` of those about as good; takes it. */
  best(param: PackParameter, before: number): number {
    const { min, max } = param;
    const tried = new Set([...valuesOver({ ...param, min: min!, max: max! }, STEPS), before]);
    const losses = [...tried].map((value) => ({ value, loss: this.lossAt(param, value) }));
    const least = Math.min(...losses.map(({ loss }) => loss));
    const good = losses.filter(({ loss }) => loss <= least + GAIN * this.lines.length);
    const best =
      good.reduce((a, b) => Math.abs(b.value - before) < Math.abs(a.value - before) ? b : a).value;
    this.set(param, best);
    return best;
  }

  private lossAt(param: PackParameter, value: number): number {
    this.set(param, value);
    let loss = 0;
    for (const { logits, truth, share } of this.lines) {
      const largest = Math.max(logits[0]!, logits[1]!, logits[2]!);
      const sum = logits.reduce((total, logit) => total + Math.exp(logit - largest), 0);
      loss += share * (Math.log(sum) - (logits[truth]! - largest));
    }
    return loss;
  }

  private set(param: PackParameter, value: number): void {
    this.values.set(param.fullName, value);
    this.voters.forEach((rule, v) => {
      if (!paramsOf(rule).includes(param.fullName)) return;
      for (const line of this.lines) {
        const fires = this.fires(rule, line.row);
        const change = fires - line.fired[v]!;
        if (change === 0) continue;
        line.fired[v] = fires;
        this.weights[v]!.forEach((weight, c) => line.logits[c]! += change * weight);
      }
    });
  }

  private fires(rule: Rule, row: Row): 0 | 1 {
    return testRule(rule, { row }, this.values).outcome === "fired" ? 1 : 0;
  }
}
