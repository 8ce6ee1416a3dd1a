-- Nothing where what the files of the variable "files" hold is at most so many bytes; else a number
-- beyond it, found without reading on. Reads every page that the other queries need up to there: an
-- error where one is broken. A row counts for 64 bytes: its id takes as many. Only for DuckDB.
-- parameters: most_bytes
SELECT bytes
FROM (
  SELECT CAST(sum(row_bytes) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS BIGINT)
    AS bytes
  FROM (
    SELECT 64 + coalesce(epoch_ms(CAST(event_time AS TIMESTAMP)) * 0, 0)
      + coalesce(strlen(uid), 0) + coalesce(strlen(session_id), 0)
      + coalesce(strlen(event_type), 0) + coalesce(strlen(event_data), 0)
      + coalesce(strlen("user"), 0) AS row_bytes
    FROM read_parquet(getvariable('files'))
  )
)
WHERE bytes > CAST(? AS BIGINT)
LIMIT 1
