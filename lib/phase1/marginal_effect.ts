import type { Judgement } from "../model/judgement.ts";
import { revote, weightsOf } from "./revote.ts";
import type { RulePack } from "./rule.ts";

/** What a rule is good for: how much worse off the pack is without it. */
export interface MarginalEffect {
  ruleId: string;
  /** Verdicts that differ without it. */
  changed: number;
  /** With it minus without it: verdicts that are right, and that are wrong. */
  right: number;
  wrong: number;
}

/**
 * The marginal effect of each rule of the score: the pack's verdicts with it and without it, all
 * other numbers as they are. A rule whose evidence others bring too has little.
 */
export function marginalEffects(
  pack: RulePack,
  judgements: readonly Judgement[],
): MarginalEffect[] {
  const weights = weightsOf(pack);
  const before = revote(pack, judgements, weights);
  return [...weights.keys()].map((ruleId) => {
    const others = new Map(weights);
    others.delete(ruleId);
    const effect: MarginalEffect = { ruleId, changed: 0, right: 0, wrong: 0 };
    revote(pack, judgements, others).forEach(({ verdict, truth }, i) => {
      const own = before[i]!.verdict;
      effect.changed += Number(own !== verdict);
      effect.right += Number(own === truth) - Number(verdict === truth);
      effect.wrong += isWrong(own, truth) - isWrong(verdict, truth);
    });
    return effect;
  });
}

// `unknown` is not wrong: it says nothing.
function isWrong(verdict: string, truth: string): number {
  return Number(verdict !== truth && verdict !== "unknown");
}
