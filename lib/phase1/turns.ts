import { runRule } from "./evaluate.ts";
import type { Comparison, Context } from "./expression/expression_parts.ts";
import { paramsOf } from "./parameters.ts";
import type { Rule } from "./rule.ts";

/** One parameter and the values that it is tried at, in rising order. */
export interface Axis {
  /** Its full name. */
  name: string;
  values: readonly number[];
}

/** A context whose parameters can be set. */
export type SweptContext = Context & { readonly params: Map<string, number> };

/** Marks the points at which a rule fires on a row: 1 in `fires`, over one axis or two. */
export type Tracer = (context: SweptContext, fires: Uint8Array) => void;

/**
 * How to find where a rule fires as parameters run over their values. Between two values at which
 * none of its comparisons turns it does the same, and each comparison turns once at most: finding
 * the turns by halving asks the rule a few times a row, not once for each value. A rule that uses a
 * parameter in another way is asked at each.
 */
export function tracerOf(rule: Rule, axes: readonly Axis[]): Tracer {
  const read = paramsOf(rule);
  const [first, second] = axes as [Axis, Axis | undefined];
  const along = (axis: Axis) => new RuleOnAxis(rule, axis);
  if (second === undefined) {
    const own = along(first);
    return (context, fires) => own.trace(context, fires, 0);
  }
  const width = second.values.length;
  if (!read.includes(first.name)) {
    const own = along(second);
    return (context, fires) => {
      own.trace(context, fires, 0);
      for (let i = 1; i < first.values.length; i++) fires.copyWithin(i * width, 0, width);
    };
  }
  if (!read.includes(second.name)) {
    const own = along(first);
    const column = new Uint8Array(first.values.length);
    return (context, fires) => {
      own.trace(context, column, 0);
      column.forEach((fired, i) => fires.fill(fired, i * width, (i + 1) * width));
    };
  }
  const own = along(second);
  return (context, fires) => {
    first.values.forEach((value, i) => {
      context.params.set(first.name, value);
      own.trace(context, fires, i * width);
    });
  };
}

class RuleOnAxis {
  private readonly comparisons: readonly Comparison[];
  private readonly isLoose: boolean;
  /** Indexes at which some comparison turns. */
  private readonly turns: number[] = [];

  constructor(private readonly rule: Rule, private readonly axis: Axis) {
    const parts = [rule.applies, rule.when];
    this.isLoose = parts.some(({ loose }) => loose.includes(axis.name));
    this.comparisons = [...new Set(parts.flatMap(({ comparisons }) => comparisons))]
      .filter(({ turns }) => turns.includes(axis.name));
  }

  trace(context: SweptContext, fires: Uint8Array, at: number): void {
    const { length } = this.axis.values;
    if (this.isLoose) {
      for (let i = 0; i < length; i++) fires[at + i] = this.fires(context, i);
      return;
    }
    this.turns.length = 0;
    for (const comparison of this.comparisons) {
      const turn = this.turnOf(comparison, context);
      if (turn !== null && !this.turns.includes(turn)) this.turns.push(turn);
    }
    this.turns.sort((a, b) => a - b);
    let from = 0;
    for (let k = 0; k <= this.turns.length; k++) {
      const until = this.turns[k] ?? length;
      fires.fill(this.fires(context, from), at + from, at + until);
      from = until;
    }
  }

  private fires(context: SweptContext, i: number): 0 | 1 {
    context.params.set(this.axis.name, this.axis.values[i]!);
    return runRule(this.rule, context) === "fired" ? 1 : 0;
  }

  /** The index of the first value at which a comparison is not what it is at the first. */
  private turnOf(comparison: Comparison, context: SweptContext): number | null {
    const { name, values } = this.axis;
    const at = (i: number) => {
      context.params.set(name, values[i]!);
      return comparison.run(context);
    };
    const first = at(0);
    let [low, high] = [0, values.length - 1];
    if (at(high) === first) return null;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (at(middle) === first) low = middle;
      else high = middle;
    }
    return high;
  }
}
