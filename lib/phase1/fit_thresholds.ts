import type { TruthfulRow } from "../model/judgement.ts";
import { DRIVER_CLASSES } from "../model/vocabulary.ts";
import { testRule } from "./evaluate.ts";
import { examplesOf } from "./examples.ts";
import type { ParameterValues, Row } from "./expression/expression.ts";
import { judge } from "./judge.ts";
import { type RuleWeights, weightsOf } from "./revote.ts";
import type { PackParameter, Rule, RulePack } from "./rule.ts";
import { paramsOf, valuesOver } from "./parameters.ts";
import { type Axis, type SweptContext, tracerOf } from "./turns.ts";

/** Values tried of one parameter, spread evenly over its range. */
const STEPS = 14;
/** Times that all parameters are gone through; it ends before, where none moves any more. */
const ROUNDS = 3;
/** What a value must gain to be taken for another one, in nats a subject. */
const GAIN = 0.002;

interface FitThresholdsOptions {
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
    const { min, max, fullName: name } = param;
    const values = [...new Set([...valuesOver({ ...param, min: min!, max: max! }, STEPS), before])]
      .sort((a, b) => a - b);
    const losses = this.lossesOver({ name, values });
    if (losses === null) return before;
    const least = Math.min(...losses);
    const good = values.filter((_, i) => losses[i]! <= least + GAIN * this.lines.length);
    const best = good.reduce((a, b) => Math.abs(b - before) < Math.abs(a - before) ? b : a);
    this.set(name, best);
    return best;
  }

  /** The loss at each value; null where nothing depends on it. */
  private lossesOver(axis: Axis): Float64Array | null {
    const losses = new Float64Array(axis.values.length);
    const moving = this.readersOf(axis.name);
    const traced = moving.map((v) => ({
      ...{ v, trace: tracerOf(this.voters[v]!, [axis]) },
      fires: new Uint8Array(axis.values.length),
    }));
    const params = new Map(this.values);
    let varies = false;
    for (const { row, logits, fired, truth, share } of this.lines) {
      const context: SweptContext = { row, params, missing: [] };
      for (const { trace, fires } of traced) trace(context, fires);
      let loss = 0;
      for (let i = 0; i < losses.length; i++) {
        if (i === 0 || traced.some(({ fires }) => fires[i] !== fires[i - 1])) {
          if (i > 0) varies = true;
          const own = Float64Array.from(logits);
          for (const { v, fires } of traced) {
            const change = fires[i]! - fired[v]!;
            if (change !== 0) this.weights[v]!.forEach((weight, c) => own[c]! += change * weight);
          }
          loss = share * lossOf(own, truth);
        }
        losses[i]! += loss;
      }
    }
    return varies ? losses : null;
  }

  private set(name: string, value: number): void {
    this.values.set(name, value);
    for (const v of this.readersOf(name)) {
      for (const line of this.lines) {
        const fires = this.fires(this.voters[v]!, line.row);
        const change = fires - line.fired[v]!;
        if (change === 0) continue;
        line.fired[v] = fires;
        this.weights[v]!.forEach((weight, c) => line.logits[c]! += change * weight);
      }
    }
  }

  private readersOf(name: string): number[] {
    return this.voters.flatMap((rule, v) => paramsOf(rule).includes(name) ? [v] : []);
  }

  private fires(rule: Rule, row: Row): 0 | 1 {
    return testRule(rule, { row }, this.values).outcome === "fired" ? 1 : 0;
  }
}

/** Negative log of the truth's probability. */
function lossOf(logits: Float64Array, truth: number): number {
  const largest = Math.max(logits[0]!, logits[1]!, logits[2]!);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - largest), 0);
  return Math.log(sum) - (logits[truth]! - largest);
}
