import {
  type JudgedSubject,
  type Judgement,
  knownOf,
  type TruthfulRow,
} from "../model/judgement.ts";
import type { Distribution, VerdictRow } from "../model/verdict.ts";
import { DRIVER_CLASSES, type VerdictWriter } from "../model/vocabulary.ts";
import type { Store } from "../store/store.ts";
import { readRuleHits, readVerdicts } from "../store/verdicts.ts";

/** What a writer said of labelled subjects. */
interface StoredJudgements {
  judgements: Judgement[];
  /** Those that it has no verdict on. */
  unjudged: JudgedSubject[];
  /** Versions of the writer that speak; more than one is a mixture. */
  versions: string[];
}

/**
 * What a writer has said of labelled subjects, as it stands in the store. Reads `verdicts`, not the
 * label `operator.type`, so that a label set by hand never hides what a machine said. A writer that
 * states no distribution is taken at its confidence, the other classes sharing the rest.
 */
export function storedJudgements(
  store: Store,
  rows: readonly TruthfulRow[],
  writer: VerdictWriter,
): StoredJudgements {
  const verdicts = new Map(readVerdicts(store, { writer }).map((row) => [row.subject_id, row]));
  const out: StoredJudgements = { judgements: [], unjudged: [], versions: [] };
  for (const row of rows) {
    const verdict = verdicts.get(row.subjectId);
    if (verdict === undefined) {
      out.unjudged.push({ ...knownOf(row), verdict: null, cohort: null });
      continue;
    }
    if (!out.versions.includes(verdict.version)) out.versions.push(verdict.version);
    out.judgements.push({
      ...knownOf(row),
      verdict: verdict.operator_type,
      cohort: verdict.cohort,
      ...votesOf(store, verdict),
    });
  }
  out.versions.sort();
  return out;
}

type Voted = Pick<Judgement, "distribution" | "margin" | "votes" | "abstained">;

function votesOf(store: Store, verdict: VerdictRow): Voted {
  const distribution = verdict.distribution ?? statedDistribution(verdict);
  const [best = 0, second = 0] = Object.values(distribution).sort((a, b) => b - a);
  if (verdict.writer !== "phase1") {
    return { distribution, margin: best - second, votes: [], abstained: [] };
  }
  // cohort and routing rules have hits too; their votes are no evidence of a class
  const hits = readRuleHits(store, verdict.subject_id).filter(({ votes }) =>
    votes.weights !== undefined
  );
  const votes = hits.filter(({ outcome }) => outcome === "fired")
    .map(({ rule_id, votes }) => ({ ruleId: rule_id, weights: votes.weights ?? {} }));
  return {
    distribution,
    margin: votes.length === 0 ? 0 : best - second,
    votes,
    abstained: hits.filter(({ outcome }) => outcome === "abstained").map(({ rule_id }) => rule_id),
  };
}

/** A type at its confidence, the other classes sharing the rest; even where no class is stated. */
export function statedDistribution(
  { operator_type, confidence }: Pick<VerdictRow, "operator_type" | "confidence">,
): Distribution {
  const even = { human: 1 / 3, agent: 1 / 3, automation: 1 / 3 };
  const stated = DRIVER_CLASSES.find((name) => name === operator_type);
  if (stated === undefined || confidence === null) return even;
  const rest = (1 - confidence) / 2;
  return { human: rest, agent: rest, automation: rest, [stated]: confidence };
}
