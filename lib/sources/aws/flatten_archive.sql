-- Files of CloudTrail's layout, `{"Records": […]}` each, as the table `cloudtrail_events` that
-- minutes.sql reads: columns and structs as Athena's table has them, "day" as its partition. Only for
-- DuckDB. The variables: `aws_files`, the files as patterns; `aws_window`, two texts: the day of
-- records without a time in files that name no day, and the time behind which a clock is wrong.
--
-- A field of another type is NULL, and the rest of its record stays. A file without records is one
-- row of NULLs. `split_items` holds the records of files that DuckDB can't read.
--
-- Delivered files are one line each, and are read as such: in two thirds of the time that DuckDB takes
-- to find where an object ends. A line that is no JSON is a fault of its file, like one of gzip: the
-- file is split then. The day of a file is asked for where the file is read: there its name is one
-- value for many records, and so is the day.
--
-- Files are small, and what reads the events is run for each anew. To hold the events, and to hand
-- them on 2,048 together, would save an eighth of the time and cost half as much memory again.
CREATE OR REPLACE VIEW cloudtrail_events AS
WITH files AS (
  SELECT
    day_of_file(filename) AS file_day,
    CASE
      WHEN line IS NULL THEN error('a file is not of one line')
      WHEN line.Records IS NULL THEN [NULL]
      ELSE line.Records
    END AS records
  FROM read_json(
    getvariable('aws_files'),
    format = 'newline_delimited',
    records = false,
    ignore_errors = true,
    filename = true,
    hive_partitioning = false,
    maximum_object_size = 16777216,
    columns = {line: 'STRUCT(Records ' || aws_records() || ')'}
  )
),
records AS (
  SELECT file_day, unnest(records) AS record FROM files
  UNION ALL
  SELECT day_of_file(filename), item FROM split_items
),
events AS (
  SELECT
    record.eventTime AS eventtime,
    record.eventID AS eventid,
    record.eventSource AS eventsource,
    record.eventName AS eventname,
    record.awsRegion AS awsregion,
    record.sourceIPAddress AS sourceipaddress,
    record.userAgent AS useragent,
    record.errorCode AS errorcode,
    record.errorMessage AS errormessage,
    CASE WHEN record.eventSource = 'sts.amazonaws.com' THEN to_json(record.responseElements) END
      AS responseelements,
    record.recipientAccountId AS recipientaccountid,
    record.sessionCredentialFromConsole AS sessioncredentialfromconsole,
    record.userIdentity AS useridentity,
    record.resources AS resources,
    coalesce(
      file_day,
      CASE WHEN TRY_CAST(record.eventTime AS TIMESTAMPTZ)
          < CAST(getvariable('aws_window')[2] AS TIMESTAMPTZ)
        THEN replace(substr(record.eventTime, 1, 10), '-', '/') END,
      getvariable('aws_window')[1]
    ) AS "day"
  FROM records
)
SELECT * FROM events
