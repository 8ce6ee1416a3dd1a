import { type Duplicates, endFingerprint, LEAST_PRINT_BYTES, mixed } from "./duplicates.ts";
import type { ColumnsOfEvents } from "./event_columns.ts";
import type { RecordingClock } from "./recording_clock.ts";

const PRINT = 0x3a; // OneOf.SessionPrint
const METADATA = 0x0a; // SessionPrint.Metadata
const INDEX = 0x08; // Metadata.Index
const TIME = 0x2a; // Metadata.Time
const SECONDS = 0x08; // Timestamp.seconds
const NANOS = 0x10; // Timestamp.nanos
const CHUNK_INDEX = 0x10; // SessionPrint.ChunkIndex
const DATA = 0x1a; // SessionPrint.Data
const BYTES = 0x20; // SessionPrint.Bytes
const DELAY = 0x28; // SessionPrint.DelayMilliseconds
const OFFSET = 0x30; // SessionPrint.Offset

/** The four bytes of a length before each record. */
const LENGTH_BYTES = 4;
const LONGEST_VARINT = 10;

/**
 * Takes prints that follow each other, each in the very form in which Teleport writes it and later
 * than the one before, straight from the bytes into columns: nearly all records of a session, at
 * two thirds of what it costs to take them one by one. At the first record that differs in
 * anything it stops, and whoever called it takes that one by itself.
 */
export class PrintRun {
  /** Records taken by the last `take()`. */
  records = 0;
  /** Where the last of them ended. */
  end = 0;
  /** Bytes that they printed. */
  printBytes = 0;

  readonly #batch: ColumnsOfEvents;
  readonly #clock: RecordingClock;
  readonly #duplicates: Duplicates;
  readonly #maxRecordBytes: number;
  // The seconds that came last, as they are written and as a number.
  #word = 0;
  #byte = -1;
  #seconds = 0;

  constructor(
    { batch, clock, duplicates }: {
      batch: ColumnsOfEvents;
      clock: RecordingClock;
      duplicates: Duplicates;
    },
    { maxRecordBytes }: { maxRecordBytes: number },
  ) {
    this.#batch = batch;
    this.#clock = clock;
    this.#duplicates = duplicates;
    this.#maxRecordBytes = maxRecordBytes;
  }

  /** Takes none. */
  none(from: number): void {
    this.records = this.printBytes = 0;
    this.end = from;
  }

