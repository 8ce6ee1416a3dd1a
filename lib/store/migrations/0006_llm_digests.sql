-- What was given to a model of each subject: counts, and a hash that tells answers about this text
-- from answers about what was read before. One row a subject, that of its newest digest; `windows`
-- is how many answers a whole verdict takes. `redacted` is JSON, counts by kind.
CREATE TABLE llm_digests (
  subject_id TEXT PRIMARY KEY REFERENCES subjects ON DELETE CASCADE,
  digest_hash TEXT NOT NULL,
  kind TEXT NOT NULL,
  windows INTEGER NOT NULL,
  lines INTEGER NOT NULL,
  characters INTEGER NOT NULL,
  redacted TEXT NOT NULL,
  withheld INTEGER NOT NULL,
  invisible INTEGER NOT NULL,
  elided INTEGER NOT NULL,
  stopped TEXT
) STRICT, WITHOUT ROWID;

-- Answers by subject too: sessions that are alike share an answer, and each has it on record. `host`
-- is whom it was sent to. Rows from before have neither host nor digest; they stay readable.
CREATE TABLE llm_answers_by_subject_and_request (
  subject_id TEXT NOT NULL REFERENCES subjects ON DELETE CASCADE,
  request_key TEXT NOT NULL,
  host TEXT,
  model TEXT NOT NULL,
  prompt_hash TEXT NOT NULL,
  digest_hash TEXT,
  window_number INTEGER NOT NULL,
  state TEXT NOT NULL,
  mode TEXT,
  finding TEXT,
  sent_at TEXT NOT NULL,
  PRIMARY KEY (subject_id, request_key)
) STRICT, WITHOUT ROWID;
INSERT INTO llm_answers_by_subject_and_request
  SELECT subject_id, request_key, NULL, model, prompt_hash, NULL, window_number, state, mode,
    finding, sent_at
  FROM llm_answers WHERE subject_id IN (SELECT subject_id FROM subjects);
DROP TABLE llm_answers;
ALTER TABLE llm_answers_by_subject_and_request RENAME TO llm_answers;
CREATE INDEX llm_answers_by_request ON llm_answers (request_key);

-- How often a request went over the wire until it was answered or given up, and whether its tokens
-- and cost are an estimate: a server that breaks off bills what it does not say.
ALTER TABLE llm_calls ADD COLUMN host TEXT;
ALTER TABLE llm_calls ADD COLUMN tries INTEGER;
ALTER TABLE llm_calls ADD COLUMN estimated INTEGER NOT NULL DEFAULT 0;
