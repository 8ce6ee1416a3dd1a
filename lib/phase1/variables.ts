import { ACT_FEATURES } from "../model/act_features.ts";
import { BASE_FEATURES } from "../model/base_features.ts";
import { CALL_FEATURES } from "../model/call_features.ts";
import { CMD_FEATURES } from "../model/cmd_features.ts";
import { DESK_FEATURES } from "../model/desk_features.ts";
import type { FeatureTable } from "../model/feature.ts";
import { PTY_FEATURES } from "../model/pty_features.ts";

/** The types of the expression language. All numbers are doubles; lists are of one type. */
export type ValueType = "number" | "string" | "bool" | "labels" | "strings" | "numbers";

/** Names an expression may read, with their types. */
export type Variables = ReadonlyMap<string, ValueType>;

/** Every feature, whatever its family. */
export const FEATURES: FeatureTable = {
  ...PTY_FEATURES,
  ...CMD_FEATURES,
  ...CALL_FEATURES,
  ...DESK_FEATURES,
  ...BASE_FEATURES,
  ...ACT_FEATURES,
};

/** Every feature column and its type. */
export const FEATURE_VARIABLES: Variables = new Map(
  Object.entries(FEATURES).map(([name, feature]) => [
    name,
    feature.type === "flag" ? "bool" : "number",
  ]),
);

/** What a rule may read of a session apart from features: nothing that a verdict wrote. */
const SESSION_VARIABLES: Variables = new Map<string, ValueType>([
  ["subject_kind", "string"],
  ["substrate", "string"],
  ["kind", "string"],
  ["principal", "string"],
  ["login", "string"],
  ["target", "string"],
  ["scope", "string"],
  ["driver", "string"],
  ["user_kind", "string"],
  ["duration_seconds", "number"],
  ["no_recording", "string"],
  ["recording_state", "string"],
  ["recordings", "number"],
  ["members", "number"],
  ["labels", "labels"],
]);

/** What rules read: features, the session, labels. */
export const RULE_VARIABLES: Variables = new Map([...FEATURE_VARIABLES, ...SESSION_VARIABLES]);

/**
 * What routing rules may read besides: the outcome of the score (missing: unknown or none), how many
 * kinds of driver its segments were judged to have, and the subject's place in a random order.
 */
export const SCORE_VARIABLES: Variables = new Map<string, ValueType>([
  ["operator_type", "string"],
  ["confidence", "number"],
  ["margin", "number"],
  ["cohort", "string"],
  ["segment_types", "number"],
  ["sample", "number"],
]);

export const ROUTING_VARIABLES: Variables = new Map([...RULE_VARIABLES, ...SCORE_VARIABLES]);

/** Every column of the wide row, for filters such as `sessions --where`. */
export const ROW_VARIABLES: Variables = new Map<string, ValueType>([
  ...RULE_VARIABLES,
  ["subject_id", "string"],
  ["session_id", "string"],
  ["from_seconds", "number"],
  ["until_seconds", "number"],
  ["started_at", "string"],
  ["ended_at", "string"],
  ["uploaded_at", "string"],
  ["updated_at", "string"],
  ["operator_type", "string"],
  ["operator_set_by", "string"],
  ["confidence", "number"],
  ["cohort", "string"],
  ["activity_id", "string"],
  ["activity_relation", "string"],
  ["activity_operator_type", "string"],
]);

/**
 * Labels that no rule may read: ground truth, where a fixture came from, a reviewer's marks, and
 * what classifiers write themselves (a rule that read those would judge by its own last verdict).
 */
export const LABELS_CLOSED_TO_RULES = [
  "truth.",
  "fixture.",
  "review.",
  "operator.",
  "confidence.",
  "routing.",
  "terminal.human",
  "correlation.",
  "agent.",
  "work.",
  "risk.",
] as const;
