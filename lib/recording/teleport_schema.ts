import protobuf from "protobufjs";

/** One member of Teleport's union of events; `type` is null where only its name is known. */
export interface UnionMember {
  number: number;
  name: string;
  type: protobuf.Type | null;
}

/** The union by wire number and by message name, from `proto/teleport_events.proto`. */
export interface TeleportSchema {
  union: protobuf.Type;
  byNumber: ReadonlyMap<number, UnionMember>;
  byName: ReadonlyMap<string, UnionMember>;
}

let loaded: TeleportSchema | undefined;

/** Reads the schema, once: 20 ms, and needs read permission for `proto/`. */
export function teleportSchema(): TeleportSchema {
  return loaded ??= loadSchema(
    Deno.readTextFileSync(new URL("../../proto/teleport_events.proto", import.meta.url)),
  );
}

function loadSchema(text: string): TeleportSchema {
  const { root } = protobuf.parse(text, { keepCase: true });
  root.resolveAll();
  const byNumber = new Map<number, UnionMember>();
  const byName = new Map<string, UnionMember>();
  const union = root.lookupType("OneOf");
  for (const field of union.fieldsArray) {
    const type = field.resolvedType instanceof protobuf.Type ? field.resolvedType : null;
    const member = { number: field.id, name: field.name, type };
    byNumber.set(member.number, member);
    byName.set(member.name, member);
  }
  return { union, byNumber, byName };
}

/**
 * The audit type string of an event (`event` in JSON) to the message that carries it: every kind
 * a recording is known to hold, and the audit-only ones of a session (section 2 of
 * `facts/teleport.md`).
 */
export const MESSAGE_OF_EVENT: Readonly<Record<string, string>> = {
  "session.start": "SessionStart",
  "session.join": "SessionJoin",
  "session.leave": "SessionLeave",
  "session.end": "SessionEnd",
  "session.data": "SessionData",
  "session.upload": "SessionUpload",
  "session.rejected": "SessionReject",
  "session.connect": "SessionConnect",
  "session.recording.access": "SessionRecordingAccess",
  "session.summarized": "SessionSummarized",
  "session.command": "SessionCommand",
  "session.disk": "SessionDisk",
  "session.network": "SessionNetwork",
  "print": "SessionPrint",
  "resize": "Resize",
  "exec": "Exec",
  "scp": "SCP",
  "sftp": "SFTP",
  "sftp_summary": "SFTPSummary",
  "port": "PortForward",
  "x11-forward": "X11Forward",
  "agent-forward": "AgentForward",
  "subsystem": "Subsystem",
  "git.command": "GitCommand",
  "client.disconnect": "ClientDisconnect",
  "kube.request": "KubeRequest",
  "db.session.start": "DatabaseSessionStart",
  "db.session.end": "DatabaseSessionEnd",
  "db.session.query": "DatabaseSessionQuery",
  "db.session.query.failed": "DatabaseSessionQuery",
  "db.session.result": "DatabaseSessionCommandResult",
  "db.session.malformed_packet": "DatabaseSessionMalformedPacket",
  "db.session.postgres.statements.parse": "PostgresParse",
  "db.session.mysql.statements.prepare": "MySQLStatementPrepare",
  "db.session.mysql.statements.execute": "MySQLStatementExecute",
  "db.session.mysql.init_db": "MySQLInitDB",
  "db.session.sqlserver.rpc_request": "SQLServerRPCRequest",
  "db.session.spanner.rpc": "SpannerRPC",
  "db.session.elasticsearch.request": "ElasticsearchRequest",
  "db.session.dynamodb.request": "DynamoDBRequest",
  "app.session.start": "AppSessionStart",
  "app.session.chunk": "AppSessionChunk",
  "app.session.request": "AppSessionRequest",
  "app.session.dynamodb.request": "AppSessionDynamoDBRequest",
  "app.session.end": "AppSessionEnd",
  "windows.desktop.session.start": "WindowsDesktopSessionStart",
  "windows.desktop.session.end": "WindowsDesktopSessionEnd",
  "linux.desktop.session.start": "LinuxDesktopSessionStart",
  "linux.desktop.session.end": "LinuxDesktopSessionEnd",
  "desktop.recording": "DesktopRecording",
  "desktop.clipboard.send": "DesktopClipboardSend",
  "desktop.clipboard.receive": "DesktopClipboardReceive",
  "desktop.directory.share": "DesktopSharedDirectoryStart",
  "desktop.directory.read": "DesktopSharedDirectoryRead",
  "desktop.directory.write": "DesktopSharedDirectoryWrite",
  "mcp.session.start": "MCPSessionStart",
  "mcp.session.end": "MCPSessionEnd",
  "mcp.session.request": "MCPSessionRequest",
  "mcp.session.notification": "MCPSessionNotification",
  "mcp.session.listen_sse_stream": "MCPSessionListenSSEStream",
  "mcp.session.invalid_http_request": "MCPSessionInvalidHTTPRequest",
  "unknown": "Unknown",
};
