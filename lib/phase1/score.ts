import type { Distribution } from "../model/verdict.ts";
import {
  AUTOMATION_COHORTS,
  DRIVER_CLASSES,
  type DriverClass,
  type OperatorType,
} from "../model/vocabulary.ts";
import type { Calibration } from "./rule_schema.ts";

/** Log-odds collected so far, by class. */
export type Weights = Record<DriverClass, number>;

/**
 * Prior and votes to a distribution: the log of the prior plus the votes of each class, divided by
 * the temperature, through softmax. A vote of w multiplies the odds of its class against each other
 * class by e^w.
 */
export function distributionOf(
  prior: Distribution,
  votes: Weights,
  calibration: Calibration,
): Distribution {
  const temperature = calibration.kind === "temperature" ? calibration.value : 1;
  const logits = DRIVER_CLASSES.map((name) => (Math.log(prior[name]) + votes[name]) / temperature);
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  const [human, agent, automation] = powers.map((power) => power / sum) as [number, number, number];
  const distribution = { human, agent, automation };
  return calibration.kind === "points" ? mapped(distribution, calibration.points) : distribution;
}

/** The best class's probability goes through the fitted points; the others share the rest. */
function mapped(
  distribution: Distribution,
  points: readonly (readonly [number, number])[],
): Distribution {
  const [best] = ranked(distribution);
  const from = distribution[best];
  const to = interpolate(points, from);
  const rest = DRIVER_CLASSES.reduce(
    (sum, name) => name === best ? sum : sum + distribution[name],
    0,
  );
  const out = { ...distribution };
  for (const name of DRIVER_CLASSES) {
    out[name] = rest === 0 ? (1 - to) / 2 : distribution[name] * (1 - to) / rest;
  }
  out[best] = to;
  return out;
}

/** Linear between the points, flat beyond the ends. Points are in order of their first number. */
export function interpolate(
  points: readonly (readonly [number, number])[],
  x: number,
): number {
  let before = points[0]!;
  if (x <= before[0]) return before[1];
  for (const point of points) {
    if (x <= point[0]) {
      const width = point[0] - before[0];
      const share = width === 0 ? 1 : (x - before[0]) / width;
      return before[1] + share * (point[1] - before[1]);
    }
    before = point;
  }
  return before[1];
}

/** The classes, the most probable first; ties in the order human, agent, automation. */
export function ranked(distribution: Distribution): [DriverClass, DriverClass, DriverClass] {
  const classes = [...DRIVER_CLASSES].sort((a, b) => distribution[b] - distribution[a]);
  return classes as [DriverClass, DriverClass, DriverClass];
}

/**
 * What a distribution comes to: the best class if it leads by `least`, else `unknown`. A cohort
 * withholds it, or makes it automation by construction; without a vote there is nothing to say, and
 * the margin is 0.
 */
export function verdictOf(
  distribution: Distribution,
  { cohort, hasVotes, least }: { cohort: string | null; hasVotes: boolean; least: number },
): { verdict: OperatorType; margin: number } {
  const [best, second] = ranked(distribution);
  const margin = hasVotes ? distribution[best] - distribution[second] : 0;
  if (cohort !== null) {
    const isAutomation = (AUTOMATION_COHORTS as readonly string[]).includes(cohort);
    return { verdict: isAutomation ? "automation" : "unknown", margin };
  }
  return { verdict: hasVotes && margin >= least ? best : "unknown", margin };
}
