import { UsageError } from "../model/errors.ts";
import type { TruthfulRow } from "../model/judgement.ts";
import type { SweepPoint, SweptCount } from "../model/sweep.ts";
import { OPERATOR_TYPES, type OperatorType } from "../model/vocabulary.ts";
import { runRule } from "./evaluate.ts";
import { paramsOf, valuesOver } from "./parameters.ts";
import type { Row } from "./expression/expression.ts";
import { suggestion } from "./suggestion.ts";
import type { Rule, RulePack } from "./rule.ts";
import { distributionOf, verdictOf, type Weights } from "./score.ts";
import { type Axis, type SweptContext, type Tracer, tracerOf } from "./turns.ts";

/** A parameter to sweep. */
export interface SweptParameter {
  /** Its full name, `rule-id.name`, or `name` where the pack shares it. */
  name: string;
  /** The values to try; 50 even steps over the range (7 of each of two) unless told. */
  values?: readonly number[];
  /** The range; the parameter's own unless told. */
  range?: readonly [from: number, to: number];
}

const POINTS = 50;
const POINTS_OF_TWO = 7;

/**
 * What a pack says as one or two of its parameters run over their values, all else as written. What
 * does not depend on them is evaluated once a row; what does, only between the values at which it
 * turns. Rows without a truth count under the truth they state (such as ""): volume needs no labels.
 * Throws a {@link UsageError} for a parameter that there is not, or that has no range and no values.
 */
export function sweep(
  pack: RulePack,
  rows: readonly Pick<TruthfulRow, "truth" | "row" | "segments">[],
  parameters: readonly [SweptParameter] | readonly [SweptParameter, SweptParameter],
): SweepPoint[] {
  const axes = parameters.map((each) => axisOf(pack, each, parameters.length));
  const scanner = new Scanner(pack, axes);
  const truths = [...new Set(rows.map(({ truth }) => truth))].sort();
  const counts = truths.map(() => new Uint32Array(scanner.points * COLUMNS));
  for (const { truth, row, segments } of rows) {
    const own = counts[truths.indexOf(truth)]!;
    const verdicts = scanner.verdicts(row);
    if (segments.length > 0) mix(verdicts, segments.map((part) => scanner.verdicts(part)));
    for (let i = 0; i < verdicts.length; i++) own[i * COLUMNS + verdicts[i]!]!++;
  }
  return Array.from({ length: scanner.points }, (_, i) => ({
    values: valuesAt(axes, i),
    counts: truths.flatMap((truth, t) =>
      Array.from({ length: COLUMNS }, (_, column): SweptCount => ({
        truth,
        verdict: VERDICTS[column]!,
        withheld: column === WITHHELD,
        n: counts[t]![i * COLUMNS + column]!,
      })).filter(({ n }) => n > 0)
    ),
  }));
}

/**
 * Columns of the counts: the operator types, then `unknown` that a cohort withholds, and
 * `automation` that a cohort makes it.
 */
const WITHHELD = OPERATOR_TYPES.length;
const CONSTRUCTED = WITHHELD + 1;
const COLUMNS = CONSTRUCTED + 1;
const VERDICTS: readonly OperatorType[] = [...OPERATOR_TYPES, "unknown", "automation"];
const [HUMAN, MIXED] = (["human", "mixed"] as const)
  .map((name) => OPERATOR_TYPES.indexOf(name)) as [number, number];

function axisOf(pack: RulePack, swept: SweptParameter, axes: number): Axis {
  const { name, values } = swept;
  const param = pack.params.get(name);
  if (param === undefined) {
    throw new UsageError(
      `This pack has no parameter ${JSON.stringify(name.slice(0, 80))}${
        suggestion(name, pack.params.keys())
      }`,
    );
  }
  if (values !== undefined && values.length > 0) {
    return { name, values: [...values].sort((a, b) => a - b) };
  }
  const [min, max] = swept.range ?? [param.min, param.max];
  if (min === null || max === null) {
    throw new UsageError(
      `Parameter "${name}" has no range to sweep; give it min and max in its file`,
    );
  }
  const points = axes === 1 ? POINTS : POINTS_OF_TWO;
  return { name, values: valuesOver({ ...param, min, max }, points - 1) };
}

function valuesAt(axes: readonly Axis[], i: number): Record<string, number> {
  const [first, second] = axes as [Axis, Axis | undefined];
  const width = second?.values.length ?? 1;
  return {
    [first.name]: first.values[Math.floor(i / width)]!,
    ...second !== undefined && { [second.name]: second.values[i % width]! },
  };
}

