import protobuf from "protobufjs";
import type { RecordingEvent, RecordingOutcome } from "../model/event.ts";
import { NO_BYTES } from "./event_columns.ts";
import type { RecordingLimits } from "./limits.ts";
import type { RecordingSource } from "./read.ts";
import { readTapped } from "./read.ts";
import type { Decoded } from "./teleport_facts.ts";
import { teleportSchema } from "./teleport_schema.ts";

/** One record of a ProtoStream with all that it holds, content of the session included. */
export interface TeleportMessage {
  /** The event that it was reduced to. */
  event: RecordingEvent;
  /** Number within the union. */
  number: number;
  /** Name of the message; null where this version does not know the number. */
  name: string | null;
  /** The message's schema; null where `name` is. */
  type: protobuf.Type | null;
  /** Fields by protobuf name; null where the message's own fields are not known. */
  fields: Decoded | null;
  /**
   * `Metadata` of a message whose fields are not known: all of Teleport's have it in front. null
   * where there is none, or where the fields are known.
   */
  metadata: Decoded | null;
  /** The message as stored. */
  bytes: Uint8Array;
}

/** Messages in batches, once; `outcome` as of `readRecording()`. */
interface TeleportMessageReader extends AsyncIterable<TeleportMessage[]> {
  readonly outcome: RecordingOutcome;
}

/**
 * Reads every record of a ProtoStream as its whole typed message. The records are those that
 * `readRecording()` makes events of: repetitions are left out, faults end in the outcome. Other
 * formats give no messages. Some times slower than reading events.
 */
export function readTeleportMessages(
  source: RecordingSource,
  limits: Partial<RecordingLimits> = {},
): TeleportMessageReader {
  const records: Uint8Array[] = [];
  const reader = readTapped(source, { limits, tap: { record: (bytes) => records.push(bytes) } });
  async function* messages(): AsyncGenerator<TeleportMessage[]> {
    for await (const batch of reader) {
      const seen = records.splice(0, batch.length);
      yield batch.slice(0, seen.length).map((event, i) => teleportMessage(seen[i]!, event));
    }
  }
  return { outcome: reader.outcome, [Symbol.asyncIterator]: messages };
}

/** The whole message of a record that became `event`. Throws nothing for what it holds. */
export function teleportMessage(record: Uint8Array, event: RecordingEvent): TeleportMessage {
  const { number, bytes } = memberOf(record);
  const member = teleportSchema().byNumber.get(number);
  const type = member?.type ?? null;
  const name = member?.name ?? null;
  const fields = type && decoded(type, bytes);
  const metadata = fields === null ? metadataOf(bytes) : null;
  return { event, number, name, type, fields, metadata, bytes };
}

function decoded(type: protobuf.Type, bytes: Uint8Array): Decoded | null {
  try {
    return type.decode(bytes) as unknown as Decoded;
  } catch {
    return null;
  }
}

interface Found {
  number: number;
  bytes: Uint8Array;
  known: boolean;
}

// The last member wins, and parts of the same one are one message: protobuf's rules.
function memberOf(record: Uint8Array): { number: number; bytes: Uint8Array } {
  const { byNumber } = teleportSchema();
  let found: Found = { number: 0, bytes: NO_BYTES, known: false };
  try {
    const reader = protobuf.Reader.create(record);
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if ((tag & 7) !== 2) {
        reader.skipType(tag & 7);
        continue;
      }
      const number = tag >>> 3;
      const bytes = reader.bytes();
      const known = byNumber.has(number);
      if (found.known && !known) continue;
      const more = found.number === number && known;
      found = { number, known, bytes: more ? joined(found.bytes, bytes) : bytes };
    }
  } catch {
    // what came before the fault stands
  }
  return found;
}

function metadataOf(message: Uint8Array): Decoded | null {
  const metadata = teleportSchema().union.root.lookupType("shellscope.teleport.Metadata");
  try {
    const reader = protobuf.Reader.create(message);
    return reader.uint32() === 0x0a ? decoded(metadata, reader.bytes()) : null;
  } catch {
    return null;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
