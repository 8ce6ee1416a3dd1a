import { statedDistribution } from "../../evaluation/stored_judgements.ts";
import type { Judgement } from "../../model/judgement.ts";
import type { Finding } from "../../phase2/check_answer.ts";
import { mergeFindings } from "../../phase2/combine.ts";
import { readAnswers } from "../../store/llm_answers.ts";
import type { AskedModel } from "../../store/llm_counts.ts";
import type { Store } from "../../store/store.ts";
import { storedJson } from "../../store/stored_json.ts";

/** What a model said of each session, its windows made one: its own word, before the rules have theirs. */
export function readModelAnswers(store: Store, asked: AskedModel): Map<string, Finding> {
  return new Map(
    [...readAnswers(store, asked)].map(([id, windows]) => [
      id,
      mergeFindings(windows.map((text) => storedJson<Finding>(store, "llm_answers.finding", text))),
    ]),
  );
}

/** An answer as measures take verdicts. */
export function judgementOf(
  { operator_type, confidence }: Finding,
): Pick<Judgement, "verdict" | "cohort" | "distribution" | "margin" | "votes" | "abstained"> {
  const distribution = statedDistribution({ operator_type, confidence });
  const [best = 0, second = 0] = Object.values(distribution).sort((a, b) => b - a);
  return {
    ...{ verdict: operator_type, cohort: null, distribution, margin: best - second },
    ...{ votes: [], abstained: [] },
  };
}