  /**
   * Takes records from `from` on of `bytes`, of which `view` is a view, until the batch is full.
   * One long body: what it has in hand stays in registers from record to record.
   */
  take(bytes: Uint8Array, view: DataView, from: number): void {
    const batch = this.#batch;
    const { atMs, starts, ends } = batch;
    const rows = atMs.length;
    const clock = this.#clock;
    const { originMs, shiftMs, latestMs } = clock;
    const origin = originMs ?? 0;
    let lastMs = clock.atMs;
    const duplicates = this.#duplicates;
    const most = Math.ceil((bytes.length - from) / (LENGTH_BYTES + LEAST_PRINT_BYTES));
    duplicates.makeRoom(Math.min(rows - batch.length, most));
    const { indexes, prints, mask } = duplicates;
    let { count, last } = duplicates;
    const maxRecordBytes = this.#maxRecordBytes;
    const size = bytes.length;
    let word = this.#word;
    let byte5 = this.#byte;
    let seconds = this.#seconds;
    let row = batch.length;
    let printBytes = 0;
    let done = from;
    while (row < rows && done + LENGTH_BYTES + LEAST_PRINT_BYTES <= size) {
      const length = view.getUint32(done);
      const start = done + LENGTH_BYTES;
      const end = start + length;
      if (length < LEAST_PRINT_BYTES || length > maxRecordBytes || end > size) break;
      let at = start + 1;
      let byte = bytes[at++]!;
      let value = byte & 127;
      if (byte >= 128) {
        byte = bytes[at++]!;
        value |= (byte & 127) << 7;
        if (byte >= 128) {
          byte = bytes[at++]!;
          value |= byte << 14;
        }
      }
      if (bytes[start] !== PRINT || byte >= 128 || at + value !== end) break;
      // the metadata: index, then perhaps names, then the time
      const metadataEnd = at + 2 + bytes[at + 1]!;
      if (bytes[at] !== METADATA || bytes[at + 1]! >= 128 || metadataEnd >= end) break;
      if (bytes[at + 2] !== INDEX) break;
      at += 3;
      byte = bytes[at++]!;
      let index = byte & 127;
      if (byte >= 128) {
        byte = bytes[at++]!;
        index |= (byte & 127) << 7;
        if (byte >= 128) {
          byte = bytes[at++]!;
          index |= (byte & 127) << 14;
          if (byte >= 128) {
            byte = bytes[at++]!;
            index |= byte << 21;
          }
        }
      }
      if (byte >= 128) break;
      let tag = bytes[at]!;
      while ((tag === 0x12 || tag === 0x1a || tag === 0x22) && bytes[at + 1]! < 128) {
        at += 2 + bytes[at + 1]!;
        tag = bytes[at]!;
      }
      const timeSize = bytes[at + 1]!;
      if (tag !== TIME || at + 2 + timeSize !== metadataEnd) break;
      if (timeSize < 6 || timeSize > 12 || bytes[at + 2] !== SECONDS) break;
      const newWord = view.getInt32(at + 3, true);
      const newByte = bytes[at + 7]!;
      if (newWord !== word || newByte !== byte5) {
        if ((newWord & 0x80808080) !== (0x80808080 | 0) || newByte >= 128) break;
        word = newWord;
        byte5 = newByte;
        seconds = sevens(newWord) + newByte * 268435456;
      }
      at += 8;
      let nanos = 0;
      if (at < metadataEnd) {
        if (bytes[at++] !== NANOS) break;
        const left = metadataEnd - at;
        if (left === 4 || left === 5) {
          // of a fifth byte only two bits count: what has more the walker declines too
          const word = view.getInt32(at, true);
          const fifth = bytes[at + 4]! * (word >>> 31);
          if ((word & 0x808080) !== 0x808080 || word >>> 31 !== left - 4 || fifth > 3) break;
          nanos = sevens(word) | fifth << 28;
          at = metadataEnd;
        } else {
          byte = bytes[at++]!;
          nanos = byte & 127;
          for (let shift = 7; byte >= 128 && shift < 21; shift += 7) {
            byte = bytes[at++]!;
            nanos |= (byte & 127) << shift;
          }
        }
        if (byte >= 128 || at !== metadataEnd || nanos > 999_999_999) break;
      }
      const own = seconds * 1000 + nanos / 1e6 - origin + shiftMs;
      if (own < lastMs || own > latestMs) break;
      // the print itself
      if (bytes[at] === CHUNK_INDEX) {
        const least = ++at;
        while (bytes[at++]! >= 128);
        if (at - least > LONGEST_VARINT) break;
      }
      if (bytes[at++] !== DATA) break;
      byte = bytes[at++]!;
      value = byte & 127;
      if (byte >= 128) {
        byte = bytes[at++]!;
        value |= (byte & 127) << 7;
        if (byte >= 128) {
          byte = bytes[at++]!;
          value |= byte << 14;
        }
      }
      if (byte >= 128) break;
      const dataStart = at;
      const dataEnd = at + value;
      at = dataEnd;
      if (at > end) break;
      if (at < end && bytes[at] === BYTES) {
        const least = ++at;
        while (bytes[at++]! >= 128);
        if (at - least > LONGEST_VARINT) break;
      }
      let delay = 0;
      if (at < end && bytes[at] === DELAY) {
        at += 1;
        byte = bytes[at++]!;
        delay = byte & 127;
        if (byte >= 128) {
          byte = bytes[at++]!;
          delay |= (byte & 127) << 7;
          if (byte >= 128) {
            byte = bytes[at++]!;
            delay |= (byte & 127) << 14;
            if (byte >= 128) {
              byte = bytes[at++]!;
              delay |= byte << 21;
            }
          }
        }
        if (byte >= 128) break;
      }
      if (at < end && bytes[at] === OFFSET) {
        const least = ++at;
        while (bytes[at++]! >= 128);
        if (at - least > LONGEST_VARINT) break;
      }
      if (at !== end) break;
      if (index <= last) break;
      const said = mixed(length, seconds, nanos ^ delay << 7);
      const slot = count++ & mask;
      indexes[slot] = last = index;
      prints[slot] = endFingerprint(view, end, said);
      atMs[row] = lastMs = own;
      starts[row] = dataStart;
      ends[row] = dataEnd;
      row += 1;
      printBytes += value;
      done = end;
    }
    this.#word = word;
    this.#byte = byte5;
    this.#seconds = seconds;
    this.records = row - batch.length;
    this.printBytes = printBytes;
    this.end = done;
    batch.length = row;
    clock.atMs = lastMs;
    duplicates.count = count;
    duplicates.last = last;
  }
}

/** Seven bits of each byte of a word, the first byte lowest: four bytes of a varint. */
function sevens(word: number): number {
  return (word & 127) | (word >> 1 & 127 << 7) | (word >> 2 & 127 << 14) | (word >> 3 & 127 << 21);
}
