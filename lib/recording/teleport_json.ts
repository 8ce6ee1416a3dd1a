import { Buffer } from "node:buffer";
import protobuf from "protobufjs";
import { jsonText } from "../model/printable.ts";
import { structJson } from "./protobuf_struct.ts";
import type { Decoded } from "./teleport_facts.ts";
import { integer } from "./teleport_facts.ts";
import type { TeleportMessage } from "./teleport_messages.ts";
import { MESSAGE_OF_EVENT } from "./teleport_schema.ts";

/**
 * Keys that Teleport writes even where they are empty (section 4 of `facts/teleport.md`); times
 * and `data` are of the same sort. The others are left out then.
 */
const ALWAYS = new Set([
  ...["ei", "event", "time", "sid", "server_id", "url", "pid", "cgroup_id", "program", "ppid"],
  ...["audit_session_id", "path", "argv", "return_code", "flags", "src_addr", "dst_addr"],
  ...["dst_port", "version", "operation", "action", "enhanced_recording", "interactive"],
  ...["participants", "tx", "rx", "command", "success", "ci", "bytes", "ms", "offset"],
  ...["db_protocol", "db_uri", "db_query", "data"],
]);

/** Messages that leave out a key of {@link ALWAYS} all the same. */
const NOT_ALWAYS = new Set([
  "SFTP.flags",
  "DatabaseSessionEnd.participants",
  "AppSessionHTTPRequestBodyChunk.data",
  "AppSessionHTTPResponseBodyChunk.data",
  "Unknown.data",
]);

/** Fields of the type `google.protobuf.Struct`, which is `bytes` to our schema. */
const STRUCTS = new Set([
  "AppSessionDynamoDBRequest.Body",
  "DynamoDBRequest.Body",
  "SpannerRPC.Args",
  "MCPJSONRPCMessage.params",
]);

/** How one field of a message becomes JSON. */
interface FieldPlan {
  name: string;
  /** `"key":`; null: the message is embedded, its keys join those around it. */
  key: string | null;
  always: boolean;
  inner: protobuf.Type | null;
  /** JSON of a value that is set; null: it is empty. */
  json: (value: unknown) => string | null;
}

interface TypePlan {
  fields: readonly FieldPlan[];
  /** Keys of this message alone, without those of embedded ones. */
  own: ReadonlySet<string>;
}

/**
 * A message as one line of Teleport's own JSON, and what that leaves out: `data` of a print. A
 * member without known fields has its metadata, its number and its bytes (`protobuf`, base64); one
 * that this version does not know is called `unknown`, as Teleport calls what it does not know.
 */
export function teleportJson(message: TeleportMessage): string {
  const { fields, type, name, number, metadata, bytes } = message;
  if (fields !== null && type !== null) {
    const parts: string[] = [];
    append(parts, { type, message: fields, above: NO_KEYS });
    const text = `{${parts.join(",")}}`;
    if (metadataOf(fields).Type) return text;
    const event = EVENT_OF_MESSAGE.get(type.name) ?? type.name;
    return text.replace(`"event":""`, `"event":${jsonText(event)}`);
  }
  const { Index, Type, ID, Code, Time, ClusterName } = metadata ?? {};
  const parts = [`"ei":${integer(Index)}`];
  if (name === null) {
    parts.push(`"event":"unknown"`);
    if (Type) parts.push(`"unknown_event":${jsonText(String(Type))}`);
    if (Code) parts.push(`"unknown_code":${jsonText(String(Code))}`);
  } else {
    parts.push(`"event":${jsonText(String(Type || name))}`);
    if (Code) parts.push(`"code":${jsonText(String(Code))}`);
  }
  if (ID) parts.push(`"uid":${jsonText(String(ID))}`);
  parts.push(`"time":${rfc3339(Time) ?? "null"}`);
  if (ClusterName) parts.push(`"cluster_name":${jsonText(String(ClusterName))}`);
  if (name !== null) parts.push(`"member":${jsonText(name)}`);
  parts.push(`"number":${number}`, `"protobuf":"${base64(bytes)}"`);
  return `{${parts.join(",")}}`;
}

/** Audit type strings by message, for messages that don't say theirs. */
const EVENT_OF_MESSAGE: ReadonlyMap<string, string> = new Map(
  Object.entries(MESSAGE_OF_EVENT).reverse().map(([event, name]) => [name, event]),
);

function metadataOf(fields: Decoded): Decoded {
  return (fields.Metadata ?? fields.metadata ?? {}) as Decoded;
}

interface Appending {
  type: protobuf.Type;
  /** null: the message is absent, which for an embedded one means empty. */
  message: Decoded | null;
  /** Keys of the message around this one: they stand before its own. */
  above: ReadonlySet<string>;
}

const NO_KEYS: ReadonlySet<string> = new Set();

function append(parts: string[], { type, message, above }: Appending): void {
  const plan = planOf(type);
  for (const field of plan.fields) {
    const value = message?.[field.name];
    if (field.key === null) {
      const inner = (value ?? null) as Decoded | null;
      append(parts, { type: field.inner!, message: inner, above: plan.own });
      continue;
    }
    if (above.has(field.key)) continue;
    const json = value === null || value === undefined ? null : field.json(value);
    if (json !== null) parts.push(field.key + json);
    else if (field.always) parts.push(field.key + field.json(undefined));
  }
}

