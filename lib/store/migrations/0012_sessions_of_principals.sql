-- The sessions of a principal in order of time, with all that correlation asks of those that lie
-- beside no other: read from the index alone. Who asks for the principal only has sessions_by_driver.
DROP INDEX sessions_by_principal;
CREATE INDEX sessions_by_principal
  ON sessions (substrate, principal, started_at, session_id, ended_at);
