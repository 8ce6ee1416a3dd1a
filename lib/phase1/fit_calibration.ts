import type { Judgement } from "../model/judgement.ts";
import { DRIVER_CLASSES } from "../model/vocabulary.ts";
import { examplesOf } from "./examples.ts";
import { fitWeights, type FitWeightsOptions } from "./fit_weights.ts";
import { revote, sumOf } from "./revote.ts";
import type { RulePack } from "./rule.ts";
import type { Calibration } from "./rule_schema.ts";
import { distributionOf } from "./score.ts";

type Temperature = Calibration & { kind: "temperature" };

/** How strongly the temperature is held at 1, in subjects. */
const HELD = 4;
const COLDEST = 0.25;
const HOTTEST = 8;

/**
 * The temperature under which the stated probabilities fit the labels best (least log loss), from
 * 0.25 to 8, to two digits. Votes count with the weights that the judgements hold, under the pack's
 * prior; subjects are weighed as in {@link fitWeights}, those that no rule voted on are left out.
 * Few labels, or none that contradict, leave it near 1. Null where there is nothing to fit.
 */
export function fitTemperature(
  pack: Pick<RulePack, "prior">,
  judgements: readonly Judgement[],
): Temperature | null {
  const examples = examplesOf(judgements, pack.prior).filter(({ of }) => of.votes.length > 0)
    .map(({ of, ...rest }) => ({ sum: sumOf(of.votes), ...rest }));
  if (examples.length === 0) return null;
  const loss = (log: number) => {
    const calibration: Calibration = { kind: "temperature", value: Math.exp(log) };
    return examples.reduce((total, { sum, truth, share }) => {
      const p = distributionOf(pack.prior, sum, calibration)[DRIVER_CLASSES[truth]!];
      return total - share * Math.log(Math.max(1e-12, p));
    }, HELD / 2 * log ** 2);
  };
  const value = Math.exp(lowest(loss, Math.log(COLDEST), Math.log(HOTTEST)));
  return { kind: "temperature", value: Math.round(value * 100) / 100 };
}

/**
 * The temperature fitted to votes on subjects that the weights have not seen: of each group with
 * weights fitted to the other groups, since votes on subjects that weights were fitted to look
 * surer than they are. With one group, to the votes as they are.
 */
export function fitCalibration(
  pack: RulePack,
  judgements: readonly Judgement[],
  options: FitWeightsOptions = {},
): Temperature | null {
  const groups = new Set(judgements.map(({ group }) => group));
  if (groups.size < 2) return fitTemperature(pack, judgements);
  return fitTemperature(
    pack,
    [...groups].flatMap((group) => {
      const others = judgements.filter((each) => each.group !== group);
      const unseen = judgements.filter((each) => each.group === group);
      return revote(pack, unseen, fitWeights(pack, others, options));
    }),
  );
}

/** Where a function of one valley is lowest, by golden section. */
function lowest(of: (x: number) => number, from: number, to: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [from, to];
  for (let i = 0; i < 60; i++) {
    const [a, b] = [high - ratio * (high - low), low + ratio * (high - low)];
    if (of(a) < of(b)) high = b;
    else low = a;
  }
  return (low + high) / 2;
}
