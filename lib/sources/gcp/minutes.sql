-- Raw minutes of audit entries: one row per principal, user agent without its invocation id,
-- address, scope, credential and minute; the calls inside as one JSON array of
-- ["offset_us", method, code, granted, invocation, resource_kind, resource_hash, id] in order of time.
-- Such a text ends after 500,000 characters, at least 1,000 calls, maybe within one. Entries that are
-- left out come as one row a reason, with the number of them.
--
-- Delivery is at least once: entries of the same insertId, time and log are one. One without an id
-- is not a copy of anything.
--
-- The text is BigQuery's and runs on DuckDB as it is (bigquery_macros.sql). It reads
-- `cloudaudit_entries`: on BigQuery the text of flatten_bigquery.sql is put in its place, on DuckDB
-- it is the view of flatten_archive.sql. Names of resources and credentials leave only as the first
-- 16 digits of a salted SHA-256; the kind of a resource is of a closed list, else the type that the
-- entry itself gives, where that has the form of one.
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
    COALESCE(insert_id || ' ' || COALESCE(log_name, ''), GENERATE_UUID()) AS id,
    CASE
      WHEN LENGTH(COALESCE(principal_email, principal_subject)) > 512
        THEN SUBSTR(COALESCE(principal_email, principal_subject), 1, 480) || '~'
          || SUBSTR(TO_HEX(SHA256(COALESCE(principal_email, principal_subject))), 1, 16)
      ELSE COALESCE(principal_email, principal_subject)
    END AS principal,
    key_name,
    delegations,
    SUBSTR(delegator, 1, 512) AS delegator,
    SUBSTR(address, 1, 128) AS address,
    SUBSTR(user_agent, 1, 4096) AS sent_agent,
    COALESCE(service, '') || '/' || COALESCE(method, '') AS method,
    code,
    granted,
    resource_name,
    -- `…/collection/name`, or a collection alone; of Kubernetes' names the verb behind is left away
    SPLIT(
      CASE WHEN service = 'k8s.io'
        THEN REGEXP_REPLACE(resource_name, '/(?:exec|attach|portforward|proxy|log|scale|status)$', '')
        ELSE resource_name END,
      '/') AS parts,
    resource_type,
    SPLIT(log_name, '/') AS log_parts,
    project
  FROM entries
),
parted AS (
  SELECT named.*,
    parts[SAFE_OFFSET(DIV(ARRAY_LENGTH(parts) - 1, 2) * 2)] AS collection,
    CASE WHEN log_parts[SAFE_OFFSET(0)] = 'projects'
      THEN SUBSTR(log_parts[SAFE_OFFSET(1)], 1, 128) END AS log_project
  FROM named
),
judged AS (
  SELECT
    COALESCE(reason, '') AS reason,
    CASE WHEN reason IS NULL THEN '' ELSE COALESCE(origin, '') END AS origin,
    CASE WHEN reason IS NULL THEN minute END AS minute,
    CASE WHEN reason IS NULL THEN principal ELSE '' END AS principal,
    CASE
      WHEN reason IS NOT NULL OR sent_agent IS NULL THEN ''
      WHEN STRPOS(sent_agent, 'invocation-id/') > 0
        THEN SUBSTR(REGEXP_REPLACE(sent_agent, ' ?invocation-id/[^ ]*', ''), 1, 2048)
      ELSE SUBSTR(sent_agent, 1, 2048)
    END AS user_agent,
    CASE WHEN reason IS NULL THEN COALESCE(address, '') ELSE '' END AS address,
    CASE
      WHEN reason IS NOT NULL THEN ''
      WHEN log_project IS NOT NULL THEN log_project
      WHEN log_parts[SAFE_OFFSET(0)] IN ('organizations', 'folders', 'billingAccounts')
        THEN COALESCE(SUBSTR(log_parts[SAFE_OFFSET(0)] || '/' || log_parts[SAFE_OFFSET(1)], 1, 128), '')
      ELSE ''
    END AS scope,
    CASE WHEN reason IS NULL AND key_name IS NOT NULL
      THEN SUBSTR(TO_HEX(SHA256(@salt || 'credential:' || key_name)), 1, 16)
      ELSE '' END AS credential,
    CASE WHEN reason IS NULL THEN COALESCE(delegations, 0) ELSE 0 END AS delegations,
    CASE WHEN reason IS NULL THEN COALESCE(delegator, '') ELSE '' END AS delegator,
    SUBSTR(COALESCE(project, log_project), 1, 128) AS target,
    -- no part is NULL, for which CONCAT differs between the engines
    CONCAT(
      '["',
      CASE WHEN reason IS NULL
        THEN LPAD(CAST(at_us - minute * 60000000 AS STRING), 8, '0') ELSE '0' END,
      '","',
      CASE
        WHEN LENGTH(method) <= 200 AND NOT REGEXP_CONTAINS(method, '[^A-Za-z0-9_.:/-]') THEN method
        ELSE 'other/other' END,
      '",',
      CASE WHEN code <> 0 THEN CAST(code AS STRING) ELSE 'null' END,
      CASE WHEN granted THEN ',true,' WHEN NOT granted THEN ',false,' ELSE ',null,' END,
      COALESCE(
        CASE WHEN STRPOS(sent_agent, ' invocation-id/') > 0 THEN
          '"' || SUBSTR(
            REGEXP_EXTRACT(sent_agent, ' invocation-id/([0-9A-Za-z-]+)(?: |$)'), 1, 64) || '"' END,
        'null'),
      ',',
      CASE
        WHEN REGEXP_CONTAINS(collection, '^(?:'
          || 'accessPolicies|addresses|alertPolicies|apiproxies|apis|apps|artifacts'
          || '|attestors|autoscalers|backendBuckets|backendServices|backups|bigtable'
          || '|bindings|brands|buckets|builds|certificates|clusterrolebindings'
          || '|clusterroles|clusters|configmaps|connections|connectors|cronjobs|crons'
          || '|cryptoKeyVersions|cryptoKeys|customresourcedefinitions|daemonsets|databases'
          || '|datasets|deployments|devices|disks|documents|domains|endpoints|entries'
          || '|environments|events|exclusions|features|firewallPolicies|firewalls|folders'
          || '|forwardingRules|functions|gateways|groups|healthChecks|httpRoutes|hubs'
          || '|images|ingresses|instanceGroupManagers|instanceGroups|instanceTemplates'
          || '|instances|jobs|keyRings|keys|leases|licenses|locations|machineTypes'
          || '|managedZones|memberships|metrics|models|monitors|namespaces'
          || '|networkEndpointGroups|networkpolicies|networks|nodePools|nodes|notebooks'
          || '|objects|operations|organizations|packages|perimeters|persistentvolumeclaims'
          || '|persistentvolumes|pipelines|pods|policies|policyTags|projects|queues'
          || '|recommenders|regions|replicasets|repositories|reservations|resourcequotas'
          || '|revisions|rolebindings|roles|routers|routes|routines|rules|schemas|secrets'
          || '|securityPolicies|serviceAccounts|serviceConfigs|servicePerimeters'
          || '|serviceaccounts|serviceattachments|services|sinks|snapshots|sources'
          || '|sslCertificates|sslPolicies|statefulsets|storageclasses|subnetworks'
          || '|subscriptions|tables|tagBindings|tagKeys|tagValues|targetHttpProxies'
          || '|targetHttpsProxies|targetPools|targetTcpProxies|topics|transferConfigs'
          || '|triggers|tunnels|urlMaps|users|vaults|versions|views|vpnGateways|vpnTunnels'
          || '|workerPools|workflows|workforcePools|workloadIdentityPools|workspaces'
          || '|workstations|zones'
          || ')$')
          THEN '"' || collection || '"'
        WHEN LENGTH(resource_type) <= 40 AND NOT REGEXP_CONTAINS(resource_type, '[^a-z0-9_]')
          THEN '"' || resource_type || '"'
        ELSE 'null' END,
      COALESCE(
        ',"' || SUBSTR(TO_HEX(SHA256(@salt || 'resource:' || resource_name)), 1, 16) || '","',
        ',null,"'),
      CASE
        WHEN LENGTH(id) <= 200 AND NOT REGEXP_CONTAINS(id, '[^A-Za-z0-9_.%/ -]') THEN id
        ELSE TO_HEX(SHA256(id)) END,
      '"]'
    ) AS call
  FROM parted
  WHERE reason IS NOT NULL OR @principal = '' OR principal = @principal
),
grouped AS (
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
    minute,
    MIN(target) AS target,
    COUNT(*) AS entries,
    STRING_AGG(DISTINCT call, ',' ORDER BY call) AS calls
  FROM judged
  GROUP BY reason, origin, principal, user_agent, address, scope, credential, delegations,
    delegator, minute
),
-- no text inside a call has brackets
counted AS (
  SELECT grouped.*,
    DIV(LENGTH(calls) - LENGTH(REPLACE(calls, '],[', '')), 3) + 1 AS calls_total
  FROM grouped
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
  target,
  calls_total,
  entries - calls_total AS copies,
  CASE WHEN reason = '' THEN SUBSTR(calls, 1, 500000) END AS calls
FROM counted
