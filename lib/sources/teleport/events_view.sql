-- The local archive under the name and with the columns that Athena's table has. The variable
-- "files" lists the Parquet files; the day comes from the folder, as partition projection does it.
CREATE OR REPLACE VIEW teleport_events AS
SELECT
  -- an id that is none may be as long as a file
  substr(uid, 1, 512) AS uid,
  substr(session_id, 1, 512) AS session_id,
  event_type,
  CAST(event_time AS TIMESTAMP) AS event_time,
  event_map(event_data) AS event_data,
  "user",
  TRY_CAST(regexp_extract(filename, '([0-9]{4}-[0-9]{2}-[0-9]{2})/[^/]*$', 1) AS DATE) AS event_date
FROM read_parquet(getvariable('files'), filename = true, hive_partitioning = false)
