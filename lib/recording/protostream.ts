import type { EventColumns } from "../model/event.ts";
import type { ByteCursor } from "./byte_cursor.ts";
import type { InflateEnd } from "./inflate.ts";
import { inflateGzipMember, isGzip, MEMBER_BYTES } from "./inflate.ts";
import type { ReadingContext, RecordingTap } from "./outcome.ts";
import { fault, recognise, skip } from "./outcome.ts";
import type { RecordSink } from "./record_splitter.ts";
import { RecordSplitter } from "./record_splitter.ts";
import { TeleportDecoder } from "./teleport_decoder.ts";

/** The first eight bytes of every part, read as one big-endian integer. */
const KNOWN_VERSIONS: readonly bigint[] = [1n, 2n];
const FLAG_ENCRYPTED = 1;

/** Whether these first bytes are those of a part, of this or of a coming version. */
export function isProtoStream(head: Uint8Array): boolean {
  return head.length >= 8 && head.subarray(0, 7).every((byte) => byte === 0);
}

/**
 * Reads a ProtoStream: parts of a header, one gzip member and padding, one after the other to the
 * end of the file (section 1 of `facts/teleport.md`). A fault ends its part, not the recording:
 * reading goes on where the header says the next part begins, if a part begins there.
 */
export async function* readProtoStream(
  cursor: ByteCursor,
  context: ReadingContext,
): AsyncGenerator<EventColumns> {
  recognise(context, "protostream");
  const decoder = new TeleportDecoder(context);
  try {
    for (;;) {
      const header = await readPartHeader(cursor, context);
      if (header === null) break;
      context.outcome.parts += 1;
      yield* readPart({ cursor, context, decoder, header });
      if (context.eventCount > context.limits.maxEvents) break;
      if (!await leavePart(cursor, context, header)) break;
    }
  } finally {
    decoder.finish();
  }
}

interface PartHeader {
  /** From the start of the file. */
  offset: number;
  payloadStart: number;
  payloadSize: bigint;
  paddingSize: bigint;
  encrypted: boolean;
}

async function readPartHeader(
  cursor: ByteCursor,
  context: ReadingContext,
): Promise<PartHeader | null> {
  const offset = cursor.position;
  const bytes = await cursor.read(24);
  if (bytes.length === 0) return null;
  const part = context.outcome.parts + 1;
  if (bytes.length >= 8) {
    const version = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);
    if (!KNOWN_VERSIONS.includes(version)) {
      const newer = version > 2n && version < 256n;
      fault(context, {
        state: newer && part === 1 ? "unsupported" : "failed",
        error: newer
          ? `Part ${part}: version ${version} of the format is not known`
          : `Part ${part}: no part begins here`,
        offset,
      });
      return null;
    }
  }
  const flags = bytes[7] === 2 && bytes.length === 24 ? await cursor.read(8) : null;
  if (bytes.length < 24 || (flags && flags.length < 8)) {
    fault(context, { state: "truncated", error: `Part ${part}: the header is cut`, offset });
    return null;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return {
    offset,
    payloadStart: cursor.position,
    payloadSize: view.getBigUint64(8),
    paddingSize: view.getBigUint64(16),
    encrypted: flags !== null && (flags[0]! & FLAG_ENCRYPTED) !== 0,
  };
}

interface PartReading {
  cursor: ByteCursor;
  context: ReadingContext;
  decoder: TeleportDecoder;
  header: PartHeader;
}

// Hands out the events of one part; faults go into the context.
async function* readPart(reading: PartReading): AsyncGenerator<EventColumns> {
  const { cursor, context, header } = reading;
  const { payloadSize, payloadStart, encrypted } = header;
  if (payloadSize === 0n) return;
  cursor.end = payloadStart + Number(payloadSize);
  if (encrypted) {
    fault(context, {
      state: "encrypted",
      error: `Part ${context.outcome.parts} is encrypted`,
      offset: header.offset,
    });
    return;
  }
  const { limits } = context;
  const before = context.inflatedBytes;
  do {
    const left = Math.min(
      limits.maxPartBytes - (context.inflatedBytes - before),
      limits.maxInflatedBytes - context.inflatedBytes,
    );
    if (left <= 0) return tooLarge(reading);
    const sound = yield* readMember(reading, left);
    if (!sound) return;
    // Teleport reads one member a part and loses what follows; a second one is no padding.
  } while (isGzip(await cursor.peek(3)));
  const dangling = await cursor.peek(64);
  if (dangling.some((byte) => byte !== 0)) skip(context, "bytes behind a part's data");
}

