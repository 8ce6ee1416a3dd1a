-- Reads every page that the other queries need: an error where one is broken. Only for DuckDB.
SELECT
  count(*) AS rows_read,
  sum(strlen(uid) + strlen(session_id) + strlen(event_type)) AS bytes,
  sum(strlen(event_data)) AS data_bytes,
  max(CAST(event_time AS TIMESTAMP)) IS NULL AS without_time,
  sum(strlen("user")) AS user_bytes
FROM read_parquet(getvariable('files'))
