import type { Judgement } from "../model/judgement.ts";
import type { Distribution } from "../model/verdict.ts";
import { DRIVER_CLASSES } from "../model/vocabulary.ts";

/** A subject that numbers are fitted to. */
interface Example<T> {
  of: T;
  /** Index of the truth among the driver classes. */
  truth: number;
  /** What it weighs; the mean is 1. */
  share: number;
}

/**
 * Those of some subjects that numbers can be fitted to: the verdict not withheld, the truth a
 * class. They are weighed so that the classes weigh as the prior says, whatever the corpus holds
 * of each.
 */
export function examplesOf<T extends Pick<Judgement, "truth" | "cohort">>(
  subjects: readonly T[],
  prior: Distribution,
): Example<T>[] {
  const known = subjects.filter(({ cohort }) => cohort === null).map((of) => ({
    of,
    truth: (DRIVER_CLASSES as readonly string[]).indexOf(of.truth),
  })).filter(({ truth }) => truth >= 0);
  const counts = DRIVER_CLASSES.map((_, c) => known.filter(({ truth }) => truth === c).length);
  const there = DRIVER_CLASSES.reduce((sum, name, c) => counts[c] ? sum + prior[name] : sum, 0);
  return known.map(({ of, truth }) => ({
    ...{ of, truth },
    share: known.length * prior[DRIVER_CLASSES[truth]!] / there / counts[truth]!,
  }));
}
