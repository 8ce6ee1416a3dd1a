import type { Judgement } from "../model/judgement.ts";
import { DRIVER_CLASSES } from "../model/vocabulary.ts";
import { bestClass } from "./curves.ts";
import { type Rate, rate } from "./rate.ts";

/** Subjects, `n` of them, of about the same stated probability: `from` up to `to`, itself left out. */
interface ReliabilityBin {
  from: number;
  to: number;
  n: number;
  /** Mean of the probability stated; null in an empty bin. */
  stated: number | null;
  /** Share that turned out right. */
  right: Rate;
}

/** How far stated probabilities can be believed. */
export interface CalibrationMeasure {
  /** Subjects that were decided by votes; the others say nothing of it. */
  n: number;
  /** Ten bins of equal width. */
  bins: ReliabilityBin[];
  /** Expected calibration error: mean distance of stated and right, by subjects; null without any. */
  expectedError: number | null;
  /** Brier score over the three classes: 0 is best, 2 worst. */
  brier: number | null;
  /** Mean negative log of the probability given to the truth, in nats. */
  logLoss: number | null;
}

const BINS = 10;
/** A probability of 0 given to the truth would cost without bound. */
const LEAST = 1e-9;

/**
 * Reliability of the probability of the best class. Withheld verdicts, those that no rule voted on,
 * and truths that are no class (`mixed`) are left out.
 */
export function calibration(judgements: readonly Judgement[]): CalibrationMeasure {
  const judged = judgements.filter(({ cohort, votes, truth }) =>
    cohort === null && votes.length > 0 && (DRIVER_CLASSES as readonly string[]).includes(truth)
  );
  const n = judged.length;
  const stated = judged.map(({ truth, distribution }) => {
    const best = bestClass(distribution);
    return { probability: distribution[best], isRight: best === truth };
  });
  const bins = Array.from({ length: BINS }, (_, i): ReliabilityBin => {
    const those = stated.filter(({ probability }) =>
      Math.min(BINS - 1, Math.floor(probability * BINS)) === i
    );
    return {
      ...{ from: i / BINS, to: (i + 1) / BINS, n: those.length },
      stated: those.length === 0 ? null : mean(those.map(({ probability }) => probability)),
      right: rate(those.filter(({ isRight }) => isRight).length, those.length),
    };
  });
  if (n === 0) return { n, bins, expectedError: null, brier: null, logLoss: null };
  const distance = (bin: ReliabilityBin) => Math.abs((bin.stated ?? 0) - (bin.right.value ?? 0));
  return {
    ...{ n, bins },
    expectedError: bins.reduce((sum, bin) => sum + bin.n * distance(bin), 0) / n,
    brier: mean(
      judged.map(({ truth, distribution }) =>
        DRIVER_CLASSES.reduce(
          (sum, name) => sum + (distribution[name] - Number(name === truth)) ** 2,
          0,
        )
      ),
    ),
    logLoss: mean(
      judged.map(({ truth, distribution }) =>
        -Math.log(Math.max(LEAST, distribution[truth as keyof typeof distribution]))
      ),
    ),
  };
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
