-- The local archive under the name and with the columns that Athena's table has. The variable
-- "files" lists the Parquet files; the day comes from the folder, as partition projection does it.
-- Event data is a map of the JSON's first level, which json_extract_scalar takes as well, and NULL
-- where it is no JSON object. DuckDB takes 2,048 rows at a time: from long ones, which the one under
-- study can make, arguments and error texts are cut out before the JSON is read, and of a command
-- all but its first word.
CREATE OR REPLACE VIEW teleport_events AS
SELECT
  uid,
  session_id,
  event_type,
  CAST(event_time AS TIMESTAMP) AS event_time,
  TRY(from_json(
    CASE WHEN strlen(event_data) <= 16384 THEN event_data
      ELSE regexp_replace(
        regexp_replace(
          regexp_replace(
            event_data,
            '"command":"(\s*[^"\\\s]*)(?:[^"\\]|\\.)*"', '"command":"\1"'),
          '"(argv|initial_command)":\[(?:"(?:[^"\\]|\\.)*",?)*\]', '"\1":[]', 'g'),
        '"(exitError|reason)":"(?:[^"\\]|\\.)+"', '"\1":"-"', 'g')
    END,
    '"MAP(VARCHAR, JSON)"'
  )) AS event_data,
  "user",
  TRY_CAST(regexp_extract(filename, '([0-9]{4}-[0-9]{2}-[0-9]{2})/[^/]*$', 1) AS DATE) AS event_date
FROM read_parquet(getvariable('files'), filename = true, hive_partitioning = false)
