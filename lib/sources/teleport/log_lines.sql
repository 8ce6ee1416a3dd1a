-- How many lines of each file of the variable "files" are no event of Teleport's, and why. Only for
-- DuckDB; a line that is no JSON comes as NULL.
SELECT file_name, reason, count(*) AS row_count
FROM (
  SELECT filename AS file_name,
    CASE
      WHEN json_type(json) IS DISTINCT FROM 'OBJECT'
        OR event_map(CAST(json AS VARCHAR)) IS NULL
        THEN 'line is no JSON object'
      WHEN coalesce(json_type(json, '$.event'), '') <> 'VARCHAR'
        THEN 'line is no event of Teleport''s'
      WHEN TRY_CAST(json ->> '$.time' AS TIMESTAMPTZ) IS NULL THEN 'event without a time'
    END AS reason
  FROM read_ndjson_objects(getvariable('files'), ignore_errors = true, filename = true)
) AS judged
WHERE reason IS NOT NULL
GROUP BY file_name, reason
ORDER BY file_name, reason
