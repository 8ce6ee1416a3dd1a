import type { AgentModel } from "./agent_models.ts";
import type { AgentTool } from "./agent_tools.ts";
import type { DriverClass, OperatorType, VerdictWriter } from "./vocabulary.ts";

/** Probabilities over the driver classes; they add up to 1. */
export type Distribution = Record<DriverClass, number>;

/** What one writer says of one subject. One row a writer. */
export interface VerdictRow {
  /** A session, a segment or an activity. */
  subject_id: string;
  writer: VerdictWriter;
  /** `phase1@<rules hash>`, `phase2:<model>@<prompt hash>`. */
  version: string;
  operator_type: OperatorType;
  /** The calibrated probability of the type stated; null for `unknown`. */
  confidence: number | null;
  /** Of phase 1; null of phase 2: a model gives one confidence, no distribution. */
  distribution: Distribution | null;
  /** Why the verdict is withheld, where it is. */
  cohort: string | null;
  /** One sentence of ours; never content of the session. */
  reason: string;
  /** Phase 1: the ids of the rules that voted. Phase 2: line numbers. */
  evidence: (string | number)[];
  /** ISO time, UTC; changes only when something above does. */
  set_at: string;
}

/** One rule that voted, or that could not for want of a value, on one subject. */
export interface RuleHitRow {
  /** A session, a segment or an activity. */
  subject_id: string;
  /** The rule's `id`. */
  rule_id: string;
  /** `phase1@<rules hash>`: of the pack that it is in. */
  version: string;
  outcome: "fired" | "abstained";
  /** What it voted: log-odds by class, a cohort, a routing, log-odds by tool and model. */
  votes: RuleVotes;
  /** The features it read and their values. */
  features: Record<string, string | number | boolean | null>;
  /** The features it wanted and did not find. */
  missing: string[];
}

/** What a rule says where it fires; one rule fills one of these, or tools and models. */
export interface RuleVotes {
  /** Log-odds by class: 0.7 doubles the odds, -0.7 halves them. */
  weights?: Partial<Record<DriverClass, number>>;
  /** Why the verdict is to be withheld: a name of the pack's `cohorts`. */
  cohort?: string;
  /** What of it a model is to read (`phase2`), and for which of the pack's reasons (`reason`). */
  routing?: { phase2: "pty" | "call-graph"; reason: string };
  /** Log-odds that an agent, if one drives, is this tool. */
  tools?: Partial<Record<AgentTool, number>>;
  /** Log-odds that an agent, if one drives, is of this model. */
  models?: Partial<Record<AgentModel, number>>;
}
