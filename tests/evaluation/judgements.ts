import type { Judgement } from "../../lib/model/judgement.ts";
import type { Distribution } from "../../lib/model/verdict.ts";
import type { OperatorType } from "../../lib/model/vocabulary.ts";

/** A judgement of which a test says only what it is about. */
export function judgement(
  truth: string,
  human: number,
  rest: Partial<Omit<Judgement, "truth" | "distribution">> & { agent?: number } = {},
): Judgement {
  const { agent = (1 - human) / 2, ...others } = rest;
  const distribution: Distribution = { human, agent, automation: 1 - human - agent };
  const ranked = Object.entries(distribution).sort((a, b) => b[1] - a[1]);
  return {
    subjectId: "s",
    truth,
    verdict: ranked[0]![0] as OperatorType,
    cohort: null,
    group: "",
    session: "s",
    facets: {},
    distribution,
    margin: ranked[0]![1] - ranked[1]![1],
    votes: [{ ruleId: "some-rule", weights: { human: 1 } }],
    abstained: [],
    ...others,
  };
}
