-- The wide row: a subject, its session or activity, its features, and what is said of it; of a session
-- also the longest activity that it is part of, and what that was judged to be.
-- Put into a store at opening where it differs from what lies there: change it here, and only here.
CREATE VIEW session_frame AS
SELECT
  subject.subject_id, subject.kind AS subject_kind, subject.session_id,
  subject.from_seconds, subject.until_seconds,
  coalesce(session.substrate, activity.substrate) AS substrate,
  coalesce(session.kind, activity.kind) AS kind,
  coalesce(session.principal, activity.principal) AS principal,
  coalesce(session.login, activity.login) AS login,
  coalesce(session.target, activity.target) AS target,
  coalesce(session.scope, activity.scope) AS scope,
  session.driver,
  coalesce(session.user_kind, activity.user_kind) AS user_kind,
  coalesce(session.started_at, activity.started_at) AS started_at,
  coalesce(session.ended_at, activity.ended_at) AS ended_at,
  coalesce(session.duration_seconds, activity.duration_seconds) AS duration_seconds,
  session.uploaded_at, session.no_recording, session.updated_at,
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
  pty.pty_resizes, pty.pty_joins, pty.pty_tail_prose_share, pty.pty_line_late_share,
  pty.pty_long_line_words, pty.pty_long_line_prose, pty.pty_silence_p99, pty.pty_full_screens,
  pty.pty_screen_single_share, pty.pty_screen_key_gap_p50, pty.pty_screen_key_gap_p90,
  pty.pty_screen_key_gap_cv,
  cmd.cmd_commands, cmd.cmd_exec, cmd.cmd_bpf, cmd.cmd_network, cmd.cmd_disk, cmd.cmd_programs,
  cmd.cmd_depth, cmd.cmd_failures, cmd.cmd_gap_p50, cmd.cmd_gap_p90, cmd.cmd_burst_share,
  cmd.cmd_single_shot,
  call.call_calls, call.call_commands, call.call_gap_p50, call.call_gap_p90, call.call_gap_cv,
  call.call_per_minute, call.call_services, call.call_methods, call.call_top_method_share,
  call.call_read_share, call.call_denied, call.call_errors, call.call_resolution_ms,
  call.call_seconds, call.call_minutes, call.call_omitted, call.call_per_busy_second,
  call.call_bursts, call.call_burst_calls_p50, call.call_burst_calls_p90,
  call.call_burst_calls_max, call.call_burst_gap_p50, call.call_single_share,
  call.call_command_calls_p50, call.call_thinks, call.call_think_share, call.call_think_p50,
  call.call_think_p90, call.call_think_max, call.call_regular_share, call.call_start_hour,
  call.call_hours, call.call_weekend_share, call.call_services_half_hour,
  call.call_methods_half_hour, call.call_top_service_share, call.call_not_found, call.call_invalid,
  call.call_throttled, call.call_denied_share, call.call_denied_methods,
  call.call_denied_early_share, call.call_denied_late_share, call.call_denied_run,
  call.call_retries_same, call.call_retries_changed, call.call_retries_wider,
  call.call_impersonation_depth, call.call_addresses, call.call_user_agents, call.call_tools,
  call.call_command_names, call.call_targets, call.call_interactive_share,
  call.call_from_script_share, call.call_console_share, call.call_agent_named, call.call_mcp,
  call.call_attack_tool, call.call_long_lived_key, call.call_mfa, call.call_edges,
  desk.desk_frames, desk.desk_bytes, desk.desk_frame_gap_p50, desk.desk_inputs,
  desk.desk_input_gap_p50, desk.desk_input_gap_cv, desk.desk_clipboard, desk.desk_files,
  base.base_sessions, base.base_days, base.base_first_tool, base.base_tool_share,
  base.base_first_target, base.base_hour_share, base.base_rhythm_distance, base.base_drift,
  act.act_sessions, act.act_targets, act.act_logins, act.act_most_at_once,
  act.act_single_shot_share, act.act_start_gap_p50, act.act_start_gap_p90,
  act.act_start_regular_share, act.act_rest_p50, act.act_rest_p90, act.act_rest_at_once_share,
  act.act_rest_think_share,
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
  CASE WHEN subject.kind = 'activity' THEN (
    SELECT count(*) FROM activity_members AS member WHERE member.subject_id = subject.subject_id
  ) END AS members,
  CASE subject.kind WHEN 'activity' THEN subject.subject_id WHEN 'session' THEN (
    SELECT whole.subject_id FROM activity_members AS own JOIN activities AS whole USING (subject_id)
    WHERE own.session_id = subject.subject_id
    ORDER BY whole.duration_seconds DESC, whole.subject_id LIMIT 1
  ) END AS activity_id,
  CASE subject.kind WHEN 'activity' THEN activity.relation WHEN 'session' THEN (
    SELECT whole.relation FROM activity_members AS own JOIN activities AS whole USING (subject_id)
    WHERE own.session_id = subject.subject_id
    ORDER BY whole.duration_seconds DESC, whole.subject_id LIMIT 1
  ) END AS activity_relation,
  CASE subject.kind WHEN 'activity' THEN operator.value WHEN 'session' THEN (
    SELECT said.value FROM activity_members AS own JOIN activities AS whole USING (subject_id)
      LEFT JOIN labels AS said ON said.subject_id = whole.subject_id AND said.key = 'operator.type'
    WHERE own.session_id = subject.subject_id
    ORDER BY whole.duration_seconds DESC, whole.subject_id LIMIT 1
  ) END AS activity_operator_type,
  (
    SELECT json_group_object(label.key, label.value) FROM labels AS label
    WHERE label.subject_id = subject.subject_id
  ) AS labels
FROM subjects AS subject
LEFT JOIN sessions AS session ON session.session_id = subject.session_id
LEFT JOIN activities AS activity ON activity.subject_id = subject.subject_id
LEFT JOIN features_pty AS pty ON pty.subject_id = subject.subject_id
LEFT JOIN features_cmd AS cmd ON cmd.subject_id = subject.subject_id
LEFT JOIN features_call AS call ON call.subject_id = subject.subject_id
LEFT JOIN features_desk AS desk ON desk.subject_id = subject.subject_id
LEFT JOIN features_base AS base ON base.subject_id = subject.subject_id
LEFT JOIN features_act AS act ON act.subject_id = subject.subject_id
LEFT JOIN labels AS operator
  ON operator.subject_id = subject.subject_id AND operator.key = 'operator.type';
