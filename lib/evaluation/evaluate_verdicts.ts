import type { VerdictWriter } from "../model/vocabulary.ts";
import type { Store } from "../store/store.ts";
import {
  readTruthfulRows,
  SOURCE_KEY,
  TRUTH_KEY,
  type TruthfulRowsOptions,
} from "../store/truthful_rows.ts";
import { type EvaluationReport, report } from "./report.ts";
import { storedJudgements } from "./stored_judgements.ts";

/** Whose verdicts are measured, and against which labels. */
interface EvaluateVerdictsOptions extends TruthfulRowsOptions {
  writer?: VerdictWriter;
}

/** Verdicts of one writer against a label, and which they were. */
export interface VerdictEvaluation extends EvaluationReport {
  writer: VerdictWriter;
  /** The label that was taken for the truth. */
  truthKey: string;
  /** Versions of the writer whose verdicts were measured; more than one is a mixture. */
  versions: string[];
}

/**
 * Measures what a writer says against ground truth, as it stands in the store. Nothing is judged
 * anew.
 */
export function evaluateVerdicts(
  store: Store,
  options: EvaluateVerdictsOptions = {},
): VerdictEvaluation {
  const { truthKey = TRUTH_KEY, writer = "phase1", groupBy = SOURCE_KEY, facets = [] } = options;
  const rows = readTruthfulRows(store, options);
  const { judgements, unjudged, versions } = storedJudgements(store, rows, writer);
  return { ...report(judgements, { groupBy, unjudged, facets }), writer, truthKey, versions };
}
