import type { TerminalSize } from "../model/event.ts";
import type { SessionFacts } from "../model/session.ts";
import type { TeleportFacts } from "../model/teleport_facts.ts";
import type { SessionKind } from "../model/vocabulary.ts";

/** A decoded message: fields by their protobuf names. */
export type Decoded = Readonly<Record<string, unknown>>;

/** Names and ids longer than this are cut: they become rows. */
const MAX_NAME = 512;

/** An embedded message; absent and empty are alike. */
export function inner(message: Decoded, name: string): Decoded {
  const value = message[name];
  return typeof value === "object" && value !== null ? value as Decoded : {};
}

/** A string that is not empty. */
export function text(message: Decoded, name: string): string | undefined {
  const value = message[name];
  return typeof value === "string" && value !== "" ? value.slice(0, MAX_NAME) : undefined;
}

/** A 64-bit integer, as protobufjs gives it: a number or two halves. */
export function integer(value: unknown): bigint {
  if (typeof value === "number") return BigInt(Math.trunc(value));
  if (typeof value !== "object" || value === null) return 0n;
  const { low, high, unsigned } = value as { low: number; high: number; unsigned: boolean };
  const bits = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  return unsigned ? bits : BigInt.asIntN(64, bits);
}

/** A time in milliseconds since 1970; null where it is absent, zero (year 1) or out of range. */
export function timeMs(value: unknown): number | null {
  if (typeof value !== "object" || value === null) return null;
  const { seconds, nanos } = value as { seconds?: unknown; nanos?: unknown };
  return saneTime(Number(integer(seconds)), typeof nanos === "number" ? nanos : 0);
}

/** Seconds and nanoseconds as milliseconds; null where no recording can be that old or new. */
export function saneTime(seconds: number, nanos: number): number | null {
  return isSaneTime(seconds, nanos) ? seconds * 1000 + nanos / 1e6 : null;
}

/** Whether a recording can be of that time. */
export function isSaneTime(seconds: number, nanos: number): boolean {
  return seconds > 0 && seconds < LAST_SECOND && nanos >= 0 && nanos < 1e9;
}

const LAST_SECOND = Date.UTC(9999, 11, 31) / 1000;

/** ISO-8601 in UTC with milliseconds. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** `W:H` or `WxH`; null for what is no size. */
export function terminalSize(size: string | undefined): TerminalSize | null {
  const match = /^(\d{1,5})[:x](\d{1,5})$/.exec(size ?? "");
  const cols = Number(match?.[1] ?? 0);
  const rows = Number(match?.[2] ?? 0);
  return cols > 0 && rows > 0 ? { cols, rows } : null;
}

const USER_KINDS: Readonly<Record<number, string>> = { 1: "human", 2: "bot", 3: "system" };

/** The sort of access a message belongs to; undefined where its name does not say. */
export function kindOf(message: string, fields: Decoded): SessionKind | undefined {
  if (/^(Database|Postgres|MySQL|SQLServer|Cassandra|Spanner)/.test(message)) return "db";
  if (/^(Elasticsearch|OpenSearch|DynamoDB)Request$/.test(message)) return "db";
  if (message.startsWith("AppSession")) return "app";
  if (message.startsWith("MCPSession")) return "mcp";
  if (/Desktop/.test(message)) return "desktop";
  if (!/^(Session(Start|End|Join)|Resize|Exec)$/.test(message)) return undefined;
  const kube = text(inner(fields, "Connection"), "Protocol") === "kube" ||
    text(inner(fields, "KubernetesCluster"), "KubernetesCluster") !== undefined;
  return kube ? "kube" : "ssh";
}

/**
 * What a start or end event says of its session. Hostile input: names are cut, never checked for
 * meaning.
 */
