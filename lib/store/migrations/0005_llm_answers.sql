-- What was sent to a language model and what came of it, by a hash of the model, the prompt and the
-- text sent: no request is sent twice, and an answer that is here costs nothing again. A row is
-- written before a request is sent; one still "sent" belongs to a run that was killed meanwhile, or
-- that goes on now. `finding` is labels, line numbers and a reason: neither text nor quotes.
CREATE TABLE llm_answers (
  request_key TEXT PRIMARY KEY,
  subject_id TEXT NOT NULL,
  model TEXT NOT NULL,
  prompt_hash TEXT NOT NULL,
  window_number INTEGER NOT NULL,
  state TEXT NOT NULL,
  mode TEXT,
  finding TEXT,
  sent_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX llm_answers_by_subject ON llm_answers (subject_id, model, prompt_hash);
