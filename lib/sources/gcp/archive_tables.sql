-- The fields of log entries that are read, as read_json() takes them. `requestMetadata` is a map
-- because structs know no upper and lower case (callerIp, callerIP).
CREATE OR REPLACE MACRO gcp_columns() AS {
  insertId: 'VARCHAR',
  logName: 'VARCHAR',
  "timestamp": 'VARCHAR',
  severity: 'VARCHAR',
  textPayload: 'VARCHAR',
  protoPayload: 'STRUCT(
    "@type" VARCHAR, at_sign_type VARCHAR, at_type VARCHAR,
    serviceName VARCHAR, methodName VARCHAR, resourceName VARCHAR,
    authenticationInfo STRUCT(
      principalEmail VARCHAR, principalSubject VARCHAR, serviceAccountKeyName VARCHAR,
      serviceAccountDelegationInfo STRUCT(
        firstPartyPrincipal STRUCT(principalEmail VARCHAR), principalSubject VARCHAR)[]),
    authorizationInfo STRUCT(granted BOOLEAN)[],
    requestMetadata MAP(VARCHAR, VARCHAR),
    status STRUCT(code BIGINT))',
  resource: 'STRUCT("type" VARCHAR, labels STRUCT(project_id VARCHAR))'
};
-- Begin of the hour that the name of a file says, in microseconds; NULL where it says none.
CREATE OR REPLACE MACRO hour_of_file(name) AS
  epoch_us(TRY_CAST(
    regexp_replace(
      system.main.regexp_extract(
        name, '([0-9]{4}/[0-9]{2}/[0-9]{2}/[0-9]{2})[^/0-9]?00[^/0-9]?00_[^/]*$', 1),
      '^(....)/(..)/(..)/(..)$', '\1-\2-\3 \4:00:00+00') AS TIMESTAMPTZ));
-- Entries of files that DuckDB does not read, put here one by one.
CREATE OR REPLACE MACRO archive_item(text) AS
  CASE WHEN json_valid(text) THEN json_transform(text, CAST(to_json(gcp_columns()) AS VARCHAR)) END;
CREATE OR REPLACE TABLE split_items AS
  SELECT '' AS filename, archive_item('{}') AS item LIMIT 0;
