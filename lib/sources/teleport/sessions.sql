-- One row a session that has an event in the window [since, until), put together from all its
-- events in the wider range [from_time, to_time): a session uploaded today may have begun days ago.
-- Of the events' content only what identifies a session leaves the query, cut to 512 characters.
-- The chunks of an application session are recordings of their own: their uploads count for it.
-- parameters: first_day, last_day, from_time, to_time, since, until
WITH
events AS (
  SELECT uid, session_id, event_type, event_time, event_data, "user" AS user_name
  FROM teleport_events
  WHERE event_date BETWEEN date(?) AND date(?)
    AND event_time >= CAST(? AS timestamp)
    AND event_time < CAST(? AS timestamp)
    AND session_id <> ''
    AND event_type IN (
      'session.start', 'session.end', 'session.upload', 'session.join', 'session.leave',
      'session.data', 'exec', 'scp', 'kube.request',
      'db.session.start', 'db.session.end',
      'app.session.start', 'app.session.chunk', 'app.session.end',
      'windows.desktop.session.start', 'windows.desktop.session.end',
      'linux.desktop.session.start', 'linux.desktop.session.end',
      'mcp.session.start', 'mcp.session.end'
    )
),
chunks AS (
  SELECT json_extract_scalar(event_data, '$.session_chunk_id') AS chunk_id,
    min(session_id) AS session_id
  FROM events
  WHERE event_type = 'app.session.chunk'
    AND json_extract_scalar(event_data, '$.session_chunk_id') IS NOT NULL
  GROUP BY json_extract_scalar(event_data, '$.session_chunk_id')
),
placed AS (
  SELECT coalesce(chunks.session_id, events.session_id) AS sid,
    events.session_id AS recording_id,
    events.uid, events.event_type, events.event_time, events.event_data, events.user_name
  FROM events
  LEFT JOIN chunks
    ON events.event_type = 'session.upload' AND events.session_id = chunks.chunk_id
),
facts AS (
  SELECT sid, recording_id, uid, event_type, event_time,
    CASE
      WHEN event_type LIKE '%session.start' THEN 0
      WHEN event_type LIKE '%session.end' THEN 1
      WHEN event_type IN ('exec', 'scp', 'kube.request', 'app.session.chunk') THEN 2
      WHEN event_type = 'session.upload' THEN 9
      ELSE 3
    END AS place,
    CASE
      WHEN event_type = 'session.upload' THEN NULL
      WHEN event_type LIKE 'db.%' THEN 'db'
      WHEN event_type LIKE 'app.%' THEN 'app'
      WHEN event_type LIKE 'mcp.%' THEN 'mcp'
      WHEN event_type LIKE '%desktop.session.%' THEN 'desktop'
      WHEN event_type = 'kube.request' THEN 'kube'
      WHEN json_extract_scalar(event_data, '$.proto') = 'kube' THEN 'kube'
      WHEN json_extract_scalar(event_data, '$.kubernetes_cluster') <> '' THEN 'kube'
      ELSE 'ssh'
    END AS kind,
    nullif(coalesce(json_extract_scalar(event_data, '$.user'), user_name), '') AS principal,
    nullif(coalesce(
      json_extract_scalar(event_data, '$.login'),
      json_extract_scalar(event_data, '$.db_user'),
      json_extract_scalar(event_data, '$.windows_user'),
      json_extract_scalar(event_data, '$.linux_user')
    ), '') AS login,
    nullif(coalesce(
      json_extract_scalar(event_data, '$.kubernetes_pod_name'),
      json_extract_scalar(event_data, '$.kubernetes_cluster'),
      json_extract_scalar(event_data, '$.db_service'),
      json_extract_scalar(event_data, '$.db_name'),
      json_extract_scalar(event_data, '$.app_name'),
      json_extract_scalar(event_data, '$.desktop_name'),
      json_extract_scalar(event_data, '$.desktop_addr'),
      json_extract_scalar(event_data, '$.server_hostname'),
      json_extract_scalar(event_data, '$.server_id')
    ), '') AS target,
    nullif(json_extract_scalar(event_data, '$.cluster_name'), '') AS scope,
    CASE json_extract_scalar(event_data, '$.user_kind')
      WHEN '1' THEN 'human'
      WHEN '2' THEN 'bot'
      WHEN '3' THEN 'system'
    END AS user_kind,
    json_extract_scalar(event_data, '$.session_recording') AS recording_mode,
    json_extract_scalar(event_data, '$.interactive') AS interactive,
    json_extract_scalar(event_data, '$.recorded') AS recorded,
    json_extract_scalar(event_data, '$.session_start') AS session_start,
    json_extract_scalar(event_data, '$.session_stop') AS session_stop
  FROM placed
)
SELECT
  sid AS session_id,
  (array_agg(kind ORDER BY place, event_time, uid) FILTER (WHERE kind IS NOT NULL))[1] AS kind,
  substr((array_agg(principal ORDER BY place, event_time, uid)
    FILTER (WHERE principal IS NOT NULL))[1], 1, 512) AS principal,
  substr((array_agg(login ORDER BY place, event_time, uid)
    FILTER (WHERE login IS NOT NULL))[1], 1, 512) AS login,
  substr((array_agg(target ORDER BY place, event_time, uid)
    FILTER (WHERE target IS NOT NULL))[1], 1, 512) AS target,
  substr((array_agg(scope ORDER BY place, event_time, uid)
    FILTER (WHERE scope IS NOT NULL))[1], 1, 512) AS scope,
  (array_agg(user_kind ORDER BY place, event_time, uid)
    FILTER (WHERE user_kind IS NOT NULL))[1] AS user_kind,
  CASE
    WHEN bool_or(recording_mode = 'off' OR recorded = 'false') THEN 'off'
    WHEN bool_or(interactive = 'true') THEN 'unknown'
    WHEN bool_or(interactive = 'false') THEN 'not-interactive'
    WHEN bool_and(event_type IN ('exec', 'scp', 'kube.request', 'session.upload'))
      THEN 'not-interactive'
    ELSE 'unknown'
  END AS without_upload,
  CAST(round(to_unixtime(min(CASE WHEN place = 0 THEN event_time END)) * 1000) AS bigint)
    AS start_ms,
  CAST(round(to_unixtime(max(CASE WHEN place = 1 THEN event_time END)) * 1000) AS bigint)
    AS end_ms,
  CAST(round(to_unixtime(min(CASE WHEN place = 2 THEN event_time END)) * 1000) AS bigint)
    AS first_ms,
  CAST(round(to_unixtime(min(CASE WHEN place = 9 THEN event_time END)) * 1000) AS bigint)
    AS upload_ms,
  substr(min(session_start) FILTER (WHERE place = 1), 1, 40) AS session_start,
  substr(max(session_stop) FILTER (WHERE place = 1), 1, 40) AS session_stop,
  array_join(array_agg(DISTINCT recording_id) FILTER (WHERE place = 9), ',') AS recording_ids
FROM facts
WHERE sid IN (
  SELECT sid
  FROM placed
  WHERE event_time >= CAST(? AS timestamp)
    AND event_time < CAST(? AS timestamp)
)
GROUP BY sid
ORDER BY session_id
