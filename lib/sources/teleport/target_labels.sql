-- Labels of what each session went to, of the keys that are asked for: of sessions with an event in
-- the window. The innermost target speaks: a cluster, database, application or desktop before the
-- server. Run only where labels are to be kept; no other label leaves the query.
-- parameters: first_day, last_day, from_time, to_time, window_first_day, window_last_day, since, until, label_keys
WITH
labelled AS (
  SELECT session_id,
    CASE
      WHEN event_type LIKE '%session.start' THEN '0'
      WHEN event_type LIKE '%session.end' THEN '1'
      ELSE '2'
    END
      || lpad(CAST(CAST(round(to_unixtime(event_time) * 1000) AS bigint) AS varchar), 15, '0')
      || coalesce(uid, '') AS rank,
    coalesce(
      TRY_CAST(json_extract(event_data, '$.kubernetes_labels') AS map(varchar, varchar)),
      TRY_CAST(json_extract(event_data, '$.db_labels') AS map(varchar, varchar)),
      TRY_CAST(json_extract(event_data, '$.app_labels') AS map(varchar, varchar)),
      TRY_CAST(json_extract(event_data, '$.desktop_labels') AS map(varchar, varchar)),
      TRY_CAST(json_extract(event_data, '$.server_labels') AS map(varchar, varchar))
    ) AS labels
  FROM teleport_events
  WHERE event_date BETWEEN date(?) AND date(?)
    AND event_time >= CAST(? AS timestamp)
    AND event_time < CAST(? AS timestamp)
    AND event_type IN (
      'session.start', 'session.end', 'exec', 'scp', 'kube.request',
      'db.session.start', 'db.session.end',
      'app.session.start', 'app.session.chunk', 'app.session.end',
      'windows.desktop.session.start', 'windows.desktop.session.end',
      'linux.desktop.session.start', 'linux.desktop.session.end',
      'mcp.session.start', 'mcp.session.end'
    )
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
)
SELECT session_id, label_key,
  substr(min_by(element_at(labels, label_key), rank), 1, 512) AS label_value
FROM labelled
CROSS JOIN UNNEST(map_keys(labels)) AS t (label_key)
WHERE contains(split(CAST(? AS varchar), ','), label_key)
GROUP BY session_id, label_key
ORDER BY session_id, label_key
