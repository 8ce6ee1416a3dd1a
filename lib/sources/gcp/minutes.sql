-- Raw minutes of audit entries: one row per principal, user agent without its invocation id,
-- address, scope, credential and minute; the calls inside as one text, in order of time: each
-- `offset_us method code granted invocation resource_kind resource_hash id,`, `~` where a field is
-- absent, and no field holds a space, a comma or a tilde. Such a text ends after 500,000 characters, at
-- least 1,000 calls, maybe within one. Entries that are left out come as one row a reason, with the
-- number of them.
--
-- Delivery is at least once: entries of the same insertId, time and log are one. One without an id
-- is not a copy of anything.
--
-- The text is BigQuery's and runs on DuckDB as it is (bigquery_macros.sql). It reads
-- `cloudaudit_entries`: on BigQuery the text of flatten_bigquery.sql is put in its place, on DuckDB
-- it is the view of flatten_archive.sql. `ARRAY_IN_ORDER(texts)`, each text once and sorted, is a
-- macro there, and here a query of the array (audit_tables.ts). Names of resources and credentials
-- leave only as the first 16 digits of a salted SHA-256; the kind of a resource is of a closed list,
-- else the type that the entry itself gives, where that has the form of one.
--
-- Texts are cut behind the grouping, or only where they are too long, and patterns are asked only
-- where a plain search is not enough: both are dear, and this runs once an entry.
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
    COALESCE(principal_email, principal_subject) AS sent_principal,
    key_name,
    delegations,
    delegator,
    address,
    CASE WHEN BYTE_LENGTH(user_agent) > 2048 THEN SUBSTR(user_agent, 1, 2048) ELSE user_agent END
      AS sent_agent,
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
agents AS (
  SELECT named.*, SPLIT(sent_agent, ' invocation-id/') AS agent_parts
  FROM named
),
parted AS (
  SELECT agents.*,
    CASE WHEN BYTE_LENGTH(sent_principal) > 512
      THEN SUBSTR(sent_principal, 1, 480) || '~' || SUBSTR(TO_HEX(SHA256(sent_principal)), 1, 16)
      ELSE sent_principal END AS principal,
    agent_parts[SAFE_OFFSET(1)] AS agent_tail,
    STRPOS(agent_parts[SAFE_OFFSET(1)], ' ') AS invocation_end,
    parts[SAFE_OFFSET(DIV(ARRAY_LENGTH(parts) - 1, 2) * 2)] AS collection,
    CASE WHEN log_parts[SAFE_OFFSET(0)] = 'projects' THEN log_parts[SAFE_OFFSET(1)] END
      AS log_project
  FROM agents
),
worded AS (
  SELECT parted.*,
    CASE WHEN invocation_end > 0 THEN SUBSTR(agent_tail, 1, invocation_end - 1) ELSE agent_tail END
      AS invocation
  FROM parted
),
judged AS (
  SELECT
    COALESCE(reason, '') AS reason,
    CASE WHEN reason IS NULL THEN '' ELSE COALESCE(origin, '') END AS origin,
    CASE WHEN reason IS NULL THEN minute END AS minute,
    CASE WHEN reason IS NULL THEN principal ELSE '' END AS principal,
    CASE
      WHEN reason IS NOT NULL OR sent_agent IS NULL THEN ''
      WHEN agent_tail IS NULL THEN sent_agent
      WHEN ARRAY_LENGTH(agent_parts) > 2
        THEN REGEXP_REPLACE(sent_agent, ' invocation-id/[^ ]*', '')
      WHEN invocation_end = 0 THEN agent_parts[SAFE_OFFSET(0)]
      ELSE agent_parts[SAFE_OFFSET(0)] || SUBSTR(agent_tail, invocation_end)
    END AS user_agent,
    CASE
      WHEN reason IS NOT NULL OR address IS NULL THEN ''
      WHEN BYTE_LENGTH(address) > 128 THEN SUBSTR(address, 1, 128)
      ELSE address
    END AS address,
    CASE
      WHEN reason IS NOT NULL THEN ''
      WHEN log_project IS NOT NULL THEN log_project
      WHEN log_parts[SAFE_OFFSET(0)] IN ('organizations', 'folders', 'billingAccounts')
        THEN COALESCE(log_parts[SAFE_OFFSET(0)] || '/' || log_parts[SAFE_OFFSET(1)], '')
      ELSE ''
    END AS scope,
    CASE WHEN reason IS NULL THEN key_name END AS key_name,
    CASE WHEN reason IS NULL THEN COALESCE(delegations, 0) ELSE 0 END AS delegations,
    CASE WHEN reason IS NULL THEN COALESCE(delegator, '') ELSE '' END AS delegator,
    COALESCE(project, log_project) AS target,
    -- no part is NULL, for which CONCAT differs between the engines
    CONCAT(
      CASE WHEN reason IS NULL
        -- leading zeros, so that the texts sort as their times
        THEN SUBSTR(CAST(100000000 + at_us - minute * 60000000 AS STRING), 2) ELSE '0' END,
      ' ',
      CASE
        WHEN BYTE_LENGTH(method) <= 200 AND NOT REGEXP_CONTAINS(method, '[^A-Za-z0-9_.:/-]') THEN method
        ELSE 'other/other' END,
      CASE WHEN code <> 0 THEN ' ' || CAST(code AS STRING) ELSE ' ~' END,
      CASE WHEN granted THEN ' true ' WHEN NOT granted THEN ' false ' ELSE ' null ' END,
      CASE
        WHEN agent_tail IS NULL THEN '~'
        WHEN REGEXP_CONTAINS(invocation, '^[0-9A-Za-z-]{1,64}$') THEN invocation
        ELSE '~' END,
      ' ',
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
          THEN collection
        WHEN BYTE_LENGTH(resource_type) <= 40 AND NOT REGEXP_CONTAINS(resource_type, '[^a-z0-9_]')
          THEN resource_type
        ELSE '~' END,
      ' ',
      COALESCE(SUBSTR(TO_HEX(SHA256(@salt || 'resource:' || resource_name)), 1, 16), '~'),
      ' ',
      CAST(FARM_FINGERPRINT(id) AS STRING),
      ','
    ) AS call
  FROM worded
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
    key_name,
    delegations,
    delegator,
    minute,
    MIN(target) AS target,
    COUNT(*) AS entries,
    ARRAY_AGG(call) AS call_texts
  FROM judged
  GROUP BY reason, origin, principal, user_agent, address, scope, key_name, delegations,
    delegator, minute
),
counted AS (
  SELECT grouped.*, ARRAY_IN_ORDER(call_texts) AS calls
  FROM grouped
)
SELECT
  reason,
  origin,
  principal,
  user_agent,
  address,
  SUBSTR(scope, 1, 128) AS scope,
  COALESCE(SUBSTR(TO_HEX(SHA256(@salt || 'credential:' || key_name)), 1, 16), '') AS credential,
  delegations,
  SUBSTR(delegator, 1, 512) AS delegator,
  minute * 60000 AS minute_ms,
  SUBSTR(target, 1, 128) AS target,
  ARRAY_LENGTH(calls) AS calls_total,
  entries - ARRAY_LENGTH(calls) AS copies,
  CASE
    WHEN reason <> '' THEN ''
    WHEN ARRAY_LENGTH(calls) < 1000 THEN ARRAY_TO_STRING(calls, '')
    ELSE SUBSTR(ARRAY_TO_STRING(calls, ''), 1, 500000)
  END AS calls
FROM counted
