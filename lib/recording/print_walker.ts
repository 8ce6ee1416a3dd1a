const METADATA = 0x0a; // SessionPrint.Metadata
const INDEX = 0x08; // Metadata.Index
const TIME = 0x2a; // Metadata.Time
const SECONDS = 0x08; // Timestamp.seconds
const NANOS = 0x10; // Timestamp.nanos
const DATA = 0x1a; // SessionPrint.Data
const DELAY = 0x28; // SessionPrint.DelayMilliseconds

/**
 * Walks the one message that recordings are made of, a print, in the form in which Teleport writes
 * it: metadata first and short, one time in it, integers of few bytes. What it finds stays in its
 * fields until the next walk. Whatever is not so plain it declines, for {@link WireWalker} to look
 * again.
 */
export class PrintWalker {
  index = 0;
  hasTime = false;
  seconds = 0;
  nanos = 0;
  delay = 0;
  /** Where the data lies; -1 where it is absent. */
  dataStart = -1;
  dataEnd = -1;

  /** Walks the message from `start` to `end`, which lie within `bytes`; false: declined. */
  walk(bytes: Uint8Array, start: number, end: number): boolean {
    const size = bytes[start + 1]!;
    const metadataEnd = start + 2 + size;
    if (bytes[start] !== METADATA || size >= 128 || metadataEnd >= end) return false;
    // Whatever is read beyond an end is noticed behind it: `at` is not where it should be.
    this.index = this.seconds = this.nanos = 0;
    this.hasTime = false;
    let at = start + 2;
    while (at < metadataEnd) {
      const tag = bytes[at++]!;
      let byte = bytes[at++]!;
      if (tag === INDEX) {
        let value = byte & 127;
        for (let shift = 7; byte >= 128; shift += 7) {
          if (shift > 21) return false;
          byte = bytes[at++]!;
          value |= (byte & 127) << shift;
        }
        this.index = value;
      } else if (tag === TIME && byte < 128) {
        if (this.hasTime || !this.#time(bytes, at, at + byte)) return false;
        at += byte;
      } else if ((tag & 7) === 2 && byte < 128 && tag >= 8 && tag < 128) at += byte;
      else return false;
    }
    return at === metadataEnd && this.#fields(bytes, at, end);
  }

  // { seconds in five bytes, nanos in up to five }: there is no other form from 1978 on.
  #time(bytes: Uint8Array, start: number, end: number): boolean {
    const b1 = bytes[start + 1]!;
    const b2 = bytes[start + 2]!;
    const b3 = bytes[start + 3]!;
    const b4 = bytes[start + 4]!;
    const b5 = bytes[start + 5]!;
    if (bytes[start] !== SECONDS || (b1 & b2 & b3 & b4) < 128 || b5 >= 128) return false;
    this.seconds = ((b1 & 127) | ((b2 & 127) << 7) | ((b3 & 127) << 14) | ((b4 & 127) << 21)) +
      b5 * 268435456;
    this.hasTime = true;
    let at = start + 6;
    if (at === end) return true;
    if (bytes[at++] !== NANOS) return false;
    let byte = bytes[at++]!;
    let value = byte & 127;
    for (let shift = 7; byte >= 128; shift += 7) {
      byte = bytes[at++]!;
      // nanoseconds take no more than 30 bits
      if (shift === 28 && byte > 3) return false;
      value |= (byte & 127) << shift;
    }
    this.nanos = value;
    return at === end;
  }

  // What follows the metadata: one-byte tags of integers and of the data.
  #fields(bytes: Uint8Array, start: number, end: number): boolean {
    let delay = 0;
    let dataStart = -1;
    let dataEnd = -1;
    let at = start;
    while (at < end) {
      const tag = bytes[at++]!;
      if (tag === DATA || tag === DELAY) {
        let byte = bytes[at++]!;
        let value = byte & 127;
        for (let shift = 7; byte >= 128; shift += 7) {
          if (shift > 21) return false;
          byte = bytes[at++]!;
          value |= (byte & 127) << shift;
        }
        if (tag === DELAY) delay = value;
        else {
          dataStart = at;
          at = dataEnd = at + value;
        }
      } else if ((tag & 7) === 0 && tag >= 8 && tag < 128) {
        const from = at;
        while (bytes[at++]! >= 128);
        if (at - from > 10) return false;
      } else return false;
    }
    if (at !== end) return false;
    this.delay = delay;
    this.dataStart = dataStart;
    this.dataEnd = dataEnd;
    return true;
  }
}
