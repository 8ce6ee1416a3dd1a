-- The files of a self-hosted server's log under the name and with the columns that Athena's table
-- has; the variable "files" lists them. One JSON object a line; times are cut to milliseconds, as
-- the table keeps them. Lines that are no event with a time are not in it: log_lines.sql counts
-- them.
CREATE OR REPLACE VIEW teleport_events AS
SELECT
  coalesce(json_extract_scalar(event, '$.uid'), '') AS uid,
  coalesce(json_extract_scalar(event, '$.sid'), '') AS session_id,
  json_extract_scalar(event, '$.event') AS event_type,
  date_trunc('millisecond', moment) AS event_time,
  event AS event_data,
  coalesce(json_extract_scalar(event, '$.user'), '') AS "user",
  CAST(moment AS DATE) AS event_date
FROM (
  SELECT event,
    CAST(TRY_CAST(json_extract_scalar(event, '$.time') AS TIMESTAMPTZ) AS TIMESTAMP) AS moment
  FROM (
    SELECT event_map(CAST(json AS VARCHAR)) AS event
    FROM read_ndjson_objects(getvariable('files'), ignore_errors = true)
  )
)
WHERE moment IS NOT NULL AND json_extract_scalar(event, '$.event') IS NOT NULL
