import type { FeatureRow, FeatureTable } from "./feature.ts";

/**
 * How the sessions of an activity on terminals follow each other. A start gap lies between two begins;
 * a rest lies between the end of all that went before and the next begin, and is 0 where one of them
 * still runs. Null for sessions, segments, and activities of API calls.
 */
export const ACT_FEATURES = {
  act_sessions: { type: "integer", unit: "sessions", doc: "Sessions of the activity." },
  act_targets: { type: "integer", unit: "targets", doc: "Different targets." },
  act_logins: { type: "integer", unit: "logins", doc: "Different accounts on them." },
  act_most_at_once: {
    type: "integer",
    unit: "sessions",
    doc: "Most sessions that ran at one moment.",
  },
  act_single_shot_share: {
    type: "number",
    unit: "0..1",
    doc: "Share of the sessions that are known to have been opened with a command; null where " +
      "nothing of any was recorded.",
  },
  act_start_gap_p50: { type: "number", unit: "s", doc: "Median start gap." },
  act_start_gap_p90: { type: "number", unit: "s", doc: "90th percentile of the start gaps." },
  act_start_regular_share: {
    type: "number",
    unit: "0..1",
    doc: "Share of the start gaps within 5 % of their median.",
  },
  act_rest_p50: { type: "number", unit: "s", doc: "Median rest." },
  act_rest_p90: { type: "number", unit: "s", doc: "90th percentile of the rests." },
  act_rest_at_once_share: { type: "number", unit: "0..1", doc: "Share of rests under 1 s." },
  act_rest_think_share: { type: "number", unit: "0..1", doc: "Share of rests over 5 s." },
} as const satisfies FeatureTable;

/** The `act_…` columns of one subject. */
export type ActFeatures = FeatureRow<typeof ACT_FEATURES>;
