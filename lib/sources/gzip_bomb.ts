import { createReadStream } from "node:fs";
import { constants, createGunzip, gunzipSync } from "node:zlib";

/** Why a file is not read on. */
export const BOMB = "file inflates to more than 100 times its size";

/**
 * Logs shrink to a tenth by gzip, those of one entry again and again to a fortieth: each has an id
 * and a time of its own, which don't shrink. Zlib's most is a thousandth.
 */
const MAX_RATIO = 100;
/** So much may come out of any file. */
export const FREE_BYTES = 64 * 1024 * 1024;

/** What comes out of so many bytes of any log, at the most. */
export function mostBytes(packed: number): number {
  return Math.max(FREE_BYTES, MAX_RATIO * packed);
}

/** Whether more has come out of so many bytes of gzip than of any log. */
export function isBomb({ packed, inflated }: { packed: number; inflated: number }): boolean {
  return inflated > mostBytes(packed);
}

/** A smaller file can't inflate to much: 66 MB at the most. */
const MIN_PACKED = 64 * 1024;
const SAMPLE_BYTES = 16 * 1024;

/**
 * Whether a file of gzip begins as a bomb does, by its first bytes: one that begins otherwise is no
 * worse than a plain file of its length. Throws where it can't be read.
 */
export async function beginsAsBomb(
  { path, bytes }: { path: string; bytes: number },
): Promise<boolean> {
  if (bytes < MIN_PACKED) return false;
  using file = await Deno.open(path);
  const sample = new Uint8Array(SAMPLE_BYTES);
  const head = sample.subarray(0, await file.read(sample) ?? 0);
  try {
    gunzipSync(head, {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: MAX_RATIO * head.length,
    });
    return false;
  } catch (error) {
    return (error as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE";
  }
}

/**
 * Whether a file of gzip is a bomb, inflated until it is seen; it costs a tenth of what DuckDB takes
 * to read it. A file that is not named as gzip, is cut or damaged, or can't be read is none.
 */
export async function isBombFile(path: string): Promise<boolean> {
  if (!path.endsWith(".gz")) return false;
  const source = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const gunzip = createGunzip({ chunkSize: 4 * CHUNK_BYTES });
  source.on("error", (error) => gunzip.destroy(error));
  let inflated = 0;
  try {
    for await (const chunk of source.pipe(gunzip)) {
      inflated += chunk.length;
      if (isBomb({ packed: source.bytesRead, inflated })) return true;
    }
  } catch {
    // DuckDB tells what is wrong with it
  } finally {
    source.destroy();
    gunzip.destroy();
  }
  return false;
}

const CHUNK_BYTES = 64 * 1024;
