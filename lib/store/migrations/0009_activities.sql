-- Activities say how their sessions lie, how these follow each other is measured, and activities of
-- API calls, now by identity, are put together once all principals are known.

ALTER TABLE activities ADD COLUMN relation TEXT CHECK (relation IN ('in-a-row', 'side-by-side'));

-- How the sessions of an activity on terminals follow each other.
CREATE TABLE features_act (
  subject_id TEXT PRIMARY KEY REFERENCES subjects ON DELETE CASCADE,
  act_sessions INTEGER,
  act_targets INTEGER,
  act_logins INTEGER,
  act_most_at_once INTEGER,
  act_single_shot_share REAL,
  act_start_gap_p50 REAL,
  act_start_gap_p90 REAL,
  act_start_regular_share REAL,
  act_rest_p50 REAL,
  act_rest_p90 REAL,
  act_rest_at_once_share REAL,
  act_rest_think_share REAL
) STRICT, WITHOUT ROWID;

-- Sessions of API calls that were measured anew since their activities were.
CREATE TABLE sessions_measured (
  session_id TEXT PRIMARY KEY REFERENCES sessions ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO sessions_measured
SELECT DISTINCT session_id FROM activity_members JOIN activities USING (subject_id)
WHERE kind = 'api';
