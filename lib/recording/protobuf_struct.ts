import protobuf from "protobufjs";
import { jsonText } from "../model/printable.ts";

/** Deeper than this nothing is taken apart: structures are hostile input. */
const MAX_DEPTH = 64;

/** The JSON of a `google.protobuf.Struct` as stored; null where the bytes are none. */
export function structJson(bytes: Uint8Array): string | null {
  try {
    return struct(protobuf.Reader.create(bytes), MAX_DEPTH);
  } catch {
    return null;
  }
}

function struct(reader: protobuf.Reader, depth: number): string {
  if (depth === 0) throw new RangeError("Too deep");
  const fields: string[] = [];
  while (reader.pos < reader.len) {
    if (reader.uint32() !== 0x0a) throw new RangeError("No field of a structure");
    const entry = protobuf.Reader.create(reader.bytes());
    let [key, json] = ["", "null"];
    while (entry.pos < entry.len) {
      const tag = entry.uint32();
      if (tag === 0x0a) key = entry.string();
      else if (tag === 0x12) json = value(protobuf.Reader.create(entry.bytes()), depth - 1);
      else entry.skipType(tag & 7);
    }
    fields.push(`${jsonText(key)}:${json}`);
  }
  return `{${fields.join(",")}}`;
}

function value(reader: protobuf.Reader, depth: number): string {
  let json = "null";
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === 0x11) json = JSON.stringify(reader.double());
    else if (tag === 0x1a) json = jsonText(reader.string());
    else if (tag === 0x20) json = String(reader.bool());
    else if (tag === 0x2a) json = struct(protobuf.Reader.create(reader.bytes()), depth);
    else if (tag === 0x32) json = list(protobuf.Reader.create(reader.bytes()), depth);
    else reader.skipType(tag & 7);
  }
  return json;
}

function list(reader: protobuf.Reader, depth: number): string {
  if (depth === 0) throw new RangeError("Too deep");
  const values: string[] = [];
  while (reader.pos < reader.len) {
    if (reader.uint32() !== 0x0a) throw new RangeError("No value of a list");
    values.push(value(protobuf.Reader.create(reader.bytes()), depth - 1));
  }
  return `[${values.join(",")}]`;
}
