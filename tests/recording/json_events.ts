import { Buffer } from "node:buffer";
import protobuf from "protobufjs";
import type { EventObject } from "../../fixtures/generate/protostream_writer.ts";
import { MESSAGE_OF_EVENT, teleportSchema } from "../../lib/recording/teleport_schema.ts";

type Json = Record<string, unknown>;

/** A line of Teleport's JSON as what the writer of recordings takes. */
export function eventOfLine(line: string): EventObject {
  const json = exactJson(line) as Json;
  const name = MESSAGE_OF_EVENT[String(json.event)];
  const type = teleportSchema().byName.get(name!)!.type!;
  return { ...json, ...flat(type, json) } as EventObject;
}

/** JSON with integers beyond 2^53 as bigint. */
export function exactJson(text: string): unknown {
  const parse = JSON.parse as (
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ) => unknown;
  return parse(
    text,
    (_, value, { source }) =>
      typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? "")
        ? BigInt(source!)
        : value,
  );
}

// Only what the writer can't tell from the JSON alone: bytes, and messages that are values.
function flat(type: protobuf.Type, json: Json, hidden = new Set<string>()): Json {
  const converted: Json = {};
  const own = new Set(type.fieldsArray.map((field) => field.options?.json_name as string));
  for (const field of type.fieldsArray) {
    field.resolve();
    const inner = field.resolvedType instanceof protobuf.Type ? field.resolvedType : null;
    const key = field.options?.json_name as string | undefined;
    if (key === undefined && inner) Object.assign(converted, flat(inner, json, own));
    else if (hidden.has(key!) || field.type === "Timestamp") continue;
    else if (json[key ?? "data"] !== undefined && json[key ?? "data"] !== null) {
      converted[key ?? "data"] = valueOf(field, json[key ?? "data"]);
    }
  }
  return converted;
}

function valueOf(field: protobuf.Field, value: unknown): unknown {
  if (field.repeated) return (value as unknown[]).map((item) => single(field, item));
  if (field.map) {
    return Object.fromEntries(Object.entries(value as Json).map(([k, v]) => [k, single(field, v)]));
  }
  return single(field, value);
}

function single(field: protobuf.Field, value: unknown): unknown {
  if (field.type === "bytes") {
    return typeof value === "string" ? Buffer.from(value, "base64") : structBytes(value as Json);
  }
  if (field.type === "LabelValues") {
    const lists = Object.entries(value as Json).map(([name, values]) => [name, { values }]);
    return { values: Object.fromEntries(lists) };
  }
  if (/^UInt(32|64)Value$/.test(field.type)) return { value: number(value) };
  if (!(field.resolvedType instanceof protobuf.Type)) return number(value);
  const message: Json = {};
  for (const inner of field.resolvedType.fieldsArray) {
    inner.resolve();
    const item = (value as Json)[inner.options?.json_name as string];
    if (item === undefined) continue;
    message[inner.name] = inner.type === "Timestamp"
      ? { seconds: Date.parse(String(item)) / 1000, nanos: 0 }
      : valueOf(inner, item);
  }
  return message;
}

function number(value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

const STRUCT = protobuf.parse(
  `
  syntax = "proto3";
  message Struct { map<string, Value> fields = 1; }
  message ListValue { repeated Value values = 1; }
  message Value {
    oneof kind {
      int32 null_value = 1; double number_value = 2; string string_value = 3;
      bool bool_value = 4; Struct struct_value = 5; ListValue list_value = 6;
    }
  }`,
  { keepCase: true },
).root.lookupType("Struct");

/** An object as the bytes of a `google.protobuf.Struct`. */
export function structBytes(value: Json): Uint8Array {
  return STRUCT.encode(STRUCT.fromObject(structOf(value))).finish();
}

function structOf(value: Json): Json {
  return { fields: Object.fromEntries(Object.entries(value).map(([k, v]) => [k, kindOf(v)])) };
}

function kindOf(value: unknown): Json {
  if (value === null) return { null_value: 0 };
  if (typeof value === "number") return { number_value: value };
  if (typeof value === "string") return { string_value: value };
  if (typeof value === "boolean") return { bool_value: value };
  if (Array.isArray(value)) return { list_value: { values: value.map(kindOf) } };
  return { struct_value: structOf(value as Json) };
}
