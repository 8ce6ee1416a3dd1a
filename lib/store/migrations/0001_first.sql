-- Times are ISO-8601 in UTC with milliseconds and Z; durations are seconds; flags are 0 or 1; NULL
-- is "not known" or "not measured". Nothing here holds content of a session.

-- What a verdict, a feature, a label or a rule hit can be about: a session, a stretch of its
-- recording, or several sessions of one identity. A session's subject has the session's own id.
CREATE TABLE subjects (
  subject_id TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('session', 'segment', 'activity')),
  session_id TEXT REFERENCES sessions ON DELETE CASCADE,
  from_seconds REAL,
  until_seconds REAL,
  CHECK ((kind = 'activity') = (session_id IS NULL)),
  CHECK (kind <> 'session' OR session_id = subject_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX subjects_by_session ON subjects (session_id);

-- One row a session, whatever the substrate: who, as whom, on what, when.
CREATE TABLE sessions (
  session_id TEXT PRIMARY KEY,
  substrate TEXT NOT NULL,
  kind TEXT NOT NULL,
  principal TEXT,
  login TEXT,
  target TEXT,
  scope TEXT,
  driver TEXT,
  user_kind TEXT,
  started_at TEXT,
  ended_at TEXT,
  duration_seconds REAL,
  uploaded_at TEXT,
  no_recording TEXT,
  updated_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_start ON sessions (started_at);
CREATE INDEX sessions_by_principal ON sessions (principal, started_at);

-- Which sessions one activity is made of; a session can be part of several.
CREATE TABLE activity_members (
  subject_id TEXT NOT NULL REFERENCES subjects ON DELETE CASCADE,
  session_id TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE,
  PRIMARY KEY (subject_id, session_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX activity_members_by_session ON activity_members (session_id);

-- Ids that a session had before: a session put together from calls gets a new id when an earlier
-- call turns up, and what people wrote down under the old one must still find it.
CREATE TABLE session_aliases (
  alias TEXT PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX session_aliases_by_session ON session_aliases (session_id);

-- What became of each recording, so that none is lost in silence and none is read twice.
CREATE TABLE recordings (
  recording_id TEXT PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE,
  uri TEXT NOT NULL,
  bytes INTEGER,
  format TEXT,
  state TEXT NOT NULL,
  error TEXT,
  error_offset INTEGER,
  parts INTEGER,
  events INTEGER,
  events_unknown INTEGER,
  events_skipped INTEGER,
  extractor_version TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX recordings_by_session ON recordings (session_id);

-- What a terminal recording measures: rhythm, echo, screen. Numbers only; the bytes they were
-- counted from are never kept.
CREATE TABLE features_pty (
  subject_id TEXT PRIMARY KEY REFERENCES subjects ON DELETE CASCADE,
  pty_events INTEGER,
  pty_bytes INTEGER,
  pty_seconds REAL,
  pty_trimmed_seconds REAL,
  pty_events_per_second REAL,
  pty_bytes_per_event REAL,
  pty_gap_p10 REAL,
  pty_gap_p50 REAL,
  pty_gap_p90 REAL,
  pty_gap_p99 REAL,
  pty_gap_max REAL,
  pty_gap_cv REAL,
  pty_gap_local_spread REAL,
  pty_gap_share_burst REAL,
  pty_gap_share_key REAL,
  pty_gap_share_middle REAL,
  pty_gap_share_think REAL,
  pty_pauses_1s INTEGER,
  pty_pauses_5s INTEGER,
  pty_pauses_30s INTEGER,
  pty_clock_steps INTEGER,
  pty_one_char_share REAL,
  pty_keys INTEGER,
  pty_key_gap_p50 REAL,
  pty_key_gap_p90 REAL,
  pty_key_gap_cv REAL,
  pty_key_gap_mad REAL,
  pty_corrections INTEGER,
  pty_lines INTEGER,
  pty_lines_typed INTEGER,
  pty_lines_whole INTEGER,
  pty_line_whole_share REAL,
  pty_enter_delay_p50 REAL,
  pty_prompt_delay_p50 REAL,
  pty_pastes INTEGER,
  pty_silence_p10 REAL,
  pty_silence_p50 REAL,
  pty_silence_p90 REAL,
  pty_silence_share_5s REAL,
  pty_tail_events INTEGER,
  pty_tail_seconds REAL,
  pty_tail_gap_p50 REAL,
  pty_tail_gap_p90 REAL,
  pty_tail_line_chars INTEGER,
  pty_tail_line_words INTEGER,
  pty_tail_stream_share REAL,
  pty_tail_pauses_5s INTEGER,
  pty_tail_redraw_share REAL,
  pty_spinner_period REAL,
  pty_spinner_runs INTEGER,
  pty_alt_screen_share REAL,
  pty_bracketed_paste INTEGER CHECK (pty_bracketed_paste IN (0, 1)),
  pty_title_changes INTEGER,
  pty_prompts INTEGER,
  pty_resizes INTEGER,
  pty_joins INTEGER
) STRICT, WITHOUT ROWID;

-- What exec, BPF and kube events measure. Numbers only: no argument list, no path.
CREATE TABLE features_cmd (
  subject_id TEXT PRIMARY KEY REFERENCES subjects ON DELETE CASCADE,
  cmd_commands INTEGER,
  cmd_exec INTEGER,
  cmd_bpf INTEGER,
  cmd_network INTEGER,
  cmd_disk INTEGER,
  cmd_programs INTEGER,
  cmd_depth INTEGER,
  cmd_failures INTEGER,
  cmd_gap_p50 REAL,
  cmd_gap_p90 REAL,
  cmd_burst_share REAL,
  cmd_single_shot INTEGER CHECK (cmd_single_shot IN (0, 1))
) STRICT, WITHOUT ROWID;

-- What cloud API calls measure, all of it derived from call_minutes; and what statements of database
-- sessions and requests of application and MCP sessions do, derived from their recordings.
CREATE TABLE features_call (
  subject_id TEXT PRIMARY KEY REFERENCES subjects ON DELETE CASCADE,
  call_calls INTEGER,
  call_commands INTEGER,
  call_gap_p50 REAL,
  call_gap_p90 REAL,
  call_gap_cv REAL,
  call_per_minute REAL,
  call_services INTEGER,
  call_methods INTEGER,
  call_top_method_share REAL,
  call_read_share REAL,
  call_denied INTEGER,
  call_errors INTEGER,
  call_resolution_ms INTEGER
) STRICT, WITHOUT ROWID;

-- What desktop recordings measure: messages counted and timed, no pixel and no text.
CREATE TABLE features_desk (
  subject_id TEXT PRIMARY KEY REFERENCES subjects ON DELETE CASCADE,
  desk_frames INTEGER,
  desk_bytes INTEGER,
  desk_frame_gap_p50 REAL,
  desk_inputs INTEGER,
  desk_input_gap_p50 REAL,
  desk_input_gap_cv REAL,
  desk_clipboard INTEGER,
  desk_files INTEGER
) STRICT, WITHOUT ROWID;

-- What charts need of a recording and content can't be read from. The lists are JSON arrays of
-- counts: events and bytes by bins of equal width, gaps by buckets of a log scale.
CREATE TABLE pty_rhythm (
  subject_id TEXT PRIMARY KEY REFERENCES subjects ON DELETE CASCADE,
  bin_seconds REAL NOT NULL,
  events TEXT NOT NULL,
  bytes TEXT NOT NULL,
  gap_histogram TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Cloud API calls by principal, driver and minute: the ground that synthesised sessions and call
-- features are computed from, again and again, as windows are pulled. `calls` is a JSON array of
-- [offset_ms, method, outcome, invocation, resource kind, keyed hash of resource], at most 1000;
-- the rest is counted in calls_omitted. It refers to no session: sessions come and go above it.
CREATE TABLE call_minutes (
  substrate TEXT NOT NULL,
  principal TEXT NOT NULL,
  driver TEXT NOT NULL,
  minute TEXT NOT NULL,
  scope TEXT,
  calls TEXT NOT NULL,
  calls_omitted INTEGER NOT NULL,
  resolution_ms INTEGER NOT NULL,
  PRIMARY KEY (substrate, principal, driver, minute)
) STRICT, WITHOUT ROWID;
CREATE INDEX call_minutes_by_minute ON call_minutes (substrate, minute);

-- What each writer says of a subject, one row a writer. Evaluation reads these and not the label
-- `operator.type`, so that a label set by hand never hides what a machine said.
CREATE TABLE verdicts (
  subject_id TEXT NOT NULL REFERENCES subjects ON DELETE CASCADE,
  writer TEXT NOT NULL CHECK (writer IN ('phase1', 'phase2')),
  version TEXT NOT NULL,
  operator_type TEXT NOT NULL,
  confidence REAL,
  distribution TEXT,
  cohort TEXT,
  reason TEXT NOT NULL,
  evidence TEXT NOT NULL,
  set_at TEXT NOT NULL,
  PRIMARY KEY (subject_id, writer)
) STRICT, WITHOUT ROWID;

-- Which rules voted on a subject, and which could not because a value was missing: the evidence of
-- a verdict of phase 1, and what coverage and tuning of a rule pack are counted from.
CREATE TABLE rule_hits (
  subject_id TEXT NOT NULL REFERENCES subjects ON DELETE CASCADE,
  rule_id TEXT NOT NULL,
  version TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('fired', 'abstained')),
  votes TEXT NOT NULL,
  features TEXT NOT NULL,
  missing TEXT NOT NULL,
  PRIMARY KEY (subject_id, rule_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX rule_hits_by_rule ON rule_hits (rule_id, outcome);

-- One value a key, and who said so.
CREATE TABLE labels (
  subject_id TEXT NOT NULL REFERENCES subjects ON DELETE CASCADE,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  set_by TEXT NOT NULL,
  set_at TEXT NOT NULL,
  PRIMARY KEY (subject_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX labels_by_value ON labels (key, value);

-- Every change of a label, in order. `conflict`: a label that could not move to a session's new id
-- because another stood there (old_value: what stands, new_value: what did not get its place).
CREATE TABLE label_history (
  change_id INTEGER PRIMARY KEY,
  subject_id TEXT NOT NULL REFERENCES subjects ON DELETE CASCADE,
  key TEXT NOT NULL,
  change TEXT NOT NULL CHECK (change IN ('set', 'removed', 'moved', 'conflict')),
  old_value TEXT,
  new_value TEXT,
  set_by TEXT NOT NULL,
  set_at TEXT NOT NULL
) STRICT;
CREATE INDEX label_history_by_subject ON label_history (subject_id, key);

-- Free text of people about a subject: what does not fit a label.
CREATE TABLE notes (
  note_id INTEGER PRIMARY KEY,
  subject_id TEXT NOT NULL REFERENCES subjects ON DELETE CASCADE,
  text TEXT NOT NULL,
  set_by TEXT NOT NULL,
  set_at TEXT NOT NULL,
  UNIQUE (subject_id, set_by, text)
) STRICT;

-- Moments worth a reader's eye. Of a command only its program (from an allow-list, else its keyed
-- hash), canonical sub-command, number of arguments and exit code.
CREATE TABLE notable_events (
  subject_id TEXT NOT NULL REFERENCES subjects ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  kind TEXT NOT NULL,
  at TEXT,
  program TEXT,
  program_hash TEXT,
  subcommand TEXT,
  argument_count INTEGER,
  exit_code INTEGER,
  PRIMARY KEY (subject_id, ordinal)
) STRICT, WITHOUT ROWID;

-- What was asked of a language model and what it cost; no prompt and no answer.
CREATE TABLE llm_calls (
  call_id INTEGER PRIMARY KEY,
  subject_id TEXT REFERENCES subjects ON DELETE SET NULL,
  model TEXT NOT NULL,
  prompt_hash TEXT NOT NULL,
  input_tokens INTEGER,
  output_tokens INTEGER,
  cost REAL,
  latency_seconds REAL,
  outcome TEXT NOT NULL,
  called_at TEXT NOT NULL
) STRICT;
CREATE INDEX llm_calls_by_subject ON llm_calls (subject_id);

-- One row a run of the pipeline: when, by which version, with what outcome.
CREATE TABLE runs (
  run_id INTEGER PRIMARY KEY,
  command TEXT NOT NULL,
  version TEXT NOT NULL,
  started_at TEXT NOT NULL,
  ended_at TEXT,
  outcome TEXT,
  summary TEXT
) STRICT;

-- One row a pull from a source: which window, how much, at what price in bytes. "No coverage" must
-- be told apart from "nothing happened".
CREATE TABLE pulls (
  pull_id INTEGER PRIMARY KEY,
  run_id INTEGER REFERENCES runs ON DELETE SET NULL,
  source TEXT NOT NULL,
  from_at TEXT,
  until_at TEXT,
  pulled_at TEXT NOT NULL,
  rows INTEGER NOT NULL,
  bytes_scanned INTEGER,
  engine_ms INTEGER,
  outcome TEXT NOT NULL,
  detail TEXT
) STRICT;
CREATE INDEX pulls_by_source ON pulls (source, from_at);
CREATE INDEX pulls_by_run ON pulls (run_id);

-- What was read and could not be used, counted by where and why.
CREATE TABLE skips (
  source TEXT NOT NULL,
  uri TEXT NOT NULL,
  reason TEXT NOT NULL,
  detail TEXT,
  count INTEGER NOT NULL,
  PRIMARY KEY (source, uri, reason)
) STRICT, WITHOUT ROWID;

-- Proves that the key file beside the store is the one its keyed hashes were made with: another
-- key would give other hashes for the same names, in silence.
CREATE TABLE key_check (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  hash TEXT NOT NULL
) STRICT;

-- The wide row: a subject, its session, features, resolved verdict and labels. The columns that are
-- subqueries cost nothing when they are not selected.
CREATE VIEW session_frame AS
SELECT
  subject.subject_id, subject.kind AS subject_kind, subject.session_id,
  subject.from_seconds, subject.until_seconds,
  session.substrate, session.kind, session.principal, session.login, session.target, session.scope,
  session.driver, session.user_kind, session.started_at, session.ended_at,
  session.duration_seconds, session.uploaded_at, session.no_recording, session.updated_at,
  (
    SELECT recording.state FROM recordings AS recording
    WHERE recording.session_id = subject.session_id
    ORDER BY CASE recording.state
      WHEN 'failed' THEN 0 WHEN 'truncated' THEN 1 WHEN 'unsupported' THEN 2
      WHEN 'encrypted' THEN 3 WHEN 'missing' THEN 4 WHEN 'pending' THEN 5 ELSE 6 END
    LIMIT 1
  ) AS recording_state,
  CASE WHEN subject.session_id IS NOT NULL THEN (
    SELECT count(*) FROM recordings AS recording
    WHERE recording.session_id = subject.session_id
  ) END AS recordings,
  pty.pty_events, pty.pty_bytes, pty.pty_seconds, pty.pty_trimmed_seconds,
  pty.pty_events_per_second, pty.pty_bytes_per_event, pty.pty_gap_p10, pty.pty_gap_p50,
  pty.pty_gap_p90, pty.pty_gap_p99, pty.pty_gap_max, pty.pty_gap_cv, pty.pty_gap_local_spread,
  pty.pty_gap_share_burst, pty.pty_gap_share_key, pty.pty_gap_share_middle,
  pty.pty_gap_share_think, pty.pty_pauses_1s, pty.pty_pauses_5s, pty.pty_pauses_30s,
  pty.pty_clock_steps, pty.pty_one_char_share, pty.pty_keys, pty.pty_key_gap_p50,
  pty.pty_key_gap_p90, pty.pty_key_gap_cv, pty.pty_key_gap_mad, pty.pty_corrections,
  pty.pty_lines, pty.pty_lines_typed, pty.pty_lines_whole, pty.pty_line_whole_share,
  pty.pty_enter_delay_p50, pty.pty_prompt_delay_p50, pty.pty_pastes, pty.pty_silence_p10,
  pty.pty_silence_p50, pty.pty_silence_p90, pty.pty_silence_share_5s, pty.pty_tail_events,
  pty.pty_tail_seconds, pty.pty_tail_gap_p50, pty.pty_tail_gap_p90, pty.pty_tail_line_chars,
  pty.pty_tail_line_words, pty.pty_tail_stream_share, pty.pty_tail_pauses_5s,
  pty.pty_tail_redraw_share, pty.pty_spinner_period, pty.pty_spinner_runs,
  pty.pty_alt_screen_share, pty.pty_bracketed_paste, pty.pty_title_changes, pty.pty_prompts,
  pty.pty_resizes, pty.pty_joins,
  cmd.cmd_commands, cmd.cmd_exec, cmd.cmd_bpf, cmd.cmd_network, cmd.cmd_disk, cmd.cmd_programs,
  cmd.cmd_depth, cmd.cmd_failures, cmd.cmd_gap_p50, cmd.cmd_gap_p90, cmd.cmd_burst_share,
  cmd.cmd_single_shot,
  call.call_calls, call.call_commands, call.call_gap_p50, call.call_gap_p90, call.call_gap_cv,
  call.call_per_minute, call.call_services, call.call_methods, call.call_top_method_share,
  call.call_read_share, call.call_denied, call.call_errors, call.call_resolution_ms,
  desk.desk_frames, desk.desk_bytes, desk.desk_frame_gap_p50, desk.desk_inputs,
  desk.desk_input_gap_p50, desk.desk_input_gap_cv, desk.desk_clipboard, desk.desk_files,
  operator.value AS operator_type,
  operator.set_by AS operator_set_by,
  (
    SELECT verdict.confidence FROM verdicts AS verdict
    WHERE verdict.subject_id = subject.subject_id AND verdict.version = operator.set_by
      AND verdict.operator_type = operator.value
  ) AS confidence,
  (
    SELECT label.value FROM labels AS label
    WHERE label.subject_id = subject.subject_id AND label.key = 'routing.cohort'
  ) AS cohort,
  (
    SELECT json_group_object(label.key, label.value) FROM labels AS label
    WHERE label.subject_id = subject.subject_id
  ) AS labels
FROM subjects AS subject
LEFT JOIN sessions AS session ON session.session_id = subject.session_id
LEFT JOIN features_pty AS pty ON pty.subject_id = subject.subject_id
LEFT JOIN features_cmd AS cmd ON cmd.subject_id = subject.subject_id
LEFT JOIN features_call AS call ON call.subject_id = subject.subject_id
LEFT JOIN features_desk AS desk ON desk.subject_id = subject.subject_id
LEFT JOIN labels AS operator
  ON operator.subject_id = subject.subject_id AND operator.key = 'operator.type';