const plans = new Map<protobuf.Type, TypePlan>();

function planOf(type: protobuf.Type): TypePlan {
  const known = plans.get(type);
  if (known) return known;
  const fields = type.fieldsArray.map((field) => fieldPlan(type, field.resolve()));
  const keys = fields.flatMap(({ key }) => key ?? []);
  const plan = { fields, own: new Set(keys) };
  plans.set(type, plan);
  return plan;
}

function fieldPlan(type: protobuf.Type, field: protobuf.Field): FieldPlan {
  const { name } = field;
  const inner = field.resolvedType instanceof protobuf.Type ? field.resolvedType : null;
  const given = field.options?.json_name as string | undefined;
  const key = given ?? (inner === null ? "data" : null);
  if (key === null) return { name, key, always: false, inner, json: () => null };
  // a time that is no pointer is never empty to Go
  const isTime = inner?.name === "Timestamp" && type.name !== "SFTPAttributes";
  const always = isTime || (ALWAYS.has(key) && !NOT_ALWAYS.has(`${type.name}.${key}`));
  return { name, key: `${jsonText(key)}:`, always, inner, json: writer(type, field, always) };
}

type Writer = FieldPlan["json"];

// With `always` a writer also takes undefined, and gives the JSON of Go's zero value.
function writer(type: protobuf.Type, field: protobuf.Field, always: boolean): Writer {
  const one = scalarWriter(type, field);
  if (field.map) {
    return (value) => {
      const entries = Object.entries(value as Decoded).sort(([a], [b]) => (a < b ? -1 : 1));
      if (entries.length === 0) return null;
      return `{${entries.map(([key, item]) => `${jsonText(key)}:${one(item)}`).join(",")}}`;
    };
  }
  if (field.repeated) {
    return (value) => {
      const items = (value ?? []) as unknown[];
      if (items.length === 0) return always ? "null" : null;
      return `[${items.map((item) => one(item)).join(",")}]`;
    };
  }
  if (field.type === "LabelValues") return (value) => leftOut(one(value), "{}");
  if (field.resolvedType instanceof protobuf.Type) return one;
  const zero = field.type === "string" || field.type === "bytes"
    ? '""'
    : field.type === "bool"
    ? "false"
    : "0";
  return (value) => {
    const json = value === undefined ? zero : one(value);
    return json === zero && !always ? null : json;
  };
}

function leftOut(json: string, empty: string): string | null {
  return json === empty ? null : json;
}

function scalarWriter(type: protobuf.Type, field: protobuf.Field): (value: unknown) => string {
  if (STRUCTS.has(`${type.name}.${field.name}`)) {
    return (value) => {
      const bytes = value as Uint8Array;
      return bytes.length === 0 ? '""' : structJson(bytes) ?? `"${base64(bytes)}"`;
    };
  }
  switch (field.type) {
    case "string":
      return (value) => jsonText(String(value));
    case "bytes":
      return (value) => `"${base64(value as Uint8Array)}"`;
    case "bool":
      return (value) => String(value === true);
    case "int64":
    case "uint64":
      return (value) => String(integer(value));
    case "Timestamp":
      return (value) => rfc3339(value) ?? "null";
    case "UInt32Value":
    case "UInt64Value":
      return (value) => String(integer((value as Decoded).value));
    case "LabelValues":
      return (value) => labelValues(value as Decoded);
  }
  const inner = field.resolvedType;
  if (!(inner instanceof protobuf.Type)) return (value) => String(Number(value));
  return (value) => {
    const parts: string[] = [];
    append(parts, { type: inner, message: value as Decoded, above: NO_KEYS });
    return `{${parts.join(",")}}`;
  };
}

function labelValues(message: Decoded): string {
  const entries = Object.entries((message.values ?? {}) as Record<string, Decoded>)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const lists = entries.map(([name, list]) => {
    const values = (list.values ?? []) as string[];
    return `${jsonText(name)}:[${values.map((value) => jsonText(value)).join(",")}]`;
  });
  return `{${lists.join(",")}}`;
}

/** A time as Go writes it; the year 1 where there is none, null where no calendar has it. */
function rfc3339(time: unknown): string | null {
  if (time === null || time === undefined) return '"0001-01-01T00:00:00Z"';
  const { seconds, nanos } = time as { seconds?: unknown; nanos?: unknown };
  const ms = Number(integer(seconds)) * 1000;
  const fraction = Number(nanos ?? 0);
  if (!(ms >= FIRST_MS && ms < END_MS && fraction >= 0 && fraction < 1e9)) return null;
  const digits = String(fraction).padStart(9, "0").replace(/0+$/, "");
  return `"${new Date(ms).toISOString().slice(0, 19)}${digits && `.${digits}`}Z"`;
}

const FIRST_MS = -62135596800000;
const END_MS = Date.UTC(9999, 11, 31, 23, 59, 59) + 1000;

// An empty field of bytes is no Uint8Array to protobufjs.
function base64(bytes: Uint8Array): string {
  if (bytes.length === 0) return "";
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
}
