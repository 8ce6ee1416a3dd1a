-- What an audit log holds, by day and type of event, whether or not it belongs to a session: counts
-- only. A day that is pulled again is counted anew. `uri` names the log as `pulls` does; types whose
-- name has no plain form are `unknown`.
CREATE TABLE log_events (
  uri TEXT NOT NULL,
  substrate TEXT NOT NULL,
  day TEXT NOT NULL,
  event_type TEXT NOT NULL,
  events INTEGER NOT NULL,
  in_sessions INTEGER NOT NULL,
  PRIMARY KEY (uri, day, event_type)
) STRICT, WITHOUT ROWID;
