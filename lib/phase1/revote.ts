import type { Judgement } from "../model/judgement.ts";
import { DRIVER_CLASSES, type DriverClass } from "../model/vocabulary.ts";
import type { Rule, RulePack } from "./rule.ts";
import type { Calibration } from "./rule_schema.ts";
import { distributionOf, verdictOf, type Weights } from "./score.ts";

/** Log-odds by rule and class. */
export type RuleWeights = ReadonlyMap<string, Readonly<Partial<Record<DriverClass, number>>>>;

/** The weights of a pack's score rules. */
export function weightsOf(pack: RulePack): RuleWeights {
  return new Map(
    pack.rules.filter(({ kind }) => kind === "score").map(({ id, weights }) => [id, weights]),
  );
}

/**
 * The same votes under other weights, prior, margin or calibration: verdicts without evaluating a
 * rule again. A rule that `weights` does not name has no vote. What segments made `mixed` stays so.
 */
export function revote(
  pack: Pick<RulePack, "prior" | "margin" | "calibration">,
  judgements: readonly Judgement[],
  weights: RuleWeights,
): Judgement[] {
  return judgements.map((judgement) => {
    const votes = judgement.votes.flatMap(({ ruleId }) => {
      const own = weights.get(ruleId);
      return own === undefined ? [] : [{ ruleId, weights: own }];
    });
    const distribution = distributionOf(pack.prior, sumOf(votes), pack.calibration);
    const { cohort } = judgement;
    const { verdict, margin } = verdictOf(distribution, {
      cohort,
      hasVotes: votes.length > 0,
      least: pack.margin,
    });
    const isMixed = judgement.verdict === "mixed";
    return { ...judgement, votes, distribution, margin, ...(isMixed ? {} : { verdict }) };
  });
}

/** The pack with other numbers; its rules' conditions stay. Hash and version stay too. */
export function withNumbers(
  pack: RulePack,
  { weights, calibration = pack.calibration }: {
    weights?: RuleWeights;
    calibration?: Calibration;
  },
): RulePack {
  const changed = (rule: Rule): Rule => {
    const own = weights?.get(rule.id);
    return own === undefined
      ? rule
      : { ...rule, weights: own, votes: { ...rule.votes, weights: own } };
  };
  return {
    ...pack,
    calibration,
    rules: pack.rules.map(changed),
    verdictRules: pack.verdictRules.map(changed),
    routingRules: pack.routingRules.map(changed),
  };
}

/** The votes of a subject added up. */
export function sumOf(votes: Judgement["votes"]): Weights {
  const sum: Weights = { human: 0, agent: 0, automation: 0 };
  for (const { weights } of votes) {
    for (const name of DRIVER_CLASSES) sum[name] += weights[name] ?? 0;
  }
  return sum;
}
