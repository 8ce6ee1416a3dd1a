-- Connections and opened files of sessions with an event in the window, as BPF saw them. Reads
-- none of the events' content.
-- parameters: first_day, last_day, from_time, to_time, window_first_day, window_last_day, since, until
SELECT session_id,
  count(DISTINCT CASE WHEN event_type = 'session.network' THEN uid END) AS network,
  count(DISTINCT CASE WHEN event_type = 'session.disk' THEN uid END) AS disk
FROM teleport_events
WHERE event_date BETWEEN date(?) AND date(?)
  AND event_time >= CAST(? AS timestamp)
  AND event_time < CAST(? AS timestamp)
  AND event_type IN ('session.network', 'session.disk')
  AND session_id IN (
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
  )
GROUP BY session_id
ORDER BY session_id
