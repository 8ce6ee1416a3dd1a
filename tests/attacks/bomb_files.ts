import { constants, crc32, deflateRawSync, zstdCompressSync } from "node:zlib";

/** What a bomb inflates to: the same again and again. */
export interface Bomb {
  head?: string;
  unit: string | Uint8Array;
  tail?: string;
  /** How it is packed: as gzip unless told, or as gzip that is one part of a recording. */
  as?: "gzip" | "zstd" | "part";
}

const BLOCK_BYTES = 8 << 20;
const PART_HEADER_BYTES = 24;

/** Writes a bomb of so many bytes without making them: one block of it is packed, and repeated. */
export function writeBomb(path: string, bomb: Bomb & { bytes: number }): void {
  using file = Deno.openSync(path, { write: true, createNew: true });
  if (bomb.as === "zstd") return writeZstd(file, bomb);
  if (bomb.as === "part") file.writeSync(new Uint8Array(PART_HEADER_BYTES));
  writeGzip(file, bomb);
  if (bomb.as !== "part") return;
  const header = new DataView(new ArrayBuffer(PART_HEADER_BYTES));
  header.setBigUint64(0, 1n);
  header.setBigUint64(8, BigInt(file.seekSync(0, Deno.SeekMode.Current) - PART_HEADER_BYTES));
  file.seekSync(0, Deno.SeekMode.Start);
  file.writeSync(new Uint8Array(header.buffer));
}

function writeGzip(
  file: Deno.FsFile,
  { head = "", unit, tail = "", bytes }: Bomb & { bytes: number },
) {
  let [crc, size] = [0, 0];
  const write = (plain: Uint8Array, packed: Uint8Array) => {
    file.writeSync(packed);
    crc = crc32(plain, crc);
    size += plain.length;
  };
  const [first, last] = [encoded(head), encoded(tail)];
  const block = blockOf(unit);
  const packed = deflateRawSync(block, OPEN);
  file.writeSync(Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff));
  write(first, deflateRawSync(first, OPEN));
  while (size < bytes) write(block, packed);
  write(last, deflateRawSync(last));
  const end = new DataView(new ArrayBuffer(8));
  end.setUint32(0, crc, true);
  end.setUint32(4, size % 2 ** 32, true);
  file.writeSync(new Uint8Array(end.buffer));
}

/** Ends at a byte, and goes on: such blocks may be put one behind the other. */
const OPEN = { level: 9, finishFlush: constants.Z_FULL_FLUSH };

function writeZstd(file: Deno.FsFile, { head = "", unit, bytes }: Bomb & { bytes: number }): void {
  const block = blockOf(unit);
  const packed = zstdCompressSync(block);
  file.writeSync(zstdCompressSync(encoded(head)));
  for (let size = 0; size < bytes; size += block.length) file.writeSync(packed);
}

function blockOf(unit: string | Uint8Array): Uint8Array {
  const one = typeof unit === "string" ? encoded(unit) : unit;
  const block = new Uint8Array(Math.ceil(BLOCK_BYTES / one.length) * one.length);
  for (let at = 0; at < block.length; at += one.length) block.set(one, at);
  return block;
}

function encoded(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
