import type { Judgement, TruthfulRow } from "../model/judgement.ts";
import type { Distribution } from "../model/verdict.ts";
import type { ParameterValues } from "./expression/expression.ts";
import { fitNumbers, neutralNumbers, type PackNumbers } from "./fit_numbers.ts";
import { judge } from "./judge.ts";
import { withNumbers } from "./revote.ts";
import type { RulePack } from "./rule.ts";

/** One group judged by numbers that have not seen it. */
export interface Fold {
  /** The group that was left out. */
  group: string;
  /** Subjects of the others that were fitted to. */
  trained: number;
  /** Subjects of the group, which were judged. */
  tested: number;
  numbers: PackNumbers;
}

/** What each fold starts from. */
interface LeaveOneOutOptions {
  /**
   * Where the numbers of each fold start from, and what they keep where its labels do not speak:
   * those written in the pack, which its author may have chosen with all groups in view; or neutral
   * ones, which know nothing but the signs and the ranges.
   */
  start?: "written" | "neutral";
  /** Replaces the pack's own prior. */
  prior?: Distribution | undefined;
}

/**
 * Leaves each group out in turn: thresholds, weights and calibration are fitted to the others, and
 * the group is judged by them. What shares a session with a subject that is judged (its segments,
 * the activities it is in) is not fitted to either. `judgements` has each subject once, group by
 * group; `folds` says what each group was judged by. Pure; deterministic.
 */
export function leaveOneGroupOut(
  pack: RulePack,
  subjects: readonly TruthfulRow[],
  options: LeaveOneOutOptions = {},
): { judgements: Judgement[]; folds: Fold[] } {
  const { start = "written", prior = pack.prior } = options;
  const seen = { ...pack, prior };
  const from = start === "neutral" ? neutralNumbers(seen) : undefined;
  const groups = [...new Set(subjects.map(({ group }) => group))].sort();
  const judgements: Judgement[] = [];
  const folds = groups.map((group): Fold => {
    const tested = subjects.filter((each) => each.group === group);
    const sessions = new Set(tested.flatMap((each) => each.sessions));
    const trained = subjects.filter((each) =>
      each.group !== group && !each.sessions.some((session) => sessions.has(session))
    );
    const numbers = fitNumbers(seen, trained, from === undefined ? {} : { from });
    judgements.push(...judgeBy(seen, tested, numbers));
    return { group, trained: trained.length, tested: tested.length, numbers };
  });
  return { judgements, folds };
}

/** What a pack says under other numbers. */
export function judgeBy(
  pack: RulePack,
  subjects: readonly TruthfulRow[],
  numbers: PackNumbers,
): Judgement[] {
  const params: ParameterValues = numbers.params;
  return judge(withNumbers(pack, numbers), subjects, { params });
}
