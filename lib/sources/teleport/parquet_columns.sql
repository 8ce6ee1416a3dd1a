-- Which of the columns of Teleport's table each file of the variable "files" has, from its footer.
-- Only for DuckDB: a broken footer is an error here.
SELECT
  file_name,
  count(DISTINCT name) FILTER (
    WHERE name IN ('uid', 'session_id', 'event_type', 'event_time', 'event_data', 'user')
  ) AS columns
FROM parquet_schema(getvariable('files'))
GROUP BY file_name
