import { compareVerdicts, type Comparison } from "../../evaluation/compare.ts";
import type { Distribution } from "../../model/verdict.ts";
import type { OperatorType } from "../../model/vocabulary.ts";
import { evaluateRow, type Evaluation } from "../../phase1/evaluate.ts";
import { segmentVerdict } from "../../phase1/judge.ts";
import type { RulePack } from "../../phase1/rule.ts";
import { readWideRows, type WideRow } from "../../store/frame.ts";
import type { Store } from "../../store/store.ts";
import { SOURCE_KEY, TRUTH_KEY } from "../../store/truthful_rows.ts";

/** How often a rule (`ruleId`) voted `before` and `after`, and where. */
export interface RuleShift {
  ruleId: string;
  before: number;
  after: number;
  /** By the day on which sessions began, in UTC; "" where that is not known. */
  days: HitCount[];
  /** By principal, those that differ most first; at most {@link MOST_PRINCIPALS}. */
  principals: HitCount[];
}

/** Votes of one rule on one day or of one principal (`of`), `before` and `after`. */
export interface HitCount {
  of: string;
  before: number;
  after: number;
}

/** Two packs over one store. */
export interface PackComparison extends Comparison {
  /** Version of the pack that is there, `phase1@<rules hash>`. */
  before: string;
  /** Version of the one that would take its place. */
  after: string;
  /** Rules that do not vote on the same subjects. */
  rules: RuleShift[];
}

const MOST_PRINCIPALS = 20;

/**
 * What changes where one pack (`after`) takes another's place (`before`), over all sessions, activities and segments of a
 * store, labelled or not. Nothing is written.
 */
export function comparePacks(
  store: Store,
  packs: { before: RulePack; after: RulePack },
  options: {
    truthKey?: string | undefined;
    groupBy?: string | undefined;
    selector?: string | undefined;
    prior?: Distribution | undefined;
  } = {},
): PackComparison {
  const { truthKey = TRUTH_KEY, groupBy = SOURCE_KEY, selector, prior } = options;
  const sides = (["before", "after"] as const).map((side) => {
    const pack = packs[side];
    return { side, pack: { ...pack, prior: prior ?? pack.prior }, verdicts: [] as Judged[] };
  });
  const shifts = new Map<string, Shift>();
  const segments = segmentsBySession(store);
  const query = selector === undefined ? {} : { selector };
  for (const row of readWideRows(store, query)) {
    const parts = row["subject_kind"] === "session" ? segments.get(row.subject_id) ?? [] : [];
    const fired = sides.map(({ pack, verdicts }) => {
      const own = parts.map((part) => segmentVerdict(part, evaluateRow(pack, part)));
      const evaluation = evaluateRow(pack, row, { segments: own });
      verdicts.push({
        subjectId: row.subject_id,
        group: row.labels[groupBy] ?? "",
        truth: row.labels[truthKey] ?? null,
        verdict: evaluation.operatorType,
      });
      return votersOf(evaluation);
    }) as [Set<string>, Set<string>];
    countShifts(shifts, row, fired);
  }
  const [before, after] = sides as [typeof sides[number], typeof sides[number]];
  return {
    ...compareVerdicts(before.verdicts, after.verdicts),
    before: packs.before.version,
    after: packs.after.version,
    rules: [...shifts].filter(([, shift]) => shift.differs)
      .map(([ruleId, shift]) => shiftOf(ruleId, shift))
      .sort((a, b) => a.ruleId < b.ruleId ? -1 : 1),
  };
}

interface Judged {
  subjectId: string;
  group: string;
  truth: string | null;
  verdict: OperatorType;
}

interface Shift {
  before: number;
  after: number;
  differs: boolean;
  days: Map<string, HitCount>;
  principals: Map<string, HitCount>;
}

function segmentsBySession(store: Store): Map<string, WideRow[]> {
  const segments = new Map<string, WideRow[]>();
  for (const row of readWideRows(store, { kind: "segment" })) {
    const id = String(row["session_id"]);
    segments.set(id, [...segments.get(id) ?? [], row]);
  }
  return segments;
}

function votersOf({ hits }: Evaluation): Set<string> {
  return new Set(
    hits.filter(({ outcome }) => outcome === "fired").map(({ rule_id }) => rule_id),
  );
}

function countShifts(
  shifts: Map<string, Shift>,
  row: WideRow,
  [before, after]: readonly [Set<string>, Set<string>],
): void {
  const day = String(row["started_at"] ?? "").slice(0, 10);
  const principal = String(row["principal"] ?? "");
  for (const ruleId of new Set([...before, ...after])) {
    let shift = shifts.get(ruleId);
    if (shift === undefined) {
      const none = { before: 0, after: 0, differs: false };
      shift = { ...none, days: new Map(), principals: new Map() };
      shifts.set(ruleId, shift);
    }
    const counts = [shift, counted(shift.days, day), counted(shift.principals, principal)];
    for (const count of counts) {
      count.before += Number(before.has(ruleId));
      count.after += Number(after.has(ruleId));
    }
    if (before.has(ruleId) !== after.has(ruleId)) shift.differs = true;
  }
}

function counted(counts: Map<string, HitCount>, of: string): HitCount {
  const known = counts.get(of);
  if (known !== undefined) return known;
  const count = { of, before: 0, after: 0 };
  counts.set(of, count);
  return count;
}

function shiftOf(ruleId: string, { before, after, days, principals }: Shift): RuleShift {
  const size = (count: HitCount) => Math.abs(count.after - count.before);
  return {
    ...{ ruleId, before, after },
    days: [...days.values()].sort((a, b) => a.of < b.of ? -1 : 1),
    principals: [...principals.values()]
      .sort((a, b) => size(b) - size(a) || (a.of < b.of ? -1 : 1))
      .slice(0, MOST_PRINCIPALS),
  };
}
