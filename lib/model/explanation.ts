import type { Distribution, RuleVotes } from "./verdict.ts";
import type { OperatorType, Phase2Route } from "./vocabulary.ts";

/** What became of one rule on one row. */
export type RuleOutcome = "fired" | "silent" | "abstained" | "not-applicable";

/** What one rule did with one subject, and why. */
export interface RuleExplanation {
  id: string;
  title: string;
  outcome: RuleOutcome;
  votes: RuleVotes;
  when: string;
  /** What it read; null is "not measured". */
  values: Record<string, string | number | boolean | null>;
  missing: string[];
}

/** Changes of one or two features that make a verdict another one. */
export interface Flip {
  to: OperatorType;
  changes: { feature: string; from: number | boolean; to: number | boolean }[];
  /** Sum of the changes, each as a share of the larger of its two values; of a yes/no 1. */
  size: number;
}

/** Everything that led to a verdict, as far as it is shown. */
export interface Explained {
  subjectId: string;
  version: string;
  prior: Distribution;
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
