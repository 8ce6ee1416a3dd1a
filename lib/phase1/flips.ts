import type { Flip } from "../model/explanation.ts";
import type { OperatorType } from "../model/vocabulary.ts";
import { type EvaluateOptions, evaluateRow } from "./evaluate.ts";
import type { Row } from "./expression/expression.ts";
import type { Comparison, Context } from "./expression/expression_parts.ts";
import type { RulePack } from "./rule.ts";
import { FEATURES } from "./variables.ts";

/** Pairs of changes that are tried at most, the smallest first. */
const MAX_PAIRS = 20_000;

type Change = Flip["changes"][number] & { size: number };

/**
 * The smallest changes of features that flip a verdict: for each other verdict one feature, or,
 * where no one feature leads to it, two. Features are set to where a comparison of some rule turns,
 * all else stays; what was not measured is not made up. Features hang together, so that a change of
 * one alone may be one that no session shows. Empty where neither one nor two features flip it: a
 * session that its segments make `mixed`, say.
 */
export function smallestFlips(
  pack: RulePack,
  row: Row,
  options: EvaluateOptions = {},
): Flip[] {
  const verdictAfter = (...changes: readonly Change[]): OperatorType => {
    const changed: Record<string, unknown> = { ...row };
    for (const { feature, to } of changes) changed[feature] = to;
    return evaluateRow(pack, changed, { ...options, values: false }).operatorType;
  };
  const own = verdictAfter();
  const changes = possibleChanges(pack, row, options).sort((a, b) => a.size - b.size);
  const byOne = new Map<OperatorType, Flip>();
  for (const change of changes) {
    const to = verdictAfter(change);
    if (to !== own && !byOne.has(to)) byOne.set(to, flip(to, [change]));
  }
  const byTwo = new Map<OperatorType, Flip>();
  for (const [one, other] of pairs(changes)) {
    const size = one.size + other.size;
    if ([...byTwo.values()].some((known) => known.size <= size) && byTwo.size > 2) break;
    const to = verdictAfter(one, other);
    if (to === own || byOne.has(to) || byTwo.has(to)) continue;
    byTwo.set(to, flip(to, [one, other]));
  }
  return [...byOne.values(), ...byTwo.values()].sort((a, b) => a.size - b.size);
}

function flip(to: OperatorType, changes: readonly Change[]): Flip {
  return {
    to,
    changes: changes.map(({ feature, from, to }) => ({ feature, from, to })),
    size: changes.reduce((sum, { size }) => sum + size, 0),
  };
}

/** Pairs of changes of two features, the smallest first. */
function pairs(changes: readonly Change[]): [Change, Change][] {
  return changes.flatMap((one, i) =>
    changes.slice(i + 1).filter(({ feature }) => feature !== one.feature)
      .map((other): [Change, Change] => [one, other])
  ).sort((a, b) => a[0].size + a[1].size - b[0].size - b[1].size).slice(0, MAX_PAIRS);
}

/** Each measured feature set to either side of where a comparison turns, yes/no to the other. */
function possibleChanges(pack: RulePack, row: Row, { params }: EvaluateOptions): Change[] {
  const changes = new Map<string, Change>();
  const add = (feature: string, from: number | boolean, to: number | boolean) => {
    if (to === from || !isPossible(feature, to)) return;
    const larger = Math.max(Math.abs(Number(from)), Math.abs(Number(to)));
    const size = Math.abs(Number(to) - Number(from)) / larger;
    changes.set(`${feature} ${to}`, { feature, from, to, size });
  };
  for (const rule of pack.verdictRules) {
    for (const feature of rule.reads) {
      const value = row[feature];
      if (FEATURES[feature]?.type === "flag" && typeof value === "boolean") {
        add(feature, value, !value);
      }
    }
    for (const comparison of [...rule.applies.comparisons, ...rule.when.comparisons]) {
      for (const feature of new Set([...comparison.left.reads, ...comparison.right.reads])) {
        const from = row[feature];
        if (typeof from !== "number" || FEATURES[feature] === undefined) continue;
        const edge = edgeOf(comparison, feature, { row, params, missing: [] });
        if (edge === null) continue;
        for (const to of around(edge, FEATURES[feature].type === "integer")) add(feature, from, to);
      }
    }
  }
  return [...changes.values()];
}

/** The value of a feature at which both sides of a comparison are equal, all else as it is. */
function edgeOf(comparison: Comparison, feature: string, context: Context): number | null {
  const lead = (value: number): number => {
    const changed = { ...context, row: { ...context.row, [feature]: value } };
    const [left, right] = [comparison.left.run(changed), comparison.right.run(changed)];
    return typeof left === "number" && typeof right === "number" ? left - right : NaN;
  };
  const [zero, one, two] = [lead(0), lead(1), lead(2)];
  const slope = one - zero;
  // only where the lead is a straight line of the feature is there one edge to be found
  const isStraight = Math.abs(two - one - slope) <= 1e-9 * (Math.abs(two) + Math.abs(slope));
  return slope !== 0 && isStraight ? -zero / slope : null;
}

/** An edge, and the closest plain numbers on either side of it: four digits, or whole ones. */
function around(edge: number, whole: boolean): number[] {
  const step = whole ? 1 : 10 ** (Math.floor(Math.log10(Math.abs(edge) || 0.001)) - 3);
  // in floating point 0.92 / 0.0001 is a hair off 9200, whose neighbours are 9199 and 9201
  const steps = Number((edge / step).toFixed(6));
  const plain = (value: number) => whole ? value : Number(value.toPrecision(4));
  const [below, above] = [Math.ceil(steps - 1) * step, Math.floor(steps + 1) * step].map(plain);
  const onStep = whole && !Number.isInteger(steps) ? [] : [plain(steps * step)];
  return [below!, ...onStep, above!];
}

/** Counts and times are not negative, a share is at most 1. */
function isPossible(feature: string, value: number | boolean): boolean {
  if (typeof value === "boolean") return true;
  return Number.isFinite(value) && value >= 0 && (FEATURES[feature]?.unit !== "0..1" || value <= 1);
}
