import { createZstdDecompress, zstdCompressSync } from "node:zlib";
import type { ByteCursor } from "./byte_cursor.ts";
import type { InflateEnd, InflateLimits } from "./inflate.ts";
import { chunkBytes, DAMAGED, runEngine } from "./zlib_engine.ts";

/** The magic of a zstd frame. */
export function isZstd(bytes: Uint8Array): boolean {
  return bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd;
}

/**
 * The engine does not say whether its input ended with a frame. So a frame of eight known bytes is
 * put behind the last piece: they come out as they are only if it did.
 */
const MARKER = new Uint8Array([83, 72, 69, 76, 76, 83, 67, 80]);

/** Inflates the zstd frames of a file. A frame that is damaged is lost from its block on. */
export async function* inflateZstd(
  cursor: ByteCursor,
  limits: InflateLimits,
): AsyncGenerator<Uint8Array, InflateEnd> {
  let delivered = 0;
  do {
    let last: Uint8Array = new Uint8Array(0);
    let fed = 0;
    let used = 0;
    let marking = false;
    const marked: number[] = [];
    const input = async (): Promise<Uint8Array | null> => {
      const piece = await cursor.next();
      if (piece !== null) {
        fed += piece.length;
        return last = piece;
      }
      if (marking) return null;
      marking = true;
      return zstdCompressSync(MARKER);
    };
    const chunkSize = chunkBytes(cursor.end - cursor.position);
    const run = runEngine(createZstdDecompress({ chunkSize }), input);
    try {
      for (;;) {
        const step = await run.next();
        if (step.done) {
          if (step.value.failed && !marking) return { state: "corrupt", reason: DAMAGED };
          if (!marking) {
            used = step.value.used;
            break;
          }
          const whole = MARKER.length === marked.length && MARKER.every((b, i) => b === marked[i]);
          return { state: whole ? "whole" : "cut" };
        }
        if (marking) {
          if (marked.length <= MARKER.length) marked.push(...step.value.subarray(0, 16));
          continue;
        }
        const room = limits.maxOutputBytes - delivered;
        delivered += step.value.length;
        if (step.value.length > room) return { state: "too-large" };
        yield step.value;
      }
      cursor.unread(last.subarray(last.length - (fed - used)));
    } finally {
      await run.return({ used: 0, ended: false, failed: false, accepted: 0 });
    }
  } while (isZstd(await cursor.peek(4)));
  return { state: "whole" };
}
