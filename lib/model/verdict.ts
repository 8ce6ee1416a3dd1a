import type { AgentModel } from "./agent_models.ts";
import type { AgentTool } from "./agent_tools.ts";
import type { DriverClass, OperatorType, VerdictWriter } from "./vocabulary.ts";

/** Probabilities over the driver classes; they add up to 1. */
export type Distribution = Record<DriverClass, number>;

/** What one writer says of one subject. One row a writer. */
export interface VerdictRow {
  subject_id: string;
  writer: VerdictWriter;
  /** `phase1@<rules hash>`, `phase2:<model>@<prompt hash>`. */
  version: string;
  operator_type: OperatorType;
  /** The calibrated probability of the type stated; null for `unknown`. */
  confidence: number | null;
  distribution: Distribution | null;
  /** Why the verdict is withheld, where it is. */
  cohort: string | null;
  /** One sentence of ours; never content of the session. */
  reason: string;
  /** Phase 1: the ids of the rules that voted. Phase 2: line numbers. */
  evidence: (string | number)[];
  set_at: string;
}

/** One rule that voted, or that could not for want of a value, on one subject. */
export interface RuleHitRow {
  subject_id: string;
  rule_id: string;
  version: string;
  outcome: "fired" | "abstained";
  /** What it voted: log-odds by class, a cohort, a routing, log-odds by tool and model. */
  votes: RuleVotes;
  /** The features it read and their values. */
  features: Record<string, string | number | boolean | null>;
  /** The features it wanted and did not find. */
  missing: string[];
}

/** What a rule says where it fires: log-odds a class, or a cohort, a routing, tools and models. */
export interface RuleVotes {
  weights?: Partial<Record<DriverClass, number>>;
  cohort?: string;
  routing?: { phase2: "pty" | "call-graph"; reason: string };
  tools?: Partial<Record<AgentTool, number>>;
  models?: Partial<Record<AgentModel, number>>;
}
