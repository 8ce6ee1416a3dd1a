import { measure, type Measures } from "../../evaluation/measure.ts";
import { type EvaluationReport, report } from "../../evaluation/report.ts";
import { type Judgement, knownOf } from "../../model/judgement.ts";
import type { OperatorType } from "../../model/vocabulary.ts";
import { versionOf } from "../../phase2/judge_subjects.ts";
import { readAskedModels } from "../../store/llm_counts.ts";
import type { Store } from "../../store/store.ts";
import {
  readTruthfulRows,
  SOURCE_KEY,
  type TruthfulRowsOptions,
} from "../../store/truthful_rows.ts";
import { readOperatorTypes, readVerdicts } from "../../store/verdicts.ts";
import { judgementOf, readModelAnswers } from "./model_answers.ts";

/** A session of which a model and the rules do not say the same. */
export interface Disagreement {
  /** A session or an activity. */
  subject_id: string;
  /** What phase 1 says. */
  rules: OperatorType;
  /** What the model said, before the rules had their word. */
  model: OperatorType;
  /** The model's own. */
  confidence: number;
  /** What stands after both: the verdict of phase 2; null where another model wrote it last. */
  stands: OperatorType | null;
  /** Ground truth, where it is known. */
  truth: string | null;
  /** Lines of the digest that the model points at; numbers, never text. */
  lines: number[];
}

/** What one model said under one prompt, out of the answers in the store. */
export interface ModelResults {
  /** As the server names it. */
  model: string;
  /** Of what it was told. */
  promptHash: string;
  /** Sessions that it has judged. */
  judged: number;
  /** Its own word against the rules': rows are the rules' verdicts, columns its own. */
  againstRules: Pick<Measures, "columns" | "confusion">;
  /** Against ground truth, measured as the rules are. */
  report: EvaluationReport;
  /** By session. */
  disagreements: Disagreement[];
}

/**
 * What models said of sessions, against the rules and the truth, a row a model and prompt; nothing is
 * sent. It is the models' own word that counts, before the rules have theirs in the verdict.
 */
export function readPhase2Results(
  store: Store,
  options: Pick<TruthfulRowsOptions, "truthKey" | "groupBy"> = {},
): ModelResults[] {
  const rows = readTruthfulRows(store, options);
  const truths = new Map(rows.map(({ subjectId, truth }) => [subjectId, truth]));
  const standing = new Map(
    readVerdicts(store, { writer: "phase2" }).map((row) => [row.subject_id, row]),
  );
  return readAskedModels(store).map((asked): ModelResults => {
    const said = readModelAnswers(store, asked);
    const rules = readOperatorTypes(store, { writer: "phase1", subjects: [...said.keys()] });
    const version = versionOf(asked.model, { hash: asked.promptHash });
    const stands = (id: string) => {
      const verdict = standing.get(id);
      return verdict?.version === version ? verdict.operator_type : null;
    };
    const pairs = [...said].flatMap(([subject_id, finding]) => {
      const type = rules.get(subject_id);
      return type === undefined ? [] : [{ subject_id, finding, rules: type }];
    });
    return {
      ...asked,
      judged: said.size,
      againstRules: measure(pairs.map(({ subject_id, finding, rules }) => ({
        ...{ subjectId: subject_id, session: subject_id, group: "", facets: {}, cohort: null },
        ...{ truth: rules, verdict: finding.operator_type },
      }))),
      report: report(
        rows.filter(({ subjectId }) => said.has(subjectId))
          .map((row): Judgement => ({ ...knownOf(row), ...judgementOf(said.get(row.subjectId)!) })),
        { groupBy: options.groupBy ?? SOURCE_KEY },
      ),
      disagreements: pairs.filter(({ finding, rules }) => finding.operator_type !== rules)
        .map(({ subject_id, finding, rules }) => ({
          ...{ subject_id, rules, model: finding.operator_type, confidence: finding.confidence },
          stands: stands(subject_id),
          truth: truths.get(subject_id) ?? null,
          lines: finding.lines,
        })),
    };
  });
}
