-- Raw minutes of CloudTrail: one row per principal, user agent without its session id, address,
-- credential, account, region and minute; the calls inside as one JSON array of
-- ["offset_ms", method, code, granted, invocation, resource_kind, resource_hash, event_id], in order
-- of time, the first 1,000. Records that can't be used come as rows with a problem and their number.
-- An event counts once by its id; one without id is nobody's copy.
--
-- The log of a day lies in the partitions of that day and of the next, since it is delivered late:
-- records of other days are a problem of the partition they lie in, told once with its day.
-- Of requests and responses only the key id leaves that a role-assuming call handed out; it, the
-- key used and the resource's name as the first 16 digits of a salted SHA-256.
-- parameters: salt, first_day, last_day, since, until, principal, principal, told_first_day, told_last_day, salt, salt
WITH
records AS (
  SELECT
    CASE WHEN regexp_like(
        eventtime,
        '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$')
      THEN TRY(from_iso8601_timestamp(eventtime)) END AS at,
    "day",
    TRY_CAST(replace("day", '/', '-') AS date) AS day_date,
    eventid,
    eventname,
    substr(coalesce(
      nullif(useridentity.arn, ''),
      nullif(useridentity.onbehalfof.userid, ''),
      nullif(useridentity.principalid, ''),
      nullif(useridentity.invokedby, ''),
      nullif(useridentity.username, ''),
      nullif(useridentity.accountid, '')
    ), 1, 2048) AS principal,
    substr(useridentity.type, 1, 64) AS principal_type,
    substr(useridentity.principalid, 1, 512) AS principal_id,
    substr(useridentity.accountid, 1, 64) AS principal_account,
    substr(useridentity.username, 1, 512) AS user_name,
    substr(useridentity.sessioncontext.sessionissuer.arn, 1, 512) AS issuer_arn,
    substr(useridentity.sessioncontext.webidfederationdata.federatedprovider, 1, 512)
      AS federated_provider,
    substr(useridentity.sessioncontext.ec2roledelivery, 1, 16) AS ec2_role_delivery,
    useridentity.sessioncontext.attributes.mfaauthenticated AS mfa,
    nullif(useridentity.accesskeyid, '') AS access_key,
    substr(nullif(useridentity.invokedby, ''), 1, 256) AS invoked_by,
    coalesce(sessioncredentialfromconsole = 'true', false) AS console,
    substr(recipientaccountid, 1, 64) AS account,
    substr(awsregion, 1, 64) AS region,
    substr(sourceipaddress, 1, 256) AS address,
    substr(useragent, 1, 2048) AS user_agent,
    CASE WHEN strpos(useragent, ' sid/') > 0
      THEN nullif(regexp_extract(useragent, ' sid/([0-9A-Za-z]{1,32})', 1), '') END AS sid,
    coalesce(nullif(regexp_extract(
      coalesce(eventsource, 'other') || '/' || coalesce(eventname, 'other'),
      '^[A-Za-z0-9.:_-]+/[A-Za-z0-9.:_-]+$'), ''), 'other/other') AS method,
    nullif(regexp_extract(coalesce(
      nullif(errorcode, ''),
      CASE WHEN eventname = 'ConsoleLogin' AND errormessage <> '' THEN 'FailedAuthentication' END
    ), '^[A-Za-z0-9.:_-]+'), '') AS code,
    nullif(regexp_extract(element_at(resources, 1).type, '^[A-Za-z0-9:]+'), '') AS resource_kind,
    substr(lower(to_hex(sha256(to_utf8(
      CAST(? AS varchar) || 'resource:' || nullif(element_at(resources, 1).arn, ''))))), 1, 16)
      AS resource_hash,
    CASE WHEN eventsource = 'sts.amazonaws.com' AND eventname IN (
        'AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity', 'AssumeRoot',
        'GetFederationToken', 'GetSessionToken')
      THEN json_extract_scalar(responseelements, '$.credentials.accessKeyId') END AS issued
  FROM cloudtrail_events
  WHERE "day" BETWEEN CAST(? AS varchar) AND CAST(? AS varchar)
),
judged AS (
  SELECT records.*,
    CASE
      WHEN at IS NULL AND principal IS NULL AND eventid IS NULL AND eventname IS NULL
        THEN 'entry is no CloudTrail record'
      WHEN at IS NULL THEN 'record has no time'
      WHEN principal IS NULL THEN 'record has no identity'
      WHEN day_date IS NULL OR date_diff('day', day_date, CAST(at AS date)) NOT IN (-1, 0)
        THEN 'time of the record is far from the day of its folder'
    END AS problem,
    CAST(floor(to_unixtime(at) * 1000 + 0.001) AS bigint) AS at_ms
  FROM records
),
grouped AS (
  SELECT
    problem, principal, principal_type, access_key, invoked_by, console, account, region, address,
    replace(user_agent, ' sid/' || coalesce(sid, '-'), '') AS user_agent,
    CASE WHEN problem IS NULL THEN at_ms / 60000 * 60000 END AS minute_ms,
    max(principal_id) AS principal_id,
    max(principal_account) AS principal_account,
    max(user_name) AS user_name,
    max(issuer_arn) AS issuer_arn,
    max(federated_provider) AS federated_provider,
    max(ec2_role_delivery) AS ec2_role_delivery,
    max(mfa) AS mfa,
    array_distinct(array_agg(
      '["' || CASE WHEN problem IS NULL
        THEN lpad(CAST(at_ms % 60000 AS varchar), 5, '0') ELSE '0' END
      || '","' || substr(method, 1, 200) || '",'
      || coalesce('"' || substr(code, 1, 100) || '"', 'null')
      || ',null,'
      || coalesce('"' || sid || '"', 'null') || ','
      || coalesce('"' || substr(resource_kind, 1, 60) || '"', 'null') || ','
      || coalesce('"' || resource_hash || '"', 'null') || ',"'
      || coalesce(nullif(regexp_extract(eventid, '^[A-Za-z0-9._:-]+$'), ''), CAST(uuid() AS varchar))
      || '"]'
    )) AS calls,
    array_sort(array_agg(DISTINCT issued) FILTER (WHERE issued <> '')) AS issued
  FROM judged
  WHERE (problem IS NULL
      AND at >= from_iso8601_timestamp(?)
      AND at < from_iso8601_timestamp(?)
      AND (CAST(? AS varchar) = '' OR principal = CAST(? AS varchar)))
    OR (problem IS NOT NULL AND "day" BETWEEN CAST(? AS varchar) AND CAST(? AS varchar))
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
)
