/** Wire types of protobuf. */
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** Which fields of a message beside its `Metadata` (field 1) the walker is to look for. */
export interface WalkPlan {
  /** Number of a length-delimited field whose place is wanted; 0 for none. */
  data: number;
  /** Number of an int64 field whose value is wanted; 0 for none. */
  delay: number;
}

/** A plan that looks for nothing but the metadata, which is field 1 of every event. */
export const METADATA_ONLY: WalkPlan = { data: 0, delay: 0 };

/**
 * Walks the wire form of one event without building objects: the hot path of the decoder. What it
 * finds stays in its fields until the next walk. It does what a protobuf decoder does: the last
 * value of a field counts, embedded messages that come twice are merged, unknown fields and known
 * ones of the wrong wire type are passed over. Groups and anything else unusual make it give up,
 * and the caller asks protobufjs.
 */
export class WireWalker {
  /** `Metadata.Index`; a number beyond 2^53 is not exact. */
  index = 0;
  /** `Metadata.Time`; `hasTime` says whether the field was there. */
  hasTime = false;
  seconds = 0;
  nanos = 0;
  delay = 0;
  /** Where the planned bytes field lies; -1 where it is absent. */
  dataStart = -1;
  dataEnd = -1;

  /** The member of the union found by `outer`. */
  member = 0;
  memberStart = 0;
  memberEnd = 0;

  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #low = 0;
  #high = 0;

  /**
   * Reads the outer tag of a union between `start` and `end`: the last member that `known` knows
   * counts, else the last one. False where the bytes are no protobuf, hold no member, or hold the
   * same member twice, which would have to be merged.
   */
  outer(
    bytes: Uint8Array,
    range: { start: number; end: number },
    known: (member: number) => boolean,
  ): boolean {
    this.#bytes = bytes;
    this.#at = range.start;
    this.member = 0;
    let isKnown = false;
    while (this.#at < range.end) {
      if (!this.#varint(range.end) || this.#high !== 0) return false;
      const wire = this.#low & 7;
      const field = this.#low >>> 3;
      if (field === 0) return false;
      if (wire !== BYTES) {
        if (!this.#skip(wire, range.end)) return false;
        continue;
      }
      const size = this.#size(range.end);
      if (size < 0) return false;
      if (field === this.member) return false;
      const fieldKnown = known(field);
      if (fieldKnown || !isKnown) {
        this.member = field;
        this.memberStart = this.#at;
        this.memberEnd = this.#at + size;
        isKnown = fieldKnown;
      }
      this.#at += size;
    }
    return this.member !== 0;
  }

  /** Walks one event message; false where protobufjs has to be asked. */
  walk(bytes: Uint8Array, range: { start: number; end: number }, plan: WalkPlan): boolean {
    this.#bytes = bytes;
    this.index =
      this.seconds =
      this.nanos =
      this.delay =
        0;
    this.hasTime = false;
    this.dataStart = this.dataEnd = -1;
    return this.#message(range.start, range.end, plan);
  }

  #message(start: number, end: number, plan: WalkPlan): boolean {
    this.#at = start;
    while (this.#at < end) {
      if (!this.#varint(end) || this.#high !== 0) return false;
      const wire = this.#low & 7;
      const field = this.#low >>> 3;
      if (field === 0) return false;
      if (wire === BYTES) {
        const size = this.#size(end);
        if (size < 0) return false;
        const from = this.#at;
        if (field === 1 && !this.#metadata(from, from + size)) return false;
        if (field === plan.data) {
          this.dataStart = from;
          this.dataEnd = from + size;
        }
        this.#at = from + size;
      } else if (wire === VARINT) {
        if (!this.#varint(end)) return false;
        if (field === plan.delay) this.delay = this.#signed();
      } else if (!this.#skip(wire, end)) return false;
    }
    return true;
  }

  #metadata(start: number, end: number): boolean {
    this.#at = start;
    while (this.#at < end) {
      if (!this.#varint(end) || this.#high !== 0) return false;
      const wire = this.#low & 7;
      const field = this.#low >>> 3;
      if (field === 0) return false;
      if (wire === BYTES) {
        const size = this.#size(end);
        if (size < 0) return false;
        const from = this.#at;
        if (field === 5 && !this.#timestamp(from, from + size)) return false;
        this.#at = from + size;
      } else if (wire === VARINT) {
        if (!this.#varint(end)) return false;
        if (field === 1) this.index = this.#signed();
      } else if (!this.#skip(wire, end)) return false;
    }
    return true;
  }

  #timestamp(start: number, end: number): boolean {
    this.#at = start;
    this.hasTime = true;
    while (this.#at < end) {
      if (!this.#varint(end) || this.#high !== 0) return false;
      const wire = this.#low & 7;
      const field = this.#low >>> 3;
      if (field === 0) return false;
      if (wire !== VARINT) {
        if (!this.#skip(wire, end)) return false;
        continue;
      }
      if (!this.#varint(end)) return false;
      if (field === 1) this.seconds = this.#signed();
      else if (field === 2) this.nanos = this.#low | 0;
    }
    return true;
  }

  // A varint of at most ten bytes as two halves of 32 bits.
  #varint(end: number): boolean {
    const bytes = this.#bytes;
    let at = this.#at;
    if (at >= end) return false;
    let byte = bytes[at++]!;
    if (byte < 128) {
      this.#low = byte;
      this.#high = 0;
      this.#at = at;
      return true;
    }
    let low = byte & 127;
    for (let shift = 7; shift < 28; shift += 7) {
      if (at >= end) return false;
      byte = bytes[at++]!;
      low |= (byte & 127) << shift;
      if (byte < 128) {
        this.#low = low;
        this.#high = 0;
        this.#at = at;
        return true;
      }
    }
    if (at >= end) return false;
    byte = bytes[at++]!;
    low |= (byte & 15) << 28;
    let high = (byte & 127) >> 4;
    for (let shift = 3; byte >= 128; shift += 7) {
      if (at >= end || shift > 31) return false;
      byte = bytes[at++]!;
      high |= (byte & 127) << shift;
    }
    this.#low = low >>> 0;
    this.#high = high >>> 0;
    this.#at = at;
    return true;
  }

  #signed(): number {
    const high = this.#high;
    if (high === 0) return this.#low >>> 0;
    return (high | 0) * 4294967296 + (this.#low >>> 0);
  }

  // The length of a length-delimited field, -1 where it does not fit.
  #size(end: number): number {
    if (!this.#varint(end) || this.#high !== 0) return -1;
    const size = this.#low >>> 0;
    return size <= end - this.#at ? size : -1;
  }

  #skip(wire: number, end: number): boolean {
    if (wire === VARINT) return this.#varint(end);
    if (wire === BYTES) {
      const size = this.#size(end);
      if (size < 0) return false;
      this.#at += size;
      return true;
    }
    if (wire !== FIXED64 && wire !== FIXED32) return false;
    this.#at += wire === FIXED64 ? 8 : 4;
    return this.#at <= end;
  }
}
