import type { Judgement } from "../model/judgement.ts";
import { DRIVER_CLASSES, type DriverClass } from "../model/vocabulary.ts";

/** What comes of calling a class from a probability on. */
interface CurvePoint {
  /** Probability of the class from which it is called. */
  threshold: number;
  hits: number;
  falseAlarms: number;
  /** Share of the class that is called: recall. */
  truePositiveRate: number;
  /** Share of the others that are called. */
  falsePositiveRate: number;
  precision: number;
}

/** One class against the others, over all thresholds. */
export interface ClassCurve {
  /** The class. */
  name: DriverClass;
  /** Subjects that are the class. */
  positives: number;
  /** Subjects that are not. */
  negatives: number;
  /** From the highest threshold to the lowest; empty where one side has no subject. */
  points: CurvePoint[];
  /** Area under the ROC curve, ties counted half; null where one side has no subject. */
  rocArea: number | null;
  /** Area under the PR curve as average precision. */
  averagePrecision: number | null;
}

/** ROC and precision-recall of each class against the others. Withheld verdicts are left out. */
export function classCurves(judgements: readonly Judgement[]): ClassCurve[] {
  const judged = judgements.filter(({ cohort }) => cohort === null);
  return DRIVER_CLASSES.map((name) => classCurve(name, judged));
}

function classCurve(name: DriverClass, judged: readonly Judgement[]): ClassCurve {
  const scored = judged.map(({ truth, distribution }) => ({
    score: distribution[name],
    is: truth === name,
  })).sort((a, b) => b.score - a.score);
  const positives = scored.filter(({ is }) => is).length;
  const negatives = scored.length - positives;
  const empty = { name, positives, negatives, points: [], rocArea: null, averagePrecision: null };
  if (positives === 0 || negatives === 0) return empty;
  const points: CurvePoint[] = [];
  let [hits, falseAlarms, rocArea, averagePrecision] = [0, 0, 0, 0];
  for (let from = 0; from < scored.length;) {
    const threshold = scored[from]!.score;
    const before = { hits, falseAlarms };
    for (; from < scored.length && scored[from]!.score === threshold; from++) {
      if (scored[from]!.is) hits++;
      else falseAlarms++;
    }
    const precision = hits / (hits + falseAlarms);
    rocArea += (falseAlarms - before.falseAlarms) * (hits + before.hits) / 2;
    averagePrecision += (hits - before.hits) * precision;
    points.push({
      threshold,
      hits,
      falseAlarms,
      truePositiveRate: hits / positives,
      falsePositiveRate: falseAlarms / negatives,
      precision,
    });
  }
  return {
    ...{ name, positives, negatives, points },
    rocArea: rocArea / (positives * negatives),
    averagePrecision: averagePrecision / positives,
  };
}

/** What a margin costs and buys. */
export interface AbstentionPoint {
  /** The lead that the best class must have. */
  margin: number;
  /** Share of the subjects that are decided then. */
  coverage: number;
  /** Share of those that is right. */
  accuracy: number;
  /** How many they are. */
  decided: number;
}

/**
 * Accuracy against coverage, one point for each margin that occurs, from the lowest up. Withheld
 * verdicts and those that no rule voted on are left out; of a mixed session the best class counts.
 */
export function abstentionCurve(judgements: readonly Judgement[]): AbstentionPoint[] {
  const judged = judgements.filter(({ cohort, votes }) => cohort === null && votes.length > 0)
    .sort((a, b) => b.margin - a.margin);
  const points: AbstentionPoint[] = [];
  let right = 0;
  judged.forEach(({ truth, distribution, margin }, i) => {
    if (truth === bestClass(distribution)) right++;
    if (judged[i + 1]?.margin === margin) return;
    const decided = i + 1;
    points.push({
      ...{ margin, decided },
      coverage: decided / judged.length,
      accuracy: right / decided,
    });
  });
  return points.reverse();
}

/** The class of the highest probability; the first of the vocabulary where two are equal. */
export function bestClass(distribution: Judgement["distribution"]): DriverClass {
  return DRIVER_CLASSES.reduce((best, name) =>
    distribution[name] > distribution[best] ? name : best
  );
}
