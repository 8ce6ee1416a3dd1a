const TIME_FIELD = 0x2a; // Metadata.Time
const INDEX_FIELD = 0x08; // Metadata.Index
const DATA_FIELD = 0x1a; // SessionPrint.Data
const DELAY_FIELD = 0x28; // SessionPrint.DelayMilliseconds
const METADATA_FIELD = 0x0a;

/**
 * Walks the one message that recordings are made of, a print, in the form in which Teleport writes
 * it. What it finds stays in its fields until the next walk. It declines, for {@link WireWalker} to
 * look again, whatever is not so plain: tags of more than one byte, groups, metadata or a time that
 * comes twice, integers of more than 35 bits.
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
    let index = 0;
    let seconds = 0;
    let nanos = 0;
    let delay = 0;
    let dataStart = -1;
    let dataEnd = -1;
    let timeEnd = -1;
    let metadataEnd = -1;
    let stop = end;
    let at = start;
    for (;;) {
      if (at === stop) {
        // the end of the message, or of the metadata within
        if (stop === end) break;
        stop = end;
        continue;
      }
      const tag = bytes[at++]!;
      if (tag >= 128 || tag < 8) return false;
      const wire = tag & 7;
      if (wire !== 0 && wire !== 2) return false;
      // a varint of up to five bytes: a value, or a length
      let byte = at < stop ? bytes[at++]! : 255;
      let value = byte & 127;
      if (byte >= 128) {
        if (at >= stop) return false;
        byte = bytes[at++]!;
        value |= (byte & 127) << 7;
        if (byte >= 128) {
          if (at >= stop) return false;
          byte = bytes[at++]!;
          value |= (byte & 127) << 14;
          if (byte >= 128) {
            if (at >= stop) return false;
            byte = bytes[at++]!;
            value |= (byte & 127) << 21;
            if (byte >= 128) {
              if (at >= stop) return false;
              byte = bytes[at++]!;
              if (byte >= 128) return false;
              value += byte * 268435456;
            }
          }
        }
      }
      const inMetadata = stop !== end;
      if (wire === 0) {
        if (inMetadata) {
          if (tag === INDEX_FIELD) index = value;
        } else if (tag === DELAY_FIELD) delay = value;
        continue;
      }
      if (value > stop - at) return false;
      const until = at + value;
      if (!inMetadata && tag === METADATA_FIELD) {
        if (metadataEnd >= 0 || until === end) return false;
        metadataEnd = stop = until;
        continue;
      }
      if (inMetadata && tag === TIME_FIELD) {
        // { seconds: five bytes, nanos: up to five bytes }, the only form there is from 1978 on
        if (timeEnd >= 0 || value < 6 || bytes[at] !== 0x08) return false;
        timeEnd = until;
        const top = bytes[at + 5]!;
        if (top >= 128) return false;
        const b1 = bytes[at + 1]!;
        const b2 = bytes[at + 2]!;
        const b3 = bytes[at + 3]!;
        const b4 = bytes[at + 4]!;
        if ((b1 & b2 & b3 & b4) < 128) return false;
        seconds = ((b1 & 127) | ((b2 & 127) << 7) | ((b3 & 127) << 14) | ((b4 & 127) << 21)) +
          top * 268435456;
        at += 6;
        if (at < until) {
          if (bytes[at++] !== 0x10) return false;
          let shift = 0;
          for (;;) {
            if (at >= until || shift > 21) return false;
            byte = bytes[at++]!;
            nanos |= (byte & 127) << shift;
            if (byte < 128) break;
            shift += 7;
            if (shift === 28) {
              // nanoseconds take no more than 30 bits
              if (at >= until) return false;
              byte = bytes[at++]!;
              if (byte > 3) return false;
              nanos |= byte << 28;
              break;
            }
          }
          if (at !== until) return false;
        }
        continue;
      }
      if (!inMetadata && tag === DATA_FIELD) {
        dataStart = at;
        dataEnd = until;
      }
      at = until;
    }
    this.index = index;
    this.hasTime = timeEnd >= 0;
    this.seconds = seconds;
    this.nanos = nanos;
    this.delay = delay;
    this.dataStart = dataStart;
    this.dataEnd = dataEnd;
    return true;
  }
}
