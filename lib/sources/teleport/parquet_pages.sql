-- Reads every page that the other queries need: an error where one is broken.
SELECT
  count(*) AS rows_read,
  sum(length(uid) + length(session_id) + length(event_type) + length(event_data)) AS characters,
  max(event_time) IS NULL AS without_time,
  count("user") AS users
FROM teleport_events
