import { Buffer } from "node:buffer";
import type { createInflateRaw, createZstdDecompress } from "node:zlib";

/** Why a member or frame that its engine refused did not inflate. */
export const DAMAGED = "damaged compressed data";

/** Output comes in chunks of this size: smaller ones cost time, larger ones leave the caches. */
const CHUNK_BYTES = 512 * 1024;
const SMALLEST_CHUNK_BYTES = 16 * 1024;
/** Text that was packed, against what it packs to. */
const USUAL_RATIO = 8;

/**
 * The size of an engine's chunks of output, by the bytes that it is to unpack; Infinity where
 * nobody knows. It takes memory for a chunk at once, which is too much for a small part.
 */
export function chunkBytes(packedBytes: number): number {
  return Math.max(SMALLEST_CHUNK_BYTES, Math.min(CHUNK_BYTES, packedBytes * USUAL_RATIO));
}

type Engine = ReturnType<typeof createInflateRaw> | ReturnType<typeof createZstdDecompress>;

/** How a run of an engine ended. */
interface EngineEnd {
  /** Bytes of input that belong to the compressed data. */
  used: number;
  /** Whether the compressed data came to its own end. */
  ended: boolean;
  failed: boolean;
  /** Pieces of input taken without complaint. */
  accepted: number;
}

/** Drives a zlib stream: one piece of input at a time, its output before the next. */
export async function* runEngine(
  engine: Engine,
  input: () => Promise<Uint8Array | null>,
): AsyncGenerator<Uint8Array, EngineEnd> {
  let failed = false;
  let over = false;
  let writing = false;
  let finishing = false;
  let accepted = 0;
  let fed = 0;
  let wake = () => {};
  const notice = () => wake();
  engine.on("readable", notice);
  engine.on("end", () => (over = true, wake()));
  engine.on("error", () => (failed = true, wake()));
  // Input that the engine leaves alone lies behind the end of the compressed data.
  const ended = () => !writing && engine.bytesWritten < fed;
  try {
    while (!failed && !over) {
      const output: Uint8Array | null = engine.read();
      if (output) {
        // As a plain array: `subarray` of a Buffer makes Buffers, which costs ten times as much.
        yield new Uint8Array(output.buffer, output.byteOffset, output.length);
        continue;
      }
      if (ended()) break;
      const waiting = new Promise<void>((resolve) => wake = resolve);
      if (!writing && !finishing) {
        const piece = await input();
        if (failed || over) break;
        if (piece === null) {
          finishing = true;
          engine.end();
        } else {
          writing = true;
          fed += piece.length;
          engine.write(Buffer.from(piece.buffer, piece.byteOffset, piece.length), (error) => {
            writing = false;
            if (!error) accepted += 1;
            wake();
          });
        }
      }
      await waiting;
    }
    return { used: Math.min(fed, engine.bytesWritten), ended: ended(), failed, accepted };
  } finally {
    engine.destroy();
  }
}
