-- Commands of the sessions that have an event in the window, in order of time: one row for each
-- exec and BPF event, and for each request to a Kubernetes API: there the verb and the kind of
-- resource are the program, and a refusal is a failure. Which program it was leaves the query as a
-- number within its session, never as a name. Copies of an event are dropped by uid; numbers that no process has are NULL.
-- parameters: first_day, last_day, from_time, to_time, window_first_day, window_last_day, since, until
WITH
commands AS (
  SELECT uid, session_id, event_time,
    CASE event_type WHEN 'exec' THEN 'exec' WHEN 'kube.request' THEN 'kube' ELSE 'bpf' END AS source,
    TRY_CAST(json_extract_scalar(event_data, '$.pid') AS integer) AS pid,
    TRY_CAST(json_extract_scalar(event_data, '$.ppid') AS integer) AS ppid,
    coalesce(
      TRY_CAST(json_extract_scalar(event_data, '$.exitCode') AS integer),
      TRY_CAST(json_extract_scalar(event_data, '$.return_code') AS integer),
      CASE WHEN json_extract_scalar(event_data, '$.exitError') <> '' THEN 1 END,
      CASE WHEN TRY_CAST(json_extract_scalar(event_data, '$.response_code') AS integer) >= 400
        THEN 1 END
    ) AS exit_code,
    substr(coalesce(
      nullif(json_extract_scalar(event_data, '$.program'), ''),
      regexp_extract(json_extract_scalar(event_data, '$.path'), '([^/]+)$', 1),
      regexp_extract(json_extract_scalar(event_data, '$.command'), '^\s*(?:\S*/)?(\S+)', 1),
      json_extract_scalar(event_data, '$.verb') || ' '
        || coalesce(json_extract_scalar(event_data, '$.resource_kind'), ''),
      ''
    ), 1, 256) AS program
  FROM teleport_events
  WHERE event_date BETWEEN date(?) AND date(?)
    AND event_time >= CAST(? AS timestamp)
    AND event_time < CAST(? AS timestamp)
    AND event_type IN ('exec', 'session.command', 'kube.request')
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
    AND json_extract_scalar(event_data, '$.event') IS NOT NULL
),
copies AS (
  SELECT commands.*,
    row_number() OVER (
      PARTITION BY session_id,
        CASE WHEN uid <> '' THEN uid
          ELSE concat_ws('/', source, CAST(event_time AS varchar), CAST(pid AS varchar), program)
        END
      ORDER BY event_time
    ) AS copy
  FROM commands
)
SELECT session_id, source, pid, ppid, exit_code,
  CAST(round(to_unixtime(event_time) * 1000) AS bigint) AS at_ms,
  dense_rank() OVER (PARTITION BY session_id ORDER BY program) AS program
FROM copies
WHERE copy = 1
ORDER BY session_id, at_ms, source, pid, program
