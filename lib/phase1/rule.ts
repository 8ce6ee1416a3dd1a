import type { Distribution, RuleVotes } from "../model/verdict.ts";
import type { DriverClass, Phase2Route } from "../model/vocabulary.ts";
import type { Expression } from "./expression/expression.ts";
import type { Calibration, RuleFile } from "./rule_schema.ts";

/** What a rule's votes are about; one rule never mixes them. */
export type RuleKind = "score" | "cohort" | "routing" | "fingerprint";

/** One rule, checked and compiled. */
export interface Rule {
  /** What hits and reports name; never used again for another rule. */
  readonly id: string;
  /** What it sees, in one line. */
  readonly title: string;
  /** How far it is tried: `experimental`, `test` or `stable`; it votes with each. */
  readonly status: RuleFile["status"];
  readonly kind: RuleKind;
  /** Its path, the pack's folder as it was given in front. */
  readonly file: string;
  /** False or missing: the rule is not about this row. */
  readonly applies: Expression;
  /** True: it votes. Missing: it abstains. */
  readonly when: Expression;
  /** Every name that either of them may read. */
  readonly reads: readonly string[];
  /** Its votes in log-odds by class; empty for rules of other kinds. */
  readonly weights: Readonly<Partial<Record<DriverClass, number>>>;
  /** Why it withholds the verdict; null for rules of other kinds. */
  readonly cohort: string | null;
  /** What a model reads of the subject (`phase2`) and the pack's `reason`; null for other kinds. */
  readonly routing: { phase2: Exclude<Phase2Route, "none">; reason: string } | null;
  /** The votes in the shape that hits are stored in; without those for a tool that a text names. */
  readonly votes: RuleVotes;
  /** Votes for the tool that a text of the row (`in`) names, with their log-odds (`weight`). */
  readonly namedTools: readonly { in: Expression; weight: number }[];
  /** What makes this evidence. */
  readonly why: string;
  /** What fires it and should not. */
  readonly falsePositives: readonly string[];
  /** Where the fact stands: addresses, papers, files of facts. */
  readonly references: readonly string[];
  /** Rows with what the rule must do on each; run whenever a pack is tested. */
  readonly tests: RuleFile["tests"];
}

/** A named number of a pack: the one place where a threshold stands. */
export interface PackParameter {
  /** `rule-id.name`, or `name` where the whole pack shares it. */
  readonly fullName: string;
  /** As written. */
  readonly value: number;
  /** With `max` the range that a sweep may try; null where not given. */
  readonly min: number | null;
  readonly max: number | null;
  /** What it is, and in which unit; null where not given. */
  readonly doc: string | null;
}

/** A folder of rules, ready to evaluate. */
export interface RulePack {
  /** In order of file path. */
  readonly rules: readonly Rule[];
  /** Those of the score, the cohorts and the fingerprints: they go first. */
  readonly verdictRules: readonly Rule[];
  /** Those of the routing, which may read what the others came to. */
  readonly routingRules: readonly Rule[];
  /** Every threshold, by full name. */
  readonly params: ReadonlyMap<string, PackParameter>;
  /** What is expected before any evidence. */
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
