-- First and last time in the files of the variable "files", for those whose names tell no day. Only
-- for DuckDB.
SELECT
  CAST(epoch_ms(min(moment)) AS bigint) AS first_ms,
  CAST(epoch_ms(max(moment)) AS bigint) AS last_ms
FROM (
  SELECT CAST(TRY_CAST(json ->> '$.time' AS TIMESTAMPTZ) AS TIMESTAMP) AS moment
  FROM read_ndjson_objects(getvariable('files'), ignore_errors = true)
) AS timed
WHERE moment >= TIMESTAMP '1970-01-02'
