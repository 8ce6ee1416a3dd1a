-- One row a session that has an event in the window [since, until), put together from all its
-- events in the wider range [from_time, to_time): a session uploaded today may have begun days ago.
-- Of the events' content only what identifies a session leaves the query, cut to 512 characters.
-- The content is read once; which sessions the window holds is told from cheap columns.
-- parameters: first_day, last_day, from_time, to_time, window_first_day, window_last_day, since, until
WITH
facts AS (
  SELECT uid, session_id, event_type, event_time,
    CASE WHEN event_type = 'app.session.chunk'
      THEN json_extract_scalar(event_data, '$.session_chunk_id') END AS chunk_id,
    CASE
      WHEN event_type LIKE '%session.start' THEN 0
      WHEN event_type LIKE '%session.end' THEN 1
      WHEN event_type IN ('exec', 'scp', 'kube.request', 'app.session.chunk') THEN 2
      WHEN event_type = 'session.summarized' THEN 8
      WHEN event_type = 'session.upload' THEN 9
      ELSE 3
    END AS place,
    CASE
      WHEN event_type IN ('session.upload', 'session.summarized') THEN NULL
      WHEN event_type LIKE 'db.%' THEN 'db'
      WHEN event_type LIKE 'app.%' THEN 'app'
      WHEN event_type LIKE 'mcp.%' THEN 'mcp'
      WHEN event_type LIKE '%desktop.session.%' THEN 'desktop'
      WHEN event_type = 'kube.request' THEN 'kube'
      WHEN json_extract_scalar(event_data, '$.proto') = 'kube' THEN 'kube'
      WHEN json_extract_scalar(event_data, '$.kubernetes_cluster') <> '' THEN 'kube'
      ELSE 'ssh'
    END AS kind,
    nullif(coalesce(json_extract_scalar(event_data, '$.user'), "user"), '') AS principal,
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
      ELSE CASE WHEN json_extract_scalar(event_data, '$.bot_name') <> '' THEN 'bot' END
    END AS user_kind,
    nullif(json_extract_scalar(event_data, '$.bot_name'), '') AS bot_name,
    nullif(json_extract_scalar(event_data, '$.impersonator'), '') AS impersonator,
    json_extract_scalar(event_data, '$.trusted_device.device_id') <> '' AS trusted_device,
    json_size(event_data, '$.access_requests') AS access_requests,
    CASE WHEN event_type = 'session.summarized'
      THEN coalesce(json_extract_scalar(event_data, '$.success'), '') = 'true' END AS summarized,
    json_extract_scalar(event_data, '$.session_recording') AS recording_mode,
    json_extract_scalar(event_data, '$.interactive') AS interactive,
    json_extract_scalar(event_data, '$.recorded') AS recorded,
    json_extract_scalar(event_data, '$.session_start') AS session_start,
    json_extract_scalar(event_data, '$.session_stop') AS session_stop
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
      'mcp.session.start', 'mcp.session.end', 'session.summarized'
    )
),
-- A chunk of an application session is a recording of its own: its upload carries the chunk's id
-- and counts for the session. The start speaks first, then the end; earlier before later.
ranked AS (
  SELECT facts.*,
    CASE WHEN event_type = 'session.upload'
      THEN coalesce(
        min(CASE WHEN chunk_id IS NOT NULL THEN session_id END)
          OVER (PARTITION BY coalesce(chunk_id, session_id)),
        session_id)
      ELSE session_id
    END AS sid,
    CAST(place AS varchar)
      || lpad(CAST(CAST(round(to_unixtime(event_time) * 1000) AS bigint) AS varchar), 15, '0')
      || coalesce(uid, '') AS rank,
    session_id IN (
      SELECT session_id
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
    ) AS found
  FROM facts
)
SELECT
  sid AS session_id,
  min_by(kind, rank) FILTER (WHERE kind IS NOT NULL) AS kind,
  substr(min_by(principal, rank) FILTER (WHERE principal IS NOT NULL), 1, 512) AS principal,
  substr(min_by(login, rank) FILTER (WHERE login IS NOT NULL), 1, 512) AS login,
  substr(min_by(target, rank) FILTER (WHERE target IS NOT NULL), 1, 512) AS target,
  substr(min_by(scope, rank) FILTER (WHERE scope IS NOT NULL), 1, 512) AS scope,
  min_by(user_kind, rank) FILTER (WHERE user_kind IS NOT NULL) AS user_kind,
  substr(min_by(bot_name, rank) FILTER (WHERE bot_name IS NOT NULL AND place <= 2), 1, 512)
    AS bot_name,
  substr(min_by(impersonator, rank) FILTER (WHERE impersonator IS NOT NULL AND place <= 2), 1, 512)
    AS impersonator,
  bool_or(trusted_device) FILTER (WHERE place <= 2) AS trusted_device,
  CAST(max(access_requests) FILTER (WHERE place <= 2) AS bigint) AS access_requests,
  bool_or(summarized) AS summarized,
  CASE
    WHEN bool_or(recording_mode = 'off' OR recorded = 'false') THEN 'off'
    WHEN bool_or(interactive = 'true') THEN 'unknown'
    WHEN bool_or(interactive = 'false') THEN 'not-interactive'
    WHEN bool_and(event_type IN
      ('exec', 'scp', 'kube.request', 'session.upload', 'session.summarized'))
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
  array_join(array_agg(DISTINCT session_id) FILTER (WHERE place = 9), ',') AS recording_ids
FROM ranked
GROUP BY sid
HAVING bool_or(found)
ORDER BY session_id
