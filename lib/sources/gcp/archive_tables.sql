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
-- Entries of files that DuckDB does not read, put here one by one.
CREATE OR REPLACE MACRO archive_item(text) AS
  CASE WHEN json_valid(text) THEN json_transform(text, CAST(to_json(gcp_columns()) AS VARCHAR)) END;
CREATE OR REPLACE TABLE split_items AS
  SELECT '' AS filename, archive_item('{}') AS item LIMIT 0;
