/** Takes records, as the {@link RecordSplitter} cuts them. */
export interface RecordSink {
  /** True: nothing more is taken before what came so far was handed out. */
  readonly full: boolean;
  /** Records from here on lie in `bytes`, of which `view` is a view. */
  begin(bytes: Uint8Array, view: DataView): void;
  /** One record, from `start` to `end` of the bytes last begun. */
  record(start: number, end: number): void;
  /**
   * Takes records from `from` on of the bytes last begun, as many of the most usual kind as follow
   * each other, none being fine, and says where they end and how many they are.
   */
  run?(from: number): RecordRun;
}

/** Records taken at one go. */
export interface RecordRun {
  records: number;
  end: number;
}

/** A length that no record can have. */
interface BadLength {
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
  /** The length that made going on impossible; null while there was none. */
  bad: BadLength | null = null;
  #carry: Uint8Array = new Uint8Array(0);
  #chunk: Uint8Array = this.#carry;
  #view: DataView = new DataView(new ArrayBuffer(0));
  readonly #maxRecordBytes: number;
  readonly #sink: RecordSink;

  constructor(sink: RecordSink, { maxRecordBytes }: { maxRecordBytes: number }) {
    this.#sink = sink;
    this.#maxRecordBytes = maxRecordBytes;
  }

  /** Whether the text so far ends in the midst of a record. */
  get midRecord(): boolean {
    return this.#carry.length > 0;
  }

  /**
   * Hands on records of `chunk` from `from` on, until the chunk ends, the sink is full or its
   * bytes change, and says how far it came. At a bad length that is the end of the chunk.
   */
  split(chunk: Uint8Array, from: number): number {
    return this.#carry.length > 0 ? this.#finishCarry(chunk, from) : this.#inPlace(chunk, from);
  }

  // The record that the last chunk began; its bytes are a batch of their own.
  #finishCarry(chunk: Uint8Array, from: number): number {
    let at = from;
    for (const wanted of [() => 4, () => 4 + lengthAt(this.#carry)]) {
      const piece = chunk.subarray(at, at + Math.max(0, wanted() - this.#carry.length));
      this.#carry = join(this.#carry, piece);
      at += piece.length;
      if (this.#carry.length < 4) return at;
      const length = lengthAt(this.#carry);
      if (!this.#fits(length)) return this.#stop(length, chunk);
    }
    const whole = this.#carry;
    if (whole.length < 4 + lengthAt(whole)) return at;
    this.#carry = new Uint8Array(0);
    this.records += 1;
    this.#sink.begin(whole, new DataView(whole.buffer, whole.byteOffset, whole.length));
    this.#sink.record(4, whole.length);
    return at;
  }

  #inPlace(chunk: Uint8Array, from: number): number {
    if (chunk !== this.#chunk) {
      this.#chunk = chunk;
      this.#view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
    }
    const sink = this.#sink;
    const view = this.#view;
    const size = chunk.length;
    sink.begin(chunk, view);
    let at = from;
    while (at + 4 <= size) {
      const run = sink.run?.(at);
      if (run) {
        this.records += run.records;
        at = run.end;
        if (at + 4 > size) break;
      }
      const length = view.getUint32(at);
      if (!this.#fits(length)) return this.#stop(length, chunk);
      const end = at + 4 + length;
      if (end > size) break;
      if (sink.full) return at;
      this.records += 1;
      sink.record(at + 4, end);
      at = end;
    }
    this.#carry = chunk.slice(at);
    return size;
  }

  #stop(length: number, chunk: Uint8Array): number {
    this.bad = { length, record: this.records };
    return chunk.length;
  }

  #fits(length: number): boolean {
    return length > 0 && length <= this.#maxRecordBytes;
  }
}

function lengthAt(bytes: Uint8Array): number {
  return bytes[0]! * 16777216 + bytes[1]! * 65536 + bytes[2]! * 256 + bytes[3]!;
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
