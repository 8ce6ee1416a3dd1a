/**
 * How the rows of each table of a store are tied to a session, or why they are not. A purge and a
 * merge go by it, and a test holds it equal to the schema: a new table must say here what it is.
 */
type TableTie =
  /** One row of a session, with its own key. */
  | "session"
  /** Rows that go with their session, by `session_id`. */
  | "of-session"
  /** Sessions, segments and activities. */
  | "subject"
  /** Rows that go with their subject, by `subject_id`. */
  | "of-subject"
  /** Minutes of API calls, of a principal. */
  | "minutes"
  /** Computed from the others across sessions: removed by a purge where they name what goes, and
   * computed anew after a merge. */
  | "derived"
  /** Counts and times of what was read; name nobody. */
  | "ledger"
  /** Settings and proofs of the store itself. */
  | "own";

/** Every table of the store. */
export const TABLES: Readonly<Record<string, TableTie>> = {
  sessions: "session",
  recordings: "of-session",
  session_aliases: "of-session",
  session_credentials: "of-session",
  session_addresses: "of-session",
  sessions_measured: "of-session",
  subjects: "subject",
  features_base: "of-subject",
  features_act: "of-subject",
  features_pty: "of-subject",
  features_cmd: "of-subject",
  features_call: "of-subject",
  features_desk: "of-subject",
  pty_rhythm: "of-subject",
  notable_events: "of-subject",
  labels: "of-subject",
  label_history: "of-subject",
  notes: "of-subject",
  verdicts: "of-subject",
  rule_hits: "of-subject",
  llm_answers: "of-subject",
  llm_digests: "of-subject",
  llm_calls: "of-subject",
  call_minutes: "minutes",
  call_minutes_changed: "minutes",
  called_commands: "minutes",
  activities: "derived",
  activity_members: "derived",
  identities: "derived",
  correlations: "derived",
  contradictions: "derived",
  correlation_limits: "derived",
  runs: "ledger",
  pulls: "ledger",
  skips: "ledger",
  log_events: "ledger",
  call_settings: "own",
  key_check: "own",
};
