import type { RecordingEvent } from "../model/event.ts";
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
  | "request";

const ROLE_OF_MESSAGE: Readonly<Record<string, Role>> = {
  SessionStart: "start",
  DatabaseSessionStart: "start",
  AppSessionStart: "start",
  WindowsDesktopSessionStart: "start",
  LinuxDesktopSessionStart: "start",
  SessionEnd: "end",
  DatabaseSessionEnd: "end",
  AppSessionEnd: "end",
  WindowsDesktopSessionEnd: "end",
  LinuxDesktopSessionEnd: "end",
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
  MCPSessionNotification: "request",
};

/** Arguments of a command that are kept while it is counted. */
const MAX_ARGUMENTS = 256;

/** The event that a decoded message stands for; prints and resizes take another way. */
export function teleportEvent(name: string, fields: Decoded, atMs: number): RecordingEvent {
  switch (ROLE_OF_MESSAGE[name]) {
    case "start": {
      const size = terminalSize(text(fields, "TerminalSize"));
      return { type: "start", atMs, facts: sessionFacts(name, fields), size };
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
      };
    case "query":
      return { type: "query", atMs, ok: succeeded(fields) };
    case "request":
      return { type: "request", atMs, ok: answered(fields) };
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
  return {
    type: "command",
    atMs,
    source: "bpf",
    program: text(bpf, "Program") ?? baseName(text(fields, "Path") ?? ""),
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

function succeeded(fields: Decoded): boolean | null {
  if ("StatusCode" in fields && Number(fields.StatusCode) > 0) return answered(fields);
  const status = inner(fields, "Status");
  if (status.Success === true) return true;
  return text(status, "Error") === undefined ? null : false;
}

function answered(fields: Decoded): boolean | null {
  const code = Number(fields.StatusCode ?? fields.status_code ?? 0);
  return code > 0 ? code < 400 : null;
}
