-- Raw minutes of audit entries: one row per principal, user agent without its invocation id,
-- address, scope, credential and minute; the calls inside as one JSON array of
-- [offset_ms, method, code, granted, invocation, resource_kind, resource_hash], in order of time,
-- the first 1,000. Entries that are left out come as one row a reason, with the number of them.
--
-- The text is BigQuery's and runs on DuckDB as it is (bigquery_macros.sql). It reads
-- `cloudaudit_entries`: on BigQuery the text of flatten_bigquery.sql is put in its place, on DuckDB
-- it is the view of flatten_archive.sql. Names of resources and credentials leave only as the first
-- 16 digits of a salted SHA-256; kinds of resources are of a closed list.
--
-- @salt: hex text; @principal: only this one, '' for all.
WITH entries AS (
  SELECT * FROM cloudaudit_entries
),
named AS (
  SELECT
    CASE
      WHEN problem IS NOT NULL THEN problem
      WHEN principal_email IS NULL AND principal_subject IS NULL THEN 'entry without a principal'
      WHEN service IS NULL AND method IS NULL THEN 'entry without a method'
    END AS reason,
    origin,
    at_us,
    DIV(at_us, 60000000) AS minute,
    COALESCE(insert_id, '') AS insert_id,
    COALESCE(log_name, '') AS log_name,
    SUBSTR(COALESCE(principal_email, principal_subject), 1, 512) AS principal,
    key_name,
    delegations,
    SUBSTR(delegator, 1, 512) AS delegator,
    SUBSTR(address, 1, 128) AS address,
    SUBSTR(user_agent, 1, 4096) AS sent_agent,
    COALESCE(service, '') || '/' || COALESCE(method, '') AS method,
    code,
    granted,
    SUBSTR(resource_name, 1, 4096) AS resource_name,
    resource_type,
    project
  FROM entries
),
judged AS (
  SELECT
    COALESCE(reason, '') AS reason,
    CASE WHEN reason IS NULL THEN '' ELSE COALESCE(origin, '') END AS origin,
    at_us,
    CASE WHEN reason IS NULL THEN minute END AS minute,
    insert_id,
    log_name,
    CASE WHEN reason IS NULL THEN principal ELSE '' END AS principal,
    CASE WHEN reason IS NULL AND sent_agent IS NOT NULL
      THEN SUBSTR(REGEXP_REPLACE(sent_agent, ' ?invocation-id/[^ ]*', ''), 1, 2048)
      ELSE '' END AS user_agent,
    CASE WHEN reason IS NULL THEN COALESCE(address, '') ELSE '' END AS address,
    CASE WHEN reason IS NULL THEN COALESCE(
        REGEXP_EXTRACT(log_name, '^projects/([^/]{1,128})/'),
        REGEXP_EXTRACT(log_name, '^((?:organizations|folders|billingAccounts)/[^/]{1,128})/'),
        '')
      ELSE '' END AS scope,
    CASE WHEN reason IS NULL AND key_name IS NOT NULL
      THEN SUBSTR(TO_HEX(SHA256(@salt || 'credential:' || key_name)), 1, 16)
      ELSE '' END AS credential,
    CASE WHEN reason IS NULL THEN COALESCE(delegations, 0) ELSE 0 END AS delegations,
    CASE WHEN reason IS NULL THEN COALESCE(delegator, '') ELSE '' END AS delegator,
    SUBSTR(COALESCE(project, REGEXP_EXTRACT(log_name, '^projects/([^/]{1,128})/')), 1, 128)
      AS target,
    CASE WHEN reason IS NULL THEN
      '[' || CAST(DIV(at_us, 1000) - minute * 60000 AS STRING)
      || ',"' || CASE WHEN REGEXP_CONTAINS(method, '^[A-Za-z0-9_.:/-]{1,200}$')
        THEN method ELSE 'other/other' END
      || '",' || CASE WHEN code <> 0 THEN '"' || CAST(code AS STRING) || '"' ELSE 'null' END
      || ',' || CASE WHEN granted THEN 'true' WHEN NOT granted THEN 'false' ELSE 'null' END
      || ',' || COALESCE(
        '"' || REGEXP_EXTRACT(sent_agent, ' invocation-id/([0-9A-Za-z-]{1,64})(?: |$)') || '"',
        'null')
      || ',' || COALESCE('"' || COALESCE(
        REGEXP_EXTRACT(resource_name, '^(?:.*/)?('
          || 'accessPolicies|addresses|alertPolicies|apiproxies|apis|apps|artifacts|attestors|'
          || 'autoscalers|backendBuckets|backendServices|backups|bigtable|bindings|brands|'
          || 'buckets|builds|certificates|clusterrolebindings|clusterroles|clusters|'
          || 'configmaps|connections|connectors|cronjobs|crons|cryptoKeyVersions|cryptoKeys|'
          || 'customresourcedefinitions|daemonsets|databases|datasets|deployments|devices|'
          || 'disks|documents|domains|endpoints|entries|environments|events|exclusions|'
          || 'features|firewallPolicies|firewalls|folders|forwardingRules|functions|gateways|'
          || 'groups|healthChecks|httpRoutes|hubs|images|ingresses|instanceGroupManagers|'
          || 'instanceGroups|instanceTemplates|instances|jobs|keyRings|keys|leases|licenses|'
          || 'locations|machineTypes|managedZones|memberships|metrics|models|monitors|'
          || 'namespaces|networkEndpointGroups|networkpolicies|networks|nodePools|nodes|'
          || 'notebooks|objects|operations|organizations|packages|perimeters|'
          || 'persistentvolumeclaims|persistentvolumes|pipelines|pods|policies|policyTags|'
          || 'projects|queues|recommenders|regions|replicasets|repositories|reservations|'
          || 'resourcequotas|revisions|rolebindings|roles|routers|routes|routines|rules|'
          || 'schemas|secrets|securityPolicies|serviceAccounts|serviceConfigs|'
          || 'servicePerimeters|serviceaccounts|serviceattachments|services|sinks|snapshots|'
          || 'sources|sslCertificates|sslPolicies|statefulsets|storageclasses|subnetworks|'
          || 'subscriptions|tables|tagBindings|tagKeys|tagValues|targetHttpProxies|'
          || 'targetHttpsProxies|targetPools|targetTcpProxies|topics|transferConfigs|triggers|'
          || 'tunnels|urlMaps|users|vaults|versions|views|vpnGateways|vpnTunnels|workerPools|'
          || 'workflows|workforcePools|workloadIdentityPools|workspaces|workstations|zones'
          || ')(?:/|$)'),
        REGEXP_EXTRACT(resource_type, '^([a-z_]{1,40})$')) || '"', 'null')
      || ',' || COALESCE(
        '"' || SUBSTR(TO_HEX(SHA256(@salt || 'resource:' || resource_name)), 1, 16) || '"',
        'null')
      || ']'
    END AS call
  FROM named
  WHERE reason IS NOT NULL OR @principal = '' OR principal = @principal
),
placed AS (
  SELECT judged.*,
    ROW_NUMBER() OVER calls AS place,
    LAG(insert_id) OVER calls AS id_before,
    LAG(log_name) OVER calls AS log_before,
    LAG(at_us) OVER calls AS us_before
  FROM judged
  WINDOW calls AS (
    PARTITION BY reason, principal, minute, user_agent, address, scope, credential, delegations,
      delegator
    ORDER BY at_us, insert_id, log_name, call
  )
),
-- Delivery is at least once: the same id, time and log is the same entry. One without an id is not
-- a copy of anything.
marked AS (
  SELECT placed.*,
    COALESCE(
      insert_id <> '' AND insert_id = id_before AND log_name = log_before AND at_us = us_before,
      FALSE) AS is_copy
  FROM placed
)
SELECT
  reason,
  origin,
  principal,
  user_agent,
  address,
  scope,
  credential,
  delegations,
  delegator,
  minute * 60000 AS minute_ms,
  MIN(target) AS target,
  SUM(CASE WHEN is_copy THEN 0 ELSE 1 END) AS calls_total,
  SUM(CASE WHEN is_copy THEN 1 ELSE 0 END) AS copies,
  STRING_AGG(CASE WHEN place <= 1000 AND NOT is_copy THEN call END, ',' ORDER BY place) AS calls
FROM marked
GROUP BY reason, origin, principal, user_agent, address, scope, credential, delegations, delegator,
  minute
ORDER BY principal, minute_ms, user_agent, address, scope, credential, delegations, delegator,
  reason, origin