async function* readMember(
  reading: PartReading,
  maxOutputBytes: number,
): AsyncGenerator<EventColumns, boolean> {
  const { cursor, context, decoder } = reading;
  const { limits } = context;
  const { maxReplayBytes } = limits;
  const member = inflateGzipMember(cursor, { maxOutputBytes, maxReplayBytes });
  const leastAfter = context.inflatedBytes + MEMBER_BYTES;
  const sink = context.tap?.record ? new TappedDecoder(decoder, context.tap) : decoder;
  const splitter = new RecordSplitter(sink, limits);
  try {
    for (;;) {
      const step = await member.next();
      if (step.done) return memberEnded(reading, step.value, splitter);
      const chunk = step.value;
      context.inflatedBytes += chunk.length;
      for (let at = 0; at < chunk.length;) {
        at = splitter.split(chunk, at);
        decoder.settle();
        if (decoder.batch.length > 0) yield decoder.batch;
        decoder.batch.length = 0;
        if (context.eventCount > limits.maxEvents) {
          partFault(reading, "failed", `more than ${limits.maxEvents} events`);
          return false;
        }
      }
      if (splitter.bad) {
        const { record, length } = splitter.bad;
        partFault(reading, "failed", `record ${record + 1} claims ${length} bytes`);
        return false;
      }
    }
  } finally {
    context.inflatedBytes = Math.max(context.inflatedBytes, leastAfter);
    await member.return({ state: "cut" });
  }
}

/** Shows a tap the records that become events. */
class TappedDecoder implements RecordSink {
  readonly #decoder: TeleportDecoder;
  readonly #tap: RecordingTap;
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(decoder: TeleportDecoder, tap: RecordingTap) {
    this.#decoder = decoder;
    this.#tap = tap;
  }

  get full(): boolean {
    return this.#decoder.full;
  }

  begin(bytes: Uint8Array, view: DataView): void {
    this.#bytes = bytes;
    this.#decoder.begin(bytes, view);
  }

  record(start: number, end: number): void {
    const before = this.#decoder.batch.length;
    this.#decoder.record(start, end);
    if (this.#decoder.batch.length > before) this.#tap.record?.(this.#bytes.subarray(start, end));
  }
}

function memberEnded(reading: PartReading, end: InflateEnd, splitter: RecordSplitter): boolean {
  const { cursor } = reading;
  if (end.state === "whole") {
    if (!splitter.midRecord) return true;
    partFault(reading, "truncated", `record ${splitter.records + 1} is cut`);
    return false;
  }
  if (end.state === "too-large") tooLarge(reading);
  else if (end.state === "corrupt") {
    partFault(reading, "failed", end.reason);
  } else if (cursor.exhausted) {
    const has = cursor.position - reading.header.payloadStart;
    const claims = reading.header.payloadSize;
    partFault(reading, "truncated", `claims ${claims} bytes, the file has ${has}`);
  } else partFault(reading, "truncated", "its compressed data is cut");
  return false;
}

function tooLarge(reading: PartReading): void {
  const { maxPartBytes, maxInflatedBytes } = reading.context.limits;
  const limit = Math.min(maxPartBytes, maxInflatedBytes);
  partFault(reading, "failed", `inflates to more than the limit of ${limit} bytes`);
}

function partFault(
  { context, header }: PartReading,
  state: "failed" | "truncated",
  what: string,
): void {
  const error = `Part ${context.outcome.parts}: ${what}`;
  fault(context, { state, error, offset: header.offset });
}

// Passes over what is left of the part and its padding; false where the file ends before.
async function leavePart(
  cursor: ByteCursor,
  context: ReadingContext,
  header: PartHeader,
): Promise<boolean> {
  cursor.end = Infinity;
  const { payloadStart, payloadSize, paddingSize } = header;
  const next = BigInt(payloadStart) + payloadSize + paddingSize;
  const missing = next - BigInt(cursor.position);
  const passed = BigInt(await cursor.skip(Number(missing)));
  if (passed >= missing) return true;
  const already = context.outcome.error !== null && context.outcome.errorOffset === header.offset;
  if (!already || context.outcome.state === "encrypted") {
    const error = `Part ${context.outcome.parts}: ends ${missing - passed} bytes too early`;
    if (!already) fault(context, { state: "truncated", error, offset: header.offset });
    else skip(context, "later fault: truncated");
  }
  return false;
}
