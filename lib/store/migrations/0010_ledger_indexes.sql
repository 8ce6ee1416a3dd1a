-- A merge looks for each row of another store's ledger: by the time of the row, which few share.
CREATE INDEX llm_calls_by_time ON llm_calls (called_at, model, prompt_hash);
CREATE INDEX pulls_by_time ON pulls (pulled_at, source, from_at);
CREATE INDEX runs_by_time ON runs (started_at);
