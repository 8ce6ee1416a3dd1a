-- Raw minutes of CloudTrail: one row per principal, user agent without its session id, address,
-- credential, account, region and minute; the calls inside as one text, in order of time: each
-- `offset_ms method code granted invocation resource_kind resource_hash event,`, `~` where a field
-- is absent, and no field holds a space, a comma or a tilde. Such a text ends after 500,000 characters, at least
-- 1,000 calls, maybe within one.
-- Records that can't be used come as one row a problem and day, with the number of them. An event
-- counts once by its id; one without an id is nobody's copy.
--
-- The log of a day lies in the partitions of that day and of the next, since it is delivered late:
-- records of other days are a problem of the partition they lie in, told once with its day.
-- Of requests and responses only the key id leaves that a role-assuming call handed out; it, the
-- key used and the resource's name as the first 16 digits of a salted SHA-256.
-- parameters: salt, salt, first_day, last_day, told_first_day, told_last_day, since, until, principal, principal, salt
WITH
records AS (
  SELECT
    CASE WHEN length(eventtime) BETWEEN 20 AND 35 AND substr(eventtime, 11, 1) = 'T'
      THEN TRY(from_iso8601_timestamp(eventtime)) END AS logged_at,
    "day",
    to_unixtime(CAST(TRY_CAST(replace("day", '/', '-') AS date) AS timestamp)) AS day_at,
    eventid,
    eventname,
    coalesce(
      nullif(useridentity.arn, ''),
      nullif(useridentity.onbehalfof.userid, ''),
      nullif(useridentity.principalid, ''),
      nullif(useridentity.invokedby, ''),
      nullif(useridentity.username, ''),
      nullif(useridentity.accountid, '')
    ) AS identity,
    useridentity.type AS principal_type,
    useridentity.username AS user_name,
    useridentity.sessioncontext.sessionissuer.arn AS issuer_arn,
    useridentity.sessioncontext.webidfederationdata.federatedprovider AS federated_provider,
    useridentity.sessioncontext.attributes.mfaauthenticated AS mfa,
    nullif(useridentity.accesskeyid, '') AS access_key,
    nullif(useridentity.invokedby, '') AS invoked_by,
    coalesce(sessioncredentialfromconsole = 'true', false) AS console,
    recipientaccountid AS account,
    awsregion AS region,
    sourceipaddress AS address,
    split(useragent, ' sid/') AS agent_parts,
    substr(coalesce(eventsource, 'other'), 1, 100) || '/' || substr(coalesce(eventname, 'other'), 1, 100)
      AS method,
    substr(coalesce(
      nullif(errorcode, ''),
      CASE WHEN eventname = 'ConsoleLogin' AND errormessage <> '' THEN 'FailedAuthentication' END
    ), 1, 100) AS code,
    substr(element_at(resources, 1).type, 1, 60) AS resource_kind,
    substr(lower(to_hex(sha256(to_utf8(
      CAST(? AS varchar) || 'resource:' || nullif(element_at(resources, 1).arn, ''))))), 1, 16)
      AS resource_hash,
    CASE WHEN eventsource = 'sts.amazonaws.com'
      THEN substr(lower(to_hex(sha256(to_utf8(
        CAST(? AS varchar) || 'credential:'
        || nullif(json_extract_scalar(responseelements, '$.credentials.accessKeyId'), ''))))), 1, 16)
      END AS issued
  FROM cloudtrail_events
  WHERE "day" BETWEEN CAST(? AS varchar) AND CAST(? AS varchar)
),
placed AS (
  SELECT records.*,
    CASE
      WHEN logged_at IS NULL AND identity IS NULL AND eventid IS NULL AND eventname IS NULL
        THEN 'entry is no CloudTrail record'
      WHEN logged_at IS NULL THEN 'record has no time'
      WHEN identity IS NULL THEN 'record has no identity'
      WHEN day_at IS NULL OR to_unixtime(logged_at) >= day_at + 86400
        THEN 'record is of a later day than its file'
      WHEN to_unixtime(logged_at) < day_at - 86400
        THEN 'record is of an earlier day than its file'
    END AS problem,
    CASE WHEN length(identity) > 512
      THEN substr(identity, 1, 480) || '~' || substr(lower(to_hex(sha256(to_utf8(identity)))), 1, 16)
      ELSE identity END AS principal,
    CAST(floor(to_unixtime(logged_at) * 1000 + 0.001) AS bigint) AS at_ms,
    CASE WHEN cardinality(agent_parts) = 2 THEN split_part(element_at(agent_parts, 2), ' ', 1) END
      AS session_word
  FROM records
),
parted AS (
  SELECT placed.*,
    CASE WHEN session_word <> '' AND length(session_word) <= 32
        AND NOT regexp_like(session_word, '[^0-9A-Za-z]') THEN session_word END AS sid
  FROM placed
),
calls AS (
  SELECT
    problem,
    CASE WHEN problem IS NOT NULL THEN "day" END AS problem_day,
    CASE WHEN problem IS NULL THEN principal END AS principal,
    CASE WHEN problem IS NULL THEN principal_type END AS principal_type,
    CASE WHEN problem IS NOT NULL THEN NULL
      WHEN sid IS NOT NULL
        THEN element_at(agent_parts, 1) || substr(element_at(agent_parts, 2), length(sid) + 1)
      ELSE array_join(agent_parts, ' sid/') END AS user_agent,
    CASE WHEN problem IS NULL THEN address END AS address,
    CASE WHEN problem IS NULL THEN access_key END AS access_key,
    CASE WHEN problem IS NULL THEN invoked_by END AS invoked_by,
    CASE WHEN problem IS NULL THEN console END AS console,
    CASE WHEN problem IS NULL THEN account END AS account,
    CASE WHEN problem IS NULL THEN region END AS region,
    CASE WHEN problem IS NULL THEN at_ms / 60000 * 60000 END AS minute_ms,
    user_name, issuer_arn, federated_provider, mfa, issued,
    -- no part is NULL, for which concat differs between the engines
    concat(
      -- leading zeros, so that the texts sort as their times
      lpad(CAST(coalesce(at_ms, 0) % 60000 AS varchar), 5, '0'),
      ' ',
      CASE WHEN regexp_like(method, '[^A-Za-z0-9.:/_-]') THEN 'other/other' ELSE method END,
      CASE WHEN code IS NULL THEN ' ~ null '
        WHEN regexp_like(code, '[^A-Za-z0-9.:_-]') THEN ' other null '
        ELSE ' ' || code || ' null ' END,
      coalesce(sid, '~'),
      ' ',
      CASE WHEN resource_kind IS NULL OR resource_kind = ''
          OR regexp_like(resource_kind, '[^A-Za-z0-9:]') THEN '~'
        ELSE resource_kind END,
      ' ',
      coalesce(resource_hash, '~'),
      ' ',
      CASE WHEN eventid IS NULL OR eventid = '' THEN CAST(uuid() AS varchar)
        ELSE to_hex(xxhash64(to_utf8(eventid))) END,
      ','
    ) AS call
  FROM parted
  WHERE CASE
    WHEN problem IS NOT NULL THEN "day" BETWEEN CAST(? AS varchar) AND CAST(? AS varchar)
    ELSE logged_at >= from_iso8601_timestamp(?)
      AND logged_at < from_iso8601_timestamp(?)
      AND (CAST(? AS varchar) = '' OR principal = CAST(? AS varchar))
    END
),
grouped AS (
  SELECT
    problem, problem_day, principal, principal_type, user_agent, address, access_key, invoked_by,
    console, account, region, minute_ms,
    max(user_name) AS user_name,
    max(issuer_arn) AS issuer_arn,
    max(federated_provider) AS federated_provider,
    max(mfa) AS mfa,
    array_join(
      array_sort(array_distinct(array_agg(issued) FILTER (WHERE issued IS NOT NULL))), ',') AS issued,
    count(*) AS records,
    array_sort(array_distinct(array_agg(call))) AS calls
  FROM calls
  GROUP BY problem, problem_day, principal, principal_type, user_agent, address, access_key,
    invoked_by, console, account, region, minute_ms
)
SELECT
  problem,
  problem_day,
  principal,
  substr(principal_type, 1, 64) AS principal_type,
  substr(user_agent, 1, 2048) AS user_agent,
  substr(address, 1, 256) AS address,
  substr(lower(to_hex(sha256(to_utf8(CAST(? AS varchar) || 'credential:' || access_key)))), 1, 16)
    AS credential,
  substr(invoked_by, 1, 256) AS invoked_by,
  console,
  substr(account, 1, 64) AS account,
  substr(region, 1, 64) AS region,
  minute_ms,
  substr(user_name, 1, 512) AS user_name,
  substr(issuer_arn, 1, 512) AS issuer_arn,
  substr(federated_provider, 1, 512) AS federated_provider,
  substr(mfa, 1, 8) AS mfa,
  CASE WHEN access_key LIKE 'AKIA%' THEN 'true' WHEN access_key LIKE 'ASIA%' THEN 'false' END
    AS long_lived_key,
  issued,
  cardinality(calls) AS calls_total,
  records - cardinality(calls) AS copies,
  CASE WHEN problem IS NOT NULL THEN NULL
    WHEN cardinality(calls) < 1000 THEN array_join(calls, '')
    ELSE substr(array_join(calls, ''), 1, 500000) END AS calls
FROM grouped
