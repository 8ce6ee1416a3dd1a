-- Log entries of the GCS layout, one JSON object a line, as the flat rows that minutes.sql reads.
-- Only for DuckDB. The variables: `gcp_files`, the files as patterns; `gcp_window`, four texts: begin
-- and end of the window in microseconds, the time behind which a clock is wrong, and "1" or "0" for
-- whether lines without a time of files whose names name no hour are told this time.
--
-- `ignore_errors` gives a line that is no JSON as a row of NULLs, which is told and counted below;
-- a field of another type is NULL, and the rest of its entry stays. `split_items` holds the entries of
-- files that DuckDB can't read. The hour of a file is asked for where the file is read: there its name
-- is one value for many entries, and so is the hour.
CREATE OR REPLACE VIEW cloudaudit_entries AS
WITH entries AS (
  SELECT *, hour_of_file(filename) AS hour_us
  FROM read_json(
    getvariable('gcp_files'),
    format = 'newline_delimited',
    records = true,
    ignore_errors = true,
    filename = true,
    hive_partitioning = false,
    maximum_object_size = 4194304,
    columns = gcp_columns()
  )
  UNION ALL BY NAME
  SELECT filename, unnest(item), hour_of_file(filename) AS hour_us FROM split_items
),
lines AS (
  SELECT *, epoch_us(TRY_CAST("timestamp" AS TIMESTAMPTZ)) AS time_us FROM entries
),
judged AS (
  SELECT
    *,
    CASE
      WHEN protoPayload IS NULL THEN
        CASE
          WHEN coalesce(insertId, logName, "timestamp", severity, textPayload) IS NULL
            AND resource IS NULL THEN 'line is no log entry'
          ELSE 'entry without an audit payload'
        END
      WHEN coalesce(
          protoPayload."@type", protoPayload.at_sign_type, protoPayload.at_type,
          'type.googleapis.com/google.cloud.audit.AuditLog'
        ) <> 'type.googleapis.com/google.cloud.audit.AuditLog' THEN 'payload of another type'
      WHEN time_us IS NULL THEN 'entry without a time'
      WHEN time_us >= CAST(getvariable('gcp_window')[3] AS BIGINT)
        THEN 'entry of a clock far in the future'
      WHEN time_us < hour_us - 3600000000 OR time_us >= hour_us + 7200000000
        THEN 'entry lies outside the hour of its file'
    END AS problem
  FROM lines
)
SELECT
  problem,
  filename AS origin,
  time_us AS at_us,
  nullif(insertId, '') AS insert_id,
  logName AS log_name,
  text_or_null(protoPayload.authenticationInfo.principalEmail) AS principal_email,
  text_or_null(protoPayload.authenticationInfo.principalSubject) AS principal_subject,
  text_or_null(protoPayload.authenticationInfo.serviceAccountKeyName) AS key_name,
  len(protoPayload.authenticationInfo.serviceAccountDelegationInfo) AS delegations,
  coalesce(
    text_or_null(protoPayload.authenticationInfo.serviceAccountDelegationInfo[1]
      .firstPartyPrincipal.principalEmail),
    text_or_null(protoPayload.authenticationInfo.serviceAccountDelegationInfo[1].principalSubject)
  ) AS delegator,
  text_or_null(coalesce(
    protoPayload.requestMetadata['callerIp'], protoPayload.requestMetadata['callerIP'])) AS address,
  text_or_null(protoPayload.requestMetadata['callerSuppliedUserAgent']) AS user_agent,
  text_or_null(protoPayload.serviceName) AS service,
  text_or_null(protoPayload.methodName) AS method,
  protoPayload.status.code AS code,
  list_bool_and(list_transform(protoPayload.authorizationInfo, lambda step: step.granted))
    AS granted,
  text_or_null(protoPayload.resourceName) AS resource_name,
  resource."type" AS resource_type,
  resource.labels.project_id AS project
FROM judged
WHERE CASE
  -- what can't be told by its own time belongs to the window of its file
  WHEN problem IS NULL OR (time_us < CAST(getvariable('gcp_window')[3] AS BIGINT)
      AND problem <> 'entry lies outside the hour of its file' AND hour_us IS NULL)
    THEN time_us >= CAST(getvariable('gcp_window')[1] AS BIGINT)
      AND time_us < CAST(getvariable('gcp_window')[2] AS BIGINT)
  WHEN hour_us IS NOT NULL
    THEN hour_us + 3600000000 > CAST(getvariable('gcp_window')[1] AS BIGINT)
      AND hour_us < CAST(getvariable('gcp_window')[2] AS BIGINT)
  ELSE getvariable('gcp_window')[4] = '1'
END