/** A session is mixed where one segment is a person's and another a machine's. */
function mix(verdicts: Uint8Array, segments: readonly Uint8Array[]): void {
  for (let i = 0; i < verdicts.length; i++) {
    if (verdicts[i]! >= WITHHELD) continue;
    const decided = segments.map((each) => each[i]!).filter((verdict) =>
      verdict < MIXED || verdict === CONSTRUCTED
    );
    const people = decided.filter((verdict) => verdict === HUMAN).length;
    if (people > 0 && people < decided.length) verdicts[i] = MIXED;
  }
}

/** Finds the verdicts of one row at all points. */
class Scanner {
  readonly points: number;
  /** Rules that do the same at every point, and those that do not. */
  private readonly fixed: readonly Rule[];
  private readonly moving: readonly { rule: Rule; trace: Tracer }[];
  private readonly cohorts: readonly string[];
  private readonly fires: Uint8Array;
  private readonly sums: Float64Array;
  private readonly votes: Uint16Array;
  /** Of each point the place of the cohort that withholds; the number of cohorts where none does. */
  private readonly firstCohort: Uint16Array;

  constructor(private readonly pack: RulePack, axes: readonly Axis[]) {
    this.points = axes.reduce((product, { values }) => product * values.length, 1);
    const deciding = pack.verdictRules.filter(({ kind }) => kind !== "fingerprint");
    const isMoving = (rule: Rule) => axes.some(({ name }) => paramsOf(rule).includes(name));
    this.fixed = deciding.filter((rule) => !isMoving(rule));
    this.moving = deciding.filter(isMoving).map((rule) => ({ rule, trace: tracerOf(rule, axes) }));
    this.cohorts = [...pack.cohorts.keys()];
    this.fires = new Uint8Array(this.points);
    this.sums = new Float64Array(this.points * 3);
    this.votes = new Uint16Array(this.points);
    this.firstCohort = new Uint16Array(this.points);
  }

  /** Columns of the counts, one a point. */
  verdicts(row: Row): Uint8Array {
    const context: SweptContext = { row, params: new Map(), missing: [] };
    this.sums.fill(0);
    this.votes.fill(0);
    this.firstCohort.fill(this.cohorts.length);
    this.fires.fill(1);
    for (const rule of this.fixed) if (runRule(rule, context) === "fired") this.add(rule);
    for (const { rule, trace } of this.moving) {
      trace(context, this.fires);
      this.add(rule);
    }
    const verdicts = new Uint8Array(this.points);
    for (let i = 0; i < this.points; i++) {
      verdicts[i] = i > 0 && this.isAsBefore(i) ? verdicts[i - 1]! : this.verdictAt(i);
    }
    return verdicts;
  }

  /** Adds a rule's votes where it fires. */
  private add({ kind, weights, cohort }: Rule): void {
    const place = cohort === null ? 0 : this.cohorts.indexOf(cohort);
    const { human = 0, agent = 0, automation = 0 } = weights;
    for (let i = 0; i < this.points; i++) {
      if (this.fires[i] === 0) continue;
      if (kind === "cohort") this.firstCohort[i] = Math.min(this.firstCohort[i]!, place);
      else {
        this.votes[i]!++;
        this.sums[i * 3]! += human;
        this.sums[i * 3 + 1]! += agent;
        this.sums[i * 3 + 2]! += automation;
      }
    }
  }

  private isAsBefore(i: number): boolean {
    return this.votes[i] === this.votes[i - 1] &&
      this.firstCohort[i] === this.firstCohort[i - 1] &&
      this.sums[i * 3] === this.sums[i * 3 - 3] &&
      this.sums[i * 3 + 1] === this.sums[i * 3 - 2] &&
      this.sums[i * 3 + 2] === this.sums[i * 3 - 1];
  }

  private verdictAt(i: number): number {
    const { prior, calibration, margin } = this.pack;
    const [human, agent, automation] = this.sums.subarray(i * 3, i * 3 + 3);
    const votes: Weights = { human: human!, agent: agent!, automation: automation! };
    const cohort = this.cohorts[this.firstCohort[i]!] ?? null;
    const { verdict } = verdictOf(distributionOf(prior, votes, calibration), {
      ...{ cohort, hasVotes: this.votes[i]! > 0, least: margin },
    });
    if (cohort === null) return OPERATOR_TYPES.indexOf(verdict);
    return verdict === "unknown" ? WITHHELD : CONSTRUCTED;
  }
}
