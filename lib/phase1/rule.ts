import type { Distribution, RuleVotes } from "../model/verdict.ts";
import type { DriverClass, Phase2Route } from "../model/vocabulary.ts";
import type { Expression } from "./expression.ts";
import type { Calibration, RuleFile } from "./rule_schema.ts";

/** What a rule's votes are about; one rule never mixes them. */
export type RuleKind = "score" | "cohort" | "routing" | "fingerprint";

/** One rule, checked and compiled. */
export interface Rule {
  readonly id: string;
  readonly title: string;
  readonly status: RuleFile["status"];
  readonly kind: RuleKind;
  /** Path below the pack's folder. */
  readonly file: string;
  /** False or missing: the rule is not about this row. */
  readonly applies: Expression;
  /** True: it votes. Missing: it abstains. */
  readonly when: Expression;
  /** Every name that either of them may read. */
  readonly reads: readonly string[];
  readonly weights: Readonly<Partial<Record<DriverClass, number>>>;
  readonly cohort: string | null;
  readonly routing: { phase2: Exclude<Phase2Route, "none">; reason: string } | null;
  /** The votes in the shape that hits are stored in; without those for a tool that a text names. */
  readonly votes: RuleVotes;
  /** Votes for the tool that a text of the row names. */
  readonly namedTools: readonly { in: Expression; weight: number }[];
  readonly why: string;
  readonly falsePositives: readonly string[];
  readonly references: readonly string[];
  readonly tests: RuleFile["tests"];
}

/** A named number of a pack: the one place where a threshold stands. */
export interface PackParameter {
  /** `rule-id.name`, or `name` where the whole pack shares it. */
  readonly fullName: string;
  readonly value: number;
  /** Range that a sweep may try; null where not given. */
  readonly min: number | null;
  readonly max: number | null;
  readonly doc: string | null;
}

/** A folder of rules, ready to evaluate. */
export interface RulePack {
  /** In order of file path. */
  readonly rules: readonly Rule[];
  /** Those of the score, the cohorts and the fingerprints, which go first, and those of the routing. */
  readonly verdictRules: readonly Rule[];
  readonly routingRules: readonly Rule[];
  readonly params: ReadonlyMap<string, PackParameter>;
  readonly prior: Distribution;
  /** The best class must lead the second by this much probability, else `unknown`. */
  readonly margin: number;
  readonly calibration: Calibration;
  /** Names and meanings; of several that fire, the first one here is the verdict's. */
  readonly cohorts: ReadonlyMap<string, string>;
  /** Why a subject may be routed to phase 2; of several, the first one here is the label's. */
  readonly reasons: ReadonlyMap<string, string>;
  /** Of all that decides verdicts; texts and tests do not count. Hex SHA-256. */
  readonly hash: string;
  /** `phase1@` and the first 8 digits of the hash: who wrote a verdict. */
  readonly version: string;
}
