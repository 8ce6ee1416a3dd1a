import type { FeatureRow, FeatureTable } from "./feature.ts";

/**
 * What is measured of the calls of a session. Of a cloud's API calls, all from its minute rows; of a
 * database, application or MCP session from its recordings: a statement or request is a call just as
 * well, of a method (`SELECT`, `GET`, `tools/call`), which reads or writes, to one service, whose log
 * is exact to the millisecond; what such a log does not tell is null there.
 *
 * Gaps are between commands: calls of one invocation of gcloud, or within 2 s of each other, are
 * folded to one. A burst is a run of calls within 2 s of each other, whoever sent them. Of a log
 * with whole seconds only (`call_resolution_ms` 1000) gaps, which need finer times, are null; pauses
 * of 5 s and more, bursts and calls a second are measured there too.
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

  call_seconds: { type: "number", unit: "s", doc: "From the first call to the last." },
  call_minutes: { type: "integer", unit: "minutes", doc: "Minutes of the clock with calls." },
  call_omitted: {
    type: "integer",
    unit: "calls",
    doc: "Calls beyond 1,000 in a minute, of which only the number is known.",
  },
  call_per_busy_second: {
    type: "number",
    unit: "1/s",
    doc: "Calls a second, over the seconds of the clock that have any.",
  },
  call_bursts: { type: "integer", unit: "bursts", doc: "Runs of calls within 2 s of each other." },
  call_burst_calls_p50: { type: "number", unit: "calls", doc: "Median calls of a burst." },
  call_burst_calls_p90: { type: "number", unit: "calls", doc: "90th percentile of these." },
  call_burst_calls_max: { type: "integer", unit: "calls", doc: "Calls of the largest burst." },
  call_burst_gap_p50: { type: "number", unit: "s", doc: "Median gap between calls of a burst." },
  call_single_share: { type: "number", unit: "0..1", doc: "Share of bursts that are one call." },
  call_command_calls_p50: { type: "number", unit: "calls", doc: "Median calls of a command." },
  call_thinks: { type: "integer", unit: "pauses", doc: "Pauses of 5 s or more before a command." },
  call_think_share: {
    type: "number",
    unit: "0..1",
    doc: "Share of commands but the first that such a pause precedes.",
  },
  call_think_p50: { type: "number", unit: "s", doc: "Median pause of 5 s or more." },
  call_think_p90: { type: "number", unit: "s", doc: "90th percentile of these pauses." },
  call_think_max: { type: "number", unit: "s", doc: "Longest of these pauses." },
  call_regular_share: {
    type: "number",
    unit: "0..1",
    doc: "Share of bursts that begin within 10 % of the median interval after the one before; " +
      "null for fewer than 5 intervals.",
  },
  call_start_hour: { type: "integer", unit: "0..23", doc: "Hour of the day (UTC) it began in." },
  call_hours: {
    type: "integer",
    unit: "hours",
    doc: "Hours of the day (UTC, 1 to 24) with calls.",
  },
  call_weekend_share: {
    type: "number",
    unit: "0..1",
    doc: "Share of calls on Saturday and Sunday (UTC).",
  },
  call_services_half_hour: {
    type: "number",
    unit: "services",
    doc: "Median of the distinct services in half an hour of the clock.",
  },
  call_methods_half_hour: {
    type: "number",
    unit: "methods",
    doc: "Median of the distinct methods in half an hour of the clock.",
  },
  call_top_service_share: { type: "number", unit: "0..1", doc: "Share of the commonest service." },
  call_not_found: { type: "integer", unit: "calls", doc: "Calls to what is not there." },
  call_invalid: { type: "integer", unit: "calls", doc: "Calls with faulty parameters." },
  call_throttled: { type: "integer", unit: "calls", doc: "Calls beyond a rate or quota." },
  call_denied_share: { type: "number", unit: "0..1", doc: "Share of calls that were refused." },
  call_denied_methods: { type: "integer", unit: "methods", doc: "Distinct methods refused." },
  call_denied_early_share: {
    type: "number",
    unit: "0..1",
    doc: "Share of the refusals that lie in the first fifth of the calls.",
  },
  call_denied_late_share: {
    type: "number",
    unit: "0..1",
    doc: "Share of the refusals that lie in the last fifth of the calls.",
  },
  call_denied_run: { type: "integer", unit: "calls", doc: "Most refusals in a row." },
  call_retries_same: {
    type: "integer",
    unit: "calls",
    doc: "Failed calls after which the service was next asked the same of the same resource.",
  },
  call_retries_changed: {
    type: "integer",
    unit: "calls",
    doc: "Failed calls after which it was asked the same of another resource.",
  },
  call_retries_wider: {
    type: "integer",
    unit: "calls",
    doc: "Refused calls after which another method of the service was tried.",
  },
  call_impersonation_depth: {
    type: "integer",
    unit: "steps",
    doc: "Steps of impersonation between whoever began and the principal.",
  },
  call_addresses: { type: "integer", unit: "addresses", doc: "Distinct source addresses." },
  call_user_agents: { type: "integer", unit: "user agents", doc: "Distinct user agents." },
  call_tools: { type: "integer", unit: "tools", doc: "Distinct tools among the user agents." },
  call_command_names: {
    type: "integer",
    unit: "names",
    doc: "Distinct sub-commands that the user agents name.",
  },
  call_targets: { type: "integer", unit: "targets", doc: "Distinct projects, accounts, regions." },
  call_interactive_share: {
    type: "number",
    unit: "0..1",
    doc: "Share of interactive calls among those whose user agent says whether they are.",
  },
  call_from_script_share: {
    type: "number",
    unit: "0..1",
    doc: "Share of scripted calls among those whose user agent says whether they are.",
  },
  call_console_share: { type: "number", unit: "0..1", doc: "Share of calls out of a console." },
  call_agent_named: { type: "flag", unit: "", doc: "A user agent names an LLM agent." },
  call_mcp: { type: "flag", unit: "", doc: "A user agent names an MCP server." },
  call_attack_tool: { type: "flag", unit: "", doc: "A user agent bears an attack tool's marker." },
  call_long_lived_key: { type: "flag", unit: "", doc: "A key that does not expire was used." },
  call_mfa: { type: "flag", unit: "", doc: "The credential was got with a second factor." },
  call_edges: {
    type: "integer",
    unit: "calls",
    doc: "Calls that open a session elsewhere: a shell, a tunnel, a console.",
  },
} as const satisfies FeatureTable;

/** The `call_…` columns of one subject. */
export type CallFeatures = FeatureRow<typeof CALL_FEATURES>;
