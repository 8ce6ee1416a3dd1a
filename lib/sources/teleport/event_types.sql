-- Events of the days that a window touches, by day and type: all, those that belong to a session, and
-- of these the ones whose type this version does not know. Days are counted whole, so that no choice
-- of windows changes what is counted. Reads none of the events' content.
-- parameters: first_day, last_day
SELECT CAST(event_date AS varchar) AS day, event_type, count(*) AS row_count,
  CAST(count_if(in_session) AS bigint) AS session_rows,
  CAST(count_if(in_session AND is_unknown) AS bigint) AS unknown_rows
FROM (
  SELECT event_date,
    session_id <> '' AS in_session,
    CASE WHEN regexp_like(event_type, '^[a-z0-9._-]{1,63}$') THEN event_type END AS event_type,
    event_type NOT IN (
      'session.start', 'session.end', 'session.upload', 'session.join', 'session.leave',
      'session.data', 'session.command', 'session.disk', 'session.network', 'session.rejected',
      'session.connect', 'session.summarized', 'session.recording.access', 'print', 'resize', 'exec',
      'scp', 'sftp', 'sftp_summary', 'port', 'port.local', 'port.remote', 'port.remote_conn',
      'subsystem', 'x11-forward', 'agent-forward', 'auth', 'client.disconnect', 'git.command',
      'kube.request', 'db.session.start', 'db.session.end', 'db.session.query',
      'db.session.query.failed', 'db.session.result', 'db.session.malformed_packet',
      'db.session.permissions.update', 'db.session.user.create', 'db.session.user.deactivate',
      'db.session.postgres.statements.parse', 'db.session.postgres.statements.bind',
      'db.session.postgres.statements.execute', 'db.session.postgres.statements.close',
      'db.session.postgres.function', 'db.session.mysql.statements.prepare',
      'db.session.mysql.statements.execute', 'db.session.mysql.statements.send_long_data',
      'db.session.mysql.statements.close', 'db.session.mysql.statements.reset',
      'db.session.mysql.statements.fetch', 'db.session.mysql.statements.bulk_execute',
      'db.session.mysql.init_db', 'db.session.mysql.create_db', 'db.session.mysql.drop_db',
      'db.session.mysql.shut_down', 'db.session.mysql.process_kill', 'db.session.mysql.debug',
      'db.session.mysql.refresh', 'db.session.sqlserver.rpc_request', 'db.session.cassandra.batch',
      'db.session.cassandra.prepare', 'db.session.cassandra.register',
      'db.session.cassandra.execute', 'db.session.elasticsearch.request',
      'db.session.opensearch.request', 'db.session.dynamodb.request', 'db.session.spanner.rpc',
      'app.session.start', 'app.session.chunk', 'app.session.request', 'app.session.end',
      'app.session.dynamodb.request', 'app.session.llm_request',
      'windows.desktop.session.start', 'windows.desktop.session.end',
      'linux.desktop.session.start', 'linux.desktop.session.end', 'desktop.recording',
      'desktop.clipboard.send', 'desktop.clipboard.receive', 'desktop.directory.share',
      'desktop.directory.read', 'desktop.directory.write',
      'mcp.session.start', 'mcp.session.end', 'mcp.session.request', 'mcp.session.notification',
      'mcp.session.listen_sse_stream', 'mcp.session.invalid_http_request'
    ) AS is_unknown
  FROM teleport_events
  WHERE event_date BETWEEN date(?) AND date(?)
) AS typed
GROUP BY event_date, event_type
ORDER BY event_type, day
