import { constants, crc32, createInflateRaw } from "node:zlib";
import type { ByteCursor } from "./byte_cursor.ts";
import { chunkBytes, DAMAGED, runEngine } from "./zlib_engine.ts";

/** How the inflating of one gzip member or zstd frame ended. */
export type InflateEnd =
  | { state: "whole" }
  /** The bytes ran out before the end of the compressed data or of its checksum. */
  | { state: "cut" }
  | { state: "corrupt"; reason: string }
  | { state: "too-large" };

/** Bounds of one member; see `RecordingLimits`. */
export interface InflateLimits {
  maxOutputBytes: number;
  maxReplayBytes: number;
}

/**
 * What a member counts for at least against the limits of what may come out: to begin one costs
 * time, and millions of empty ones fit into a small file.
 */
export const MEMBER_BYTES = 4096;

/** The first bytes of a gzip member with deflate, the only method there is. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

/**
 * Inflates exactly one gzip member and leaves the cursor behind it. Hands out all that decodes,
 * also of a member that is cut or damaged: the header is parsed here and the body goes through
 * raw inflate, since zlib's own gunzip joins members, minds what comes behind them and drops good
 * output when a checksum is wrong. Checksum and length are checked at the end.
 */
export async function* inflateGzipMember(
  cursor: ByteCursor,
  limits: InflateLimits,
): AsyncGenerator<Uint8Array, InflateEnd> {
  const header = await skipGzipHeader(cursor);
  if (header) return header;
  let crc = 0;
  let size = 0;
  const body = inflateBody(cursor, limits);
  try {
    for (;;) {
      const step = await body.next();
      if (step.done) {
        if (step.value.state !== "whole") return step.value;
        break;
      }
      crc = crc32(step.value, crc);
      size += step.value.length;
      yield step.value;
    }
  } finally {
    await body.return({ state: "cut" });
  }
  const tail = await cursor.read(8);
  if (tail.length < 8) return { state: "cut" };
  const view = new DataView(tail.buffer, tail.byteOffset);
  if (view.getUint32(0, true) !== crc >>> 0) return { state: "corrupt", reason: "wrong checksum" };
  if (view.getUint32(4, true) !== size % 2 ** 32) return { state: "corrupt", reason: "wrong size" };
  return { state: "whole" };
}

const FLAG_HEADER_CRC = 2;
const FLAG_EXTRA = 4;
const FLAG_NAME = 8;
const FLAG_COMMENT = 16;
const FLAGS_RESERVED = 0xe0;
const MAX_HEADER_TEXT = 65536;

async function skipGzipHeader(cursor: ByteCursor): Promise<InflateEnd | null> {
  const fixed = await cursor.read(10);
  const magic = [0x1f, 0x8b, 8];
  if (magic.some((byte, i) => i < fixed.length && fixed[i] !== byte)) {
    return { state: "corrupt", reason: "no gzip header" };
  }
  if (fixed.length < 10) return { state: "cut" };
  const flags = fixed[3]!;
  if (flags & FLAGS_RESERVED) return { state: "corrupt", reason: "unknown gzip flags" };
  if (flags & FLAG_EXTRA) {
    const size = await cursor.read(2);
    if (size.length < 2) return { state: "cut" };
    const extra = size[0]! + size[1]! * 256;
    if (await cursor.skip(extra) < extra) return { state: "cut" };
  }
  for (const flag of [FLAG_NAME, FLAG_COMMENT]) {
    const fault = flags & flag ? await skipZeroTerminated(cursor) : null;
    if (fault) return fault;
  }
  if (flags & FLAG_HEADER_CRC && await cursor.skip(2) < 2) return { state: "cut" };
  return null;
}

async function skipZeroTerminated(cursor: ByteCursor): Promise<InflateEnd | null> {
  for (let seen = 0; seen < MAX_HEADER_TEXT;) {
    const piece = await cursor.next(4096);
    if (piece === null) return { state: "cut" };
    const zero = piece.indexOf(0);
    if (zero >= 0) {
      cursor.unread(piece.subarray(zero + 1));
      return null;
    }
    seen += piece.length;
  }
  return { state: "corrupt", reason: "endless gzip header" };
}

async function* inflateBody(
  cursor: ByteCursor,
  limits: InflateLimits,
): AsyncGenerator<Uint8Array, InflateEnd> {
  const fed: Uint8Array[] = [];
  let fedBytes = 0;
  let replayable = true;
  const input = async (): Promise<Uint8Array | null> => {
    const piece = await cursor.next();
    if (piece === null) return null;
    fedBytes += piece.length;
    if (fedBytes > limits.maxReplayBytes) replayable = false;
    if (!replayable) fed.length = 0;
    fed.push(piece);
    return piece;
  };
  let delivered = 0;
  const run = runEngine(createEngine(cursor.end - cursor.position), input);
  try {
    for (;;) {
      const step = await run.next();
      if (step.done) {
        const { used, ended, failed } = step.value;
        if (failed) {
          const room = limits.maxOutputBytes - delivered;
          if (replayable) yield* atMost(room, replay(fed, delivered));
          return { state: "corrupt", reason: DAMAGED };
        }
        const last = fed.at(-1) ?? new Uint8Array(0);
        cursor.unread(last.subarray(last.length - (fedBytes - used)));
        return ended ? { state: "whole" } : { state: "cut" };
      }
      const room = limits.maxOutputBytes - delivered;
      delivered += step.value.length;
      if (step.value.length <= room) yield step.value;
      else {
        if (room > 0) yield step.value.subarray(0, room);
        return { state: "too-large" };
      }
    }
  } finally {
    await run.return({ used: 0, ended: false, failed: false, accepted: 0 });
  }
}

// When zlib meets damage it drops the output of the whole write it happened in. So the same input
// is fed again in small bites, and at last in single bytes, to get at what lies before the damage.
async function* replay(fed: readonly Uint8Array[], delivered: number): AsyncGenerator<Uint8Array> {
  let pieces = [...fed.slice(0, -1), ...bites(fed.at(-1)!, 512)];
  let skip = delivered;
  for (const bite of [1, 0]) {
    let next = 0;
    let seen = 0;
    const input = () => Promise.resolve(pieces[next++] ?? null);
    const run = runEngine(createEngine(Infinity), input);
    let accepted = 0;
    for (;;) {
      const step = await run.next();
      if (step.done) {
        accepted = step.value.accepted;
        break;
      }
      const fresh = step.value.subarray(Math.max(0, skip - seen));
      seen += step.value.length;
      if (fresh.length > 0) yield fresh;
    }
    skip = Math.max(skip, seen);
    if (bite === 0 || accepted >= pieces.length) return;
    pieces = [...pieces.slice(0, accepted), ...bites(pieces[accepted]!, bite)];
  }
}

async function* atMost(
  room: number,
  pieces: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let left = room;
  for await (const piece of pieces) {
    if (left > 0) yield piece.subarray(0, left);
    left -= piece.length;
    if (left <= 0) return;
  }
}

function* bites(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function createEngine(packedBytes: number): ReturnType<typeof createInflateRaw> {
  const chunkSize = chunkBytes(packedBytes);
  return createInflateRaw({ chunkSize, finishFlush: constants.Z_SYNC_FLUSH });
}
