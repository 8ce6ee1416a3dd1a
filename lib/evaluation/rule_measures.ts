import type { Judgement } from "../model/judgement.ts";
import { DRIVER_CLASSES, type DriverClass } from "../model/vocabulary.ts";
import { type Rate, rate } from "./rate.ts";

/**
 * How one rule (`ruleId`) fares on subjects whose truth is known: on how many it voted (`fired`), and
 * could not for want of a value (`abstained`).
 */
export interface RuleMeasure {
  ruleId: string;
  fired: number;
  abstained: number;
  /** Share of the subjects on which it voted. */
  coverage: Rate;
  /** Of its votes, those cast beside another rule's. */
  overlap: Rate;
  /** Of its votes, those against which another rule favours other classes. */
  conflict: Rate;
  /** Of its votes, those that raise the truth's probability above the others' mean. */
  accuracy: Rate;
}

type Vote = Judgement["votes"][number];

/**
 * Coverage, overlap, conflict and accuracy of each rule, in the order of `ruleIds`. Verdicts that a
 * cohort withholds are left out: what rules say of them is not used.
 */
export function ruleMeasures(
  judgements: readonly Judgement[],
  ruleIds: readonly string[],
): RuleMeasure[] {
  const judged = judgements.filter(({ cohort }) => cohort === null);
  const counts = new Map(ruleIds.map((id) => [id, emptyCounts()]));
  for (const { truth, votes, abstained } of judged) {
    for (const id of abstained) count(counts.get(id), "abstained");
    for (const vote of votes) {
      const own = counts.get(vote.ruleId);
      const others = votes.filter(({ ruleId }) => ruleId !== vote.ruleId);
      count(own, "fired");
      if (others.length > 0) count(own, "overlaps");
      if (others.some((other) => areOpposed(vote, other))) count(own, "conflicts");
      if (speaksFor(vote, truth)) count(own, "right");
    }
  }
  return [...counts].map(([ruleId, { fired, abstained, overlaps, conflicts, right }]) => ({
    ...{ ruleId, fired, abstained },
    coverage: rate(fired, judged.length),
    overlap: rate(overlaps, fired),
    conflict: rate(conflicts, fired),
    accuracy: rate(right, fired),
  }));
}

/** Votes of two rules, `first` and `second` by id, on the same subjects. */
export interface RulePair {
  first: string;
  second: string;
  /** Subjects on which both voted. */
  both: number;
  /** Those of them on which they favour other classes. */
  opposed: number;
}

/** Every pair of rules that voted on the same subject at least once. */
export function rulePairs(judgements: readonly Judgement[]): RulePair[] {
  const pairs = new Map<string, RulePair>();
  for (const { cohort, votes } of judgements) {
    if (cohort !== null) continue;
    const ordered = votes.toSorted((a, b) => a.ruleId < b.ruleId ? -1 : 1);
    ordered.forEach((one, i) => {
      for (const other of ordered.slice(i + 1)) {
        const key = `${one.ruleId}\n${other.ruleId}`;
        const pair = pairs.get(key) ??
          { first: one.ruleId, second: other.ruleId, both: 0, opposed: 0 };
        pair.both++;
        if (areOpposed(one, other)) pair.opposed++;
        pairs.set(key, pair);
      }
    });
  }
  return [...pairs.values()].sort((a, b) =>
    a.first === b.first ? (a.second < b.second ? -1 : 1) : a.first < b.first ? -1 : 1
  );
}

/** Whether a vote raises a class above the mean of the three. */
function speaksFor({ weights }: Vote, truth: string): boolean {
  const mean = DRIVER_CLASSES.reduce((sum, name) => sum + (weights[name] ?? 0), 0) /
    DRIVER_CLASSES.length;
  return (DRIVER_CLASSES as readonly string[]).includes(truth) &&
    (weights[truth as DriverClass] ?? 0) > mean;
}

/** No class is the favourite of both. */
function areOpposed(one: Vote, other: Vote): boolean {
  const favourites = favouritesOf(other);
  return !favouritesOf(one).some((name) => favourites.includes(name));
}

function favouritesOf({ weights }: Vote): DriverClass[] {
  const most = Math.max(...DRIVER_CLASSES.map((name) => weights[name] ?? 0));
  return DRIVER_CLASSES.filter((name) => (weights[name] ?? 0) === most);
}

interface Counts {
  fired: number;
  abstained: number;
  overlaps: number;
  conflicts: number;
  right: number;
}

function emptyCounts(): Counts {
  return { fired: 0, abstained: 0, overlaps: 0, conflicts: 0, right: 0 };
}

// Rules that the caller did not name are not counted.
function count(counts: Counts | undefined, what: keyof Counts): void {
  if (counts !== undefined) counts[what]++;
}
