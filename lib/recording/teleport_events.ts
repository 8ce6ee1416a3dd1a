import type { RecordingEvent } from "../model/event.ts";
import type { CallMethod } from "./call_method.ts";
import {
  dynamoMethod,
  httpMethod,
  mcpMethod,
  plainMethod,
  statementMethod,
} from "./call_method.ts";
import type { Decoded } from "./teleport_facts.ts";
import { inner, integer, sessionFacts, terminalSize, text } from "./teleport_facts.ts";

/** The kinds of message that become more than an `other` event; all else is counted by name. */
type Role =
  | "start"
  | "end"
  | "join"
  | "leave"
  | "exec"
  | "bpf"
  | "disk"
  | "network"
  | "query"
  | "request"
  | "clipboard"
  | "file";

const ROLE_OF_MESSAGE: Readonly<Record<string, Role>> = {
  SessionStart: "start",
  DatabaseSessionStart: "start",
  AppSessionStart: "start",
  WindowsDesktopSessionStart: "start",
  LinuxDesktopSessionStart: "start",
  MCPSessionStart: "start",
  SessionEnd: "end",
  DatabaseSessionEnd: "end",
  AppSessionEnd: "end",
  WindowsDesktopSessionEnd: "end",
  LinuxDesktopSessionEnd: "end",
  MCPSessionEnd: "end",
  SessionJoin: "join",
  SessionLeave: "leave",
  Exec: "exec",
  SessionCommand: "bpf",
  SessionDisk: "disk",
  SessionNetwork: "network",
  DatabaseSessionQuery: "query",
  PostgresExecute: "query",
  PostgresFunctionCall: "query",
  MySQLStatementExecute: "query",
  MySQLStatementBulkExecute: "query",
  SQLServerRPCRequest: "query",
  CassandraBatch: "query",
  CassandraExecute: "query",
  ElasticsearchRequest: "query",
  OpenSearchRequest: "query",
  DynamoDBRequest: "query",
  SpannerRPC: "query",
  AppSessionRequest: "request",
  AppSessionDynamoDBRequest: "request",
  AppSessionHTTPRequest: "request",
  AppSessionLLMRequest: "request",
  MCPSessionRequest: "request",
  DesktopClipboardSend: "clipboard",
  DesktopClipboardReceive: "clipboard",
  DesktopSharedDirectoryStart: "file",
  DesktopSharedDirectoryRead: "file",
  DesktopSharedDirectoryWrite: "file",
};

/** Arguments of a command that are kept while it is counted. */
const MAX_ARGUMENTS = 256;

/** The event that a decoded message stands for; prints and resizes take another way. */
export function teleportEvent(name: string, fields: Decoded, atMs: number): RecordingEvent {
  switch (ROLE_OF_MESSAGE[name]) {
    case "start": {
      const size = terminalSize(text(fields, "TerminalSize"));
      const from = text(inner(fields, "Connection"), "RemoteAddr");
      return {
        ...{ type: "start", atMs, facts: sessionFacts(name, fields), size },
        ...name === "SessionStart" && from !== undefined && { clientAddress: from },
      };
    }
    case "end":
      return { type: "end", atMs, facts: sessionFacts(name, fields) };
    case "join":
      return { type: "join", atMs };
    case "leave":
      return { type: "leave", atMs };
    case "exec":
      return execEvent(fields, atMs);
    case "bpf":
      return bpfEvent(fields, atMs);
    case "disk":
    case "network":
      return {
        type: ROLE_OF_MESSAGE[name] === "disk" ? "disk" : "network",
        atMs,
        pid: pidOf(inner(fields, "BPF")),
        returnCode: "ReturnCode" in fields ? Number(fields.ReturnCode ?? 0) : null,
        ...typeof fields.SrcAddr === "string" && fields.SrcAddr !== "" &&
          { address: fields.SrcAddr },
      };
    case "query":
    case "request":
      return callEvent(name, fields, atMs);
    case "clipboard":
    case "file":
      return {
        type: "desktop",
        atMs,
        what: ROLE_OF_MESSAGE[name] === "file" ? "file" : "clipboard",
        bytes: Math.max(0, Number(fields.Length ?? 0)),
      };
    default:
      return { type: "other", atMs, name };
  }
}

// The command of an exec event is one line of shell; only its first words are taken apart.
function execEvent(fields: Decoded, atMs: number): RecordingEvent {
  const command = inner(fields, "Command");
  const words = (text(command, "Command") ?? "").trim().split(/\s+/, MAX_ARGUMENTS);
  const exit = text(command, "ExitCode");
  const failed = text(command, "Error") !== undefined;
  return {
    type: "command",
    atMs,
    source: "exec",
    program: baseName(words[0] ?? ""),
    argv: words.slice(1),
    pid: null,
    ppid: null,
    exitCode: exit !== undefined && /^-?\d{1,9}$/.test(exit) ? Number(exit) : failed ? 1 : null,
  };
}

function bpfEvent(fields: Decoded, atMs: number): RecordingEvent {
  const bpf = inner(fields, "BPF");
  const argv = Array.isArray(fields.Argv) ? fields.Argv as unknown[] : [];
  const file = baseName(text(fields, "Path") ?? "");
  const program = text(bpf, "Program") ?? file;
  return {
    type: "command",
    atMs,
    source: "bpf",
    program,
    ...file !== "" && file !== program && { file },
    argv: argv.slice(0, MAX_ARGUMENTS).map(String),
    pid: pidOf(bpf),
    ppid: integer(fields.PPID),
    exitCode: Number(fields.ReturnCode ?? 0),
  };
}

function pidOf(bpf: Decoded): bigint | null {
  const pid = integer(bpf.PID);
  return pid === 0n ? null : pid;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function callEvent(name: string, fields: Decoded, atMs: number): RecordingEvent {
  const code = Number(fields.StatusCode ?? fields.status_code ?? 0);
  return {
    type: ROLE_OF_MESSAGE[name] === "query" ? "query" : "request",
    atMs,
    ...methodOf(name, fields),
    ok: code > 0 ? code < 400 : succeeded(fields),
    denied: code === 401 || code === 403,
  };
}

function methodOf(name: string, fields: Decoded): CallMethod {
  switch (name) {
    case "DatabaseSessionQuery":
      return statementMethod(text(fields, "DatabaseQuery"));
    case "PostgresExecute":
    case "MySQLStatementExecute":
    case "CassandraExecute":
      return plainMethod("EXECUTE");
    case "MySQLStatementBulkExecute":
    case "CassandraBatch":
      return plainMethod("BATCH");
    case "PostgresFunctionCall":
    case "SQLServerRPCRequest":
    case "SpannerRPC":
      return plainMethod("CALL");
    case "DynamoDBRequest":
    case "AppSessionDynamoDBRequest":
      return dynamoMethod(text(fields, "Target"));
    case "MCPSessionRequest":
      return mcpMethod(text(inner(fields, "Message"), "method"));
    default:
      return httpMethod(text(fields, "Method") ?? text(fields, "method"));
  }
}

function succeeded(fields: Decoded): boolean | null {
  const status = "status" in fields ? inner(fields, "status") : inner(fields, "Status");
  if (status.Success === true) return true;
  return text(status, "Error") === undefined ? null : false;
}
