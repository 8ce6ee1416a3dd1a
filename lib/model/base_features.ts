import type { FeatureRow, FeatureTable } from "./feature.ts";

/** Earlier sessions of an identity from which its habits are told; with fewer nothing is measured. */
export const ENOUGH_HISTORY = 8;
/** Different days (UTC) on which these began, with fewer of which nothing is measured either. */
export const ENOUGH_DAYS = 2;

/**
 * How a session differs from the earlier ones of its identity (or of a principal whose identity is
 * not known) on the same side: terminals, or the calls of one cloud. Only sessions count that began a
 * day or more before: it does not matter in which order they were pulled, and a burst of many is no
 * habit of its own. Those under a name that whoever acted chose count for such only. Null but for the
 * first two with fewer than {@link ENOUGH_HISTORY} of them or on fewer than {@link ENOUGH_DAYS} days.
 */
export const BASE_FEATURES = {
  base_sessions: {
    type: "integer",
    unit: "sessions",
    doc: "Sessions of the identity on this side in the store that began a day or more before.",
  },
  base_days: { type: "number", unit: "days", doc: "From the first of these to the session." },
  base_first_tool: { type: "flag", unit: "", doc: "None of them was driven by the same software." },
  base_tool_share: {
    type: "number",
    unit: "0..1",
    doc: "Share of them that were driven by the same software.",
  },
  base_first_target: { type: "flag", unit: "", doc: "None of them went to the same target." },
  base_hour_share: {
    type: "number",
    unit: "0..1",
    doc: "Share of them that began within an hour of the same time of day (UTC).",
  },
  base_rhythm_distance: {
    type: "number",
    unit: "sd",
    doc:
      "Distance of the session's rhythm (terminals: median gap; calls: calls a minute; as logs) " +
      "from theirs, in their standard deviations; at most 20.",
  },
  base_drift: {
    type: "number",
    unit: "sd",
    doc: "Mean of such distances over rhythm, share of single characters or of thinking pauses, " +
      "and duration.",
  },
} as const satisfies FeatureTable;

/** The `base_…` columns of one subject. */
export type BaseFeatures = FeatureRow<typeof BASE_FEATURES>;
