-- Log entries as a sink to BigQuery keeps them, as the flat rows that minutes.sql reads. `audit_table`
-- is one stream's table; export_columns.ts names the columns, and what stands in the place of one that
-- a table does not have: BigQuery adds a column when the first entry has it.
--
-- @since, @until: the window, as BigQuery spells times.
SELECT
  CASE WHEN protopayload_auditlog IS NULL THEN 'entry without an audit payload' END AS problem,
  '' AS origin,
  UNIX_MICROS(`timestamp`) AS at_us,
  NULLIF(insertId, '') AS insert_id,
  logName AS log_name,
  NULLIF(protopayload_auditlog.authenticationInfo.principalEmail, '') AS principal_email,
  NULLIF(protopayload_auditlog.authenticationInfo.principalSubject, '') AS principal_subject,
  NULLIF(protopayload_auditlog.authenticationInfo.serviceAccountKeyName, '') AS key_name,
  ARRAY_LENGTH(protopayload_auditlog.authenticationInfo.serviceAccountDelegationInfo) AS delegations,
  COALESCE(
    protopayload_auditlog.authenticationInfo.serviceAccountDelegationInfo[SAFE_OFFSET(0)]
      .firstPartyPrincipal.principalEmail,
    protopayload_auditlog.authenticationInfo.serviceAccountDelegationInfo[SAFE_OFFSET(0)]
      .principalSubject
  ) AS delegator,
  NULLIF(protopayload_auditlog.requestMetadata.callerIp, '') AS address,
  NULLIF(protopayload_auditlog.requestMetadata.callerSuppliedUserAgent, '') AS user_agent,
  NULLIF(protopayload_auditlog.serviceName, '') AS service,
  NULLIF(protopayload_auditlog.methodName, '') AS method,
  protopayload_auditlog.status.code AS code,
  (SELECT LOGICAL_AND(granted) FROM UNNEST(protopayload_auditlog.authorizationInfo)) AS granted,
  NULLIF(protopayload_auditlog.resourceName, '') AS resource_name,
  resource.type AS resource_type,
  resource.labels.project_id AS project
FROM `audit_table`
WHERE `timestamp` >= CAST(@since AS TIMESTAMP)
  AND `timestamp` < CAST(@until AS TIMESTAMP)
