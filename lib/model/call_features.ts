import type { FeatureRow, FeatureTable } from "./feature.ts";

/**
 * What is measured of the calls of a session. Of a cloud's API calls, all from its minute rows; of a
 * database, application or MCP session from its recordings: a statement or request is a call just as
 * well, of a method (`SELECT`, `GET`, `tools/call`), which reads or writes, to one service, whose log
 * is exact to the millisecond. Gaps are between commands: calls of one invocation, or within 2 s of
 * each other, are folded to one. Times finer than the log's own resolution are null.
 */
export const CALL_FEATURES = {
  call_calls: { type: "integer", unit: "calls", doc: "API calls." },
  call_commands: { type: "integer", unit: "commands", doc: "Calls folded to commands." },
  call_gap_p50: { type: "number", unit: "s", doc: "Median gap between commands." },
  call_gap_p90: { type: "number", unit: "s", doc: "90th percentile of the gaps between commands." },
  call_gap_cv: { type: "number", unit: "", doc: "Coefficient of variation of the gaps." },
  call_per_minute: { type: "number", unit: "1/min", doc: "Calls a minute." },
  call_services: { type: "integer", unit: "services", doc: "Distinct services." },
  call_methods: { type: "integer", unit: "methods", doc: "Distinct methods." },
  call_top_method_share: { type: "number", unit: "0..1", doc: "Share of the commonest method." },
  call_read_share: { type: "number", unit: "0..1", doc: "Share of calls that only read." },
  call_denied: { type: "integer", unit: "calls", doc: "Calls refused for want of permission." },
  call_errors: { type: "integer", unit: "calls", doc: "Calls that failed for any reason." },
  call_resolution_ms: { type: "integer", unit: "ms", doc: "Resolution of the log's times." },
} as const satisfies FeatureTable;

/** The `call_…` columns of one subject. */
export type CallFeatures = FeatureRow<typeof CALL_FEATURES>;