export function sessionFacts(message: string, fields: Decoded): SessionFacts {
  const user = inner(fields, "User");
  const facts: Record<string, unknown> = {
    session_id: text(inner(fields, "Session"), "SessionID")?.slice(0, 128),
    kind: kindOf(message, fields),
    principal: text(user, "User"),
    login: loginOf(fields),
    target: targetOf(fields),
    scope: text(inner(fields, "Metadata"), "ClusterName"),
    user_kind: userKindOf(user),
    ...userFacts(user),
    target_labels: targetLabels(fields),
  };
  const at = timeMs(inner(fields, "Metadata").Time);
  if (message.endsWith("Start")) facts.started_at = at === null ? undefined : isoTime(at);
  if (message.endsWith("End")) {
    const started = timeMs(fields.StartTime);
    const ended = timeMs(fields.EndTime) ?? at;
    facts.started_at = started === null ? undefined : isoTime(started);
    const backwards = started !== null && ended !== null && ended < started;
    facts.ended_at = ended === null || backwards ? undefined : isoTime(ended);
  }
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

/**
 * What a request of an application or MCP session says of the session: chunks of an application
 * session have no start and no end, and their file is named after the chunk.
 */
export function requestFacts(fields: Decoded): SessionFacts {
  const of = (name: string) =>
    inner(fields, name.toLowerCase() in fields ? name.toLowerCase() : name);
  const facts = {
    session_id: text(of("Session"), "SessionID")?.slice(0, 128),
    principal: text(of("User"), "User"),
    target: text(of("App"), "AppName"),
    scope: text(of("Metadata"), "ClusterName"),
    user_kind: userKindOf(of("User")),
    ...userFacts(of("User")),
    target_labels: labelsOf(of("App"), "AppLabels"),
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

/** Old clusters know no kinds of users; a bot's name tells it all the same. */
function userKindOf(user: Decoded): string | undefined {
  return USER_KINDS[Number(user.UserKind ?? 0)] ??
    (text(user, "BotName") === undefined ? undefined : "bot");
}

function userFacts(user: Decoded): Record<keyof Omit<TeleportFacts, "target_labels">, unknown> {
  const requests = Array.isArray(user.AccessRequests) ? user.AccessRequests.length : 0;
  const device = text(inner(user, "TrustedDevice"), "device_id");
  return {
    bot_name: text(user, "BotName"),
    impersonator: text(user, "Impersonator"),
    trusted_device: device === undefined ? undefined : true,
    access_requests: requests > 0 ? requests : undefined,
    summarized: undefined,
  };
}

/** Labels of one target, at most; the rest is not looked at. */
const MAX_LABELS = 256;

/** The labels of what was reached: the innermost speaks, a node only for itself. */
function targetLabels(fields: Decoded): Record<string, string> | undefined {
  return labelsOf(inner(fields, "KubernetesCluster"), "KubernetesLabels") ??
    labelsOf(inner(fields, "Database"), "DatabaseLabels") ??
    labelsOf(inner(fields, "App"), "AppLabels") ?? labelsOf(fields, "DesktopLabels") ??
    labelsOf(inner(fields, "Server"), "ServerLabels");
}

function labelsOf(message: Decoded, name: string): Record<string, string> | undefined {
  const labels = Object.entries(inner(message, name)).slice(0, MAX_LABELS)
    .filter((entry): entry is [string, string] => typeof entry[1] === "string")
    .map(([key, value]) => [key.slice(0, MAX_NAME), value.slice(0, MAX_NAME)] as const);
  return labels.length === 0 ? undefined : Object.fromEntries(labels);
}

function loginOf(fields: Decoded): string | undefined {
  return text(inner(fields, "User"), "Login") ??
    text(inner(fields, "Database"), "DatabaseUser") ??
    text(fields, "WindowsUser") ?? text(fields, "LinuxUser");
}

function targetOf(fields: Decoded): string | undefined {
  return text(inner(fields, "KubernetesPod"), "KubernetesPodName") ??
    text(inner(fields, "KubernetesCluster"), "KubernetesCluster") ??
    text(inner(fields, "Database"), "DatabaseService") ??
    text(inner(fields, "Database"), "DatabaseName") ??
    text(inner(fields, "App"), "AppName") ??
    text(fields, "DesktopName") ?? text(fields, "DesktopAddr") ??
    text(inner(fields, "Server"), "ServerHostname") ??
    text(inner(fields, "Server"), "ServerID");
}
