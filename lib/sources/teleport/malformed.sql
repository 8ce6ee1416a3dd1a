-- Rows of the window that the other queries can't use, by day and reason: broken ones, sessions that
-- Teleport refused to begin, which have no id, and requests to a Kubernetes API outside a session.
-- Copies of a refusal are dropped by uid.
-- parameters: first_day, last_day, since, until
SELECT CAST(event_date AS varchar) AS day, reason, max(refused_for) AS detail,
  count(*) - count(refused) + count(DISTINCT refused) AS row_count
FROM (
  SELECT event_date,
    CASE WHEN event_type = 'session.rejected' THEN coalesce(nullif(uid, ''), CAST(event_time AS varchar))
      END AS refused,
    CASE
      WHEN event_type <> 'session.rejected' THEN NULL
      WHEN json_extract_scalar(event_data, '$.reason') LIKE '%max_sessions%' THEN 'max_sessions'
      WHEN json_extract_scalar(event_data, '$.reason') LIKE '%max_connections%'
        THEN 'max_connections'
    END AS refused_for,
    CASE
      WHEN event_time IS NULL THEN 'event without a time'
      WHEN json_extract_scalar(event_data, '$.event') IS NULL THEN 'event data is no JSON object'
      WHEN event_type = 'session.rejected' THEN 'session was refused before it began'
      WHEN session_id <> '' THEN NULL
      WHEN event_type = 'kube.request' THEN 'Kubernetes request outside a session'
      ELSE 'session event without a session id'
    END AS reason
  FROM teleport_events
  WHERE event_date BETWEEN date(?) AND date(?)
    AND (event_time IS NULL
      OR (event_time >= CAST(? AS timestamp) AND event_time < CAST(? AS timestamp)))
    AND event_type IN (
      'session.start', 'session.end', 'session.upload', 'session.join', 'session.leave',
      'session.data', 'session.rejected', 'exec', 'scp', 'kube.request', 'session.command',
      'db.session.start', 'db.session.end',
      'app.session.start', 'app.session.chunk', 'app.session.end',
      'windows.desktop.session.start', 'windows.desktop.session.end',
      'linux.desktop.session.start', 'linux.desktop.session.end',
      'mcp.session.start', 'mcp.session.end'
    )
) AS judged
WHERE reason IS NOT NULL
GROUP BY event_date, reason
ORDER BY reason, day
