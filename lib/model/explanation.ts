import type { Distribution, RuleVotes } from "./verdict.ts";
import type { OperatorType, Phase2Route } from "./vocabulary.ts";

/** What became of one rule on one row. */
export type RuleOutcome = "fired" | "silent" | "abstained" | "not-applicable";

/** What one rule, by `id` and `title`, did with one subject, and why. */
export interface RuleExplanation {
  id: string;
  title: string;
  outcome: RuleOutcome;
  /** What it votes where it fires. */
  votes: RuleVotes;
  /** Its condition, as written. */
  when: string;
  /** What it read; null is "not measured". */
  values: Record<string, string | number | boolean | null>;
  /** What it wanted and did not find. */
  missing: string[];
}

/** Changes of one or two features that make a verdict another one. */
export interface Flip {
  /** The other verdict. */
  to: OperatorType;
  /** Each `feature` that would have to change, `from` what it is `to` another value. */
  changes: { feature: string; from: number | boolean; to: number | boolean }[];
  /** Sum of the changes, each as a share of the larger of its two values; of a yes/no 1. */
  size: number;
}

/** Everything that led to a verdict, as far as it is shown. */
export interface Explained {
  /** A session, a segment or an activity. */
  subjectId: string;
  /** `phase1@<rules hash>`. */
  version: string;
  /** What was expected before any rule voted. */
  prior: Distribution;
  /**
   * The verdict: its `confidence` (null for `unknown`), its `reason` in one sentence, and what of the
   * subject a model is to read (`routing`: `phase2`, and why; null with `none`).
   */
  evaluation: {
    operatorType: OperatorType;
    confidence: number | null;
    distribution: Distribution;
    reason: string;
    routing: { phase2: Phase2Route; reason: string | null };
  };
  /** Fired first, then abstained, then silent; rules that do not apply come last. */
  rules: RuleExplanation[];
  /** The smallest that were found, one for each other verdict that one or two features lead to. */
  flips: Flip[];
}
