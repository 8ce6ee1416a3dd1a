/** Takes one record: bytes from `start` to `end`, `view` being a view of all of `bytes`. */
export type RecordSink = (bytes: Uint8Array, view: DataView, start: number, end: number) => void;

/** A length that no record can have. */
export interface BadLength {
  length: number;
  /** Which record of the part, from 0. */
  record: number;
}

/**
 * Cuts the plain text of a part into records: four bytes of length, big endian, then the record.
 * Records that span two chunks are put together in a buffer of their own; all others are handed
 * on in place.
 */
export class RecordSplitter {
  /** Records handed on so far. */
  records = 0;
  #carry: Uint8Array = new Uint8Array(0);
  readonly #maxRecordBytes: number;

  constructor(maxRecordBytes: number) {
    this.#maxRecordBytes = maxRecordBytes;
  }

  /** Whether the text so far ends in the midst of a record. */
  get midRecord(): boolean {
    return this.#carry.length > 0;
  }

  /** Hands on the records of `chunk`; says so where a length makes going on impossible. */
  split(chunk: Uint8Array, sink: RecordSink): BadLength | null {
    let at = 0;
    while (this.#carry.length > 0) {
      const wanted = this.#carry.length < 4 ? 4 : 4 + lengthAt(this.#carry, 0);
      if (this.#carry.length < 4 || wanted > this.#carry.length) {
        const piece = chunk.subarray(at, at + wanted - this.#carry.length);
        this.#carry = join(this.#carry, piece);
        at += piece.length;
      }
      if (this.#carry.length < 4) return null;
      const length = lengthAt(this.#carry, 0);
      if (!this.#fits(length)) return { length, record: this.records };
      if (this.#carry.length < 4 + length) {
        if (at >= chunk.length) return null;
        continue;
      }
      const whole = this.#carry;
      this.#carry = new Uint8Array(0);
      this.records += 1;
      sink(whole, new DataView(whole.buffer, whole.byteOffset, whole.length), 4, 4 + length);
    }
    return this.#splitInPlace(chunk, at, sink);
  }

  #splitInPlace(chunk: Uint8Array, from: number, sink: RecordSink): BadLength | null {
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
    let at = from;
    while (at + 4 <= chunk.length) {
      const length = view.getUint32(at);
      if (!this.#fits(length)) return { length, record: this.records };
      const end = at + 4 + length;
      if (end > chunk.length) break;
      this.records += 1;
      sink(chunk, view, at + 4, end);
      at = end;
    }
    this.#carry = chunk.slice(at);
    return null;
  }

  #fits(length: number): boolean {
    return length > 0 && length <= this.#maxRecordBytes;
  }
}

function lengthAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! * 16777216 + bytes[at + 1]! * 65536 + bytes[at + 2]! * 256 + bytes[at + 3]!;
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
