import { cohenKappa } from "../../evaluation/agreement.ts";
import { compareVerdicts, type Comparison } from "../../evaluation/compare.ts";
import { type EvaluationReport, report } from "../../evaluation/report.ts";
import { type Judgement, knownOf } from "../../model/judgement.ts";
import type { OperatorType } from "../../model/vocabulary.ts";
import { UsageError } from "../../model/errors.ts";
import type { Price } from "../../phase2/price.ts";
import type { Finding } from "../../phase2/check_answer.ts";
import { type Phase2Summary, versionOf } from "../../phase2/judge_subjects.ts";
import { loadPrompt, PROMPTS } from "../../phase2/prompt.ts";
import type { Store } from "../../store/store.ts";
import {
  readTruthfulRows,
  SOURCE_KEY,
  type TruthfulRowsOptions,
} from "../../store/truthful_rows.ts";
import { readVerdicts } from "../../store/verdicts.ts";
import { judgementOf, readModelAnswers } from "./model_answers.ts";
import { type Phase2Config, runPhase2, type RunPhase2Options } from "./phase2.ts";

/** A model, and what it was told; the newest prompt unless said. */
export interface ModelSide {
  /** As the server names it. */
  model: string;
  /** A prompt of the kit by its name, or the path of one. */
  prompt?: string | undefined;
}

/** What one side says of the sessions that both have judged. */
interface SideMeasures {
  /** `phase2:<model>@<prompt hash>`. */
  version: string;
  /** Sessions that it has judged, also without the other. */
  judged: number;
  /** From the verdicts of the rules to its own. */
  rules: Comparison;
  /** Against ground truth, measured as the rules are. */
  report: EvaluationReport;
}

/** Two models or prompts over the same sessions. */
export interface ModelComparison {
  /** Sessions that both have judged; all below is about them. */
  n: number;
  /** Those of them of which both say the same type. */
  agreed: number;
  /** Cohen's kappa; null where chance alone would agree on all. */
  kappa: number | null;
  /** Each side by itself, as they were given. */
  sides: readonly [SideMeasures, SideMeasures];
  /** From the first side's verdicts to the second's. */
  between: Comparison;
}

/**
 * Compares what two models or prompts said, out of the answers in the store; nothing is sent. It is
 * the models' own word that counts, before the rules have theirs in the verdict.
 */
export async function compareModels(
  store: Store,
  sides: readonly [ModelSide, ModelSide],
  options: Omit<TruthfulRowsOptions, "facets"> = {},
): Promise<ModelComparison> {
  const first = await saidBy(store, sides[0]);
  const second = await saidBy(store, sides[1]);
  const both = [...first.said.keys()].filter((id) => second.said.has(id));
  const rows = readTruthfulRows(store, options);
  const truths = new Map(rows.map(({ subjectId, truth }) => [subjectId, truth]));
  const pairs = both.map((id) =>
    [first.said.get(id)!.operator_type, second.said.get(id)!.operator_type] as const
  );
  const judged = (typeOf: (id: string) => OperatorType | undefined) =>
    both.flatMap((subjectId) => {
      const verdict = typeOf(subjectId);
      const truth = truths.get(subjectId) ?? null;
      return verdict === undefined ? [] : [{ subjectId, group: "", truth, verdict }];
    });
  const rules = new Map(
    readVerdicts(store, { writer: "phase1" }).map((row) => [row.subject_id, row.operator_type]),
  );
  const ofRules = judged((id) => rules.get(id));
  const measured = ({ version, said }: Said): SideMeasures => ({
    version,
    judged: said.size,
    rules: compareVerdicts(ofRules, judged((id) => said.get(id)?.operator_type)),
    report: report(
      rows.filter(({ subjectId }) => first.said.has(subjectId) && second.said.has(subjectId))
        .map((row): Judgement => ({ ...knownOf(row), ...judgementOf(said.get(row.subjectId)!) })),
      { groupBy: options.groupBy ?? SOURCE_KEY },
    ),
  });
  return {
    n: both.length,
    agreed: pairs.filter(([a, b]) => a === b).length,
    kappa: cohenKappa(pairs),
    sides: [measured(first), measured(second)],
    between: compareVerdicts(
      judged((id) => first.said.get(id)?.operator_type),
      judged((id) => second.said.get(id)?.operator_type),
    ),
  };
}

/**
 * Asks both sides about the sessions that the rules route, then compares them. Both share the budget
 * of the configuration. The first side is asked last: the verdicts that stay are its. Returns the
 * `comparison` and the `summaries` of both askings, as the sides were given.
 */
export async function runModels(
  store: Store,
  sides: readonly [ModelSide, ModelSide],
  options: RunPhase2Options,
): Promise<{ comparison: ModelComparison; summaries: [Phase2Summary, Phase2Summary] }> {
  const phase2 = options.config.phase2!;
  const ask = ({ model, prompt }: ModelSide, budget: number) =>
    runPhase2(store, { ...phase2, model, budget, price: priceOf(phase2, model) }, {
      ...options,
      prompt,
    });
  const second = await ask(sides[1], phase2.budget);
  const first = await ask(sides[0], Math.max(0, phase2.budget - second.spent));
  const comparison = await compareModels(store, sides, { selector: options.selector });
  return { comparison, summaries: [first, second] };
}

/** What a model costs: its own price where the configuration has one, else the configured model's. */
export function priceOf({ price, prices }: Phase2Config, model: string): Price {
  return Object.hasOwn(prices, model) ? prices[model]! : price;
}

/**
 * What `--against` names, beside the configured model: `MODEL`, `MODEL@PROMPT`, or `@PROMPT` for the
 * same model under another prompt. A model's own name may hold an "@": only what is a prompt of the
 * kit or ends in `.md` is taken for one.
 */
export function sideOf(text: string, configured: ModelSide): ModelSide {
  const at = text.lastIndexOf("@");
  const prompt = text.slice(at + 1);
  const isPrompt = at >= 0 && (PROMPTS.some((name) => name === prompt) || prompt.endsWith(".md"));
  const side = isPrompt
    ? { model: text.slice(0, at) || configured.model, prompt }
    : { model: text, prompt: configured.prompt };
  if (side.model !== configured.model || side.prompt !== configured.prompt) return side;
  throw new UsageError(
    `--against ${
      JSON.stringify(text.slice(0, 200))
    } is what is asked anyway; name another model, ` +
      `or another prompt as "@PROMPT"`,
  );
}

interface Said {
  version: string;
  said: Map<string, Finding>;
}

async function saidBy(store: Store, { model, prompt }: ModelSide): Promise<Said> {
  const loaded = await loadPrompt(prompt);
  return {
    version: versionOf(model, loaded),
    said: readModelAnswers(store, { model, promptHash: loaded.hash }),
  };
}
