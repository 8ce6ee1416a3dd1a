/** Pieces handed on are at most this long: large enough for zlib, small enough to bound memory. */
const PIECE_BYTES = 256 * 1024;

/**
 * Reads bytes forward, from memory or from a stream, without holding more than a piece. `end` is
 * a position the cursor will not go beyond, so that a reader can be kept within a part.
 */
export class ByteCursor {
  /** Bytes taken so far, from the start of the source. */
  position = 0;
  /** Reads stop here; Infinity: at the end of the source. */
  end = Infinity;
  /** Whether the source itself has ended and all of it was taken. */
  exhausted = false;

  #held: Uint8Array;
  /** What comes after `#held`, last first. */
  readonly #back: Uint8Array[] = [];
  readonly #source: AsyncIterator<Uint8Array> | null;

  constructor(bytes: AsyncIterable<Uint8Array> | Uint8Array) {
    const whole = bytes instanceof Uint8Array;
    this.#held = whole ? bytes : new Uint8Array(0);
    this.#source = whole ? null : bytes[Symbol.asyncIterator]();
  }

  /** The next bytes, at most `max` and never none; null at `end` or where the source ends. */
  async next(max = PIECE_BYTES): Promise<Uint8Array | null> {
    const room = Math.min(max, this.end - this.position);
    if (room <= 0) return null;
    while (this.#held.length === 0) {
      const back = this.#back.pop();
      if (back) {
        this.#held = back;
        break;
      }
      const step = await this.#source?.next();
      if (!step || step.done) {
        this.exhausted = true;
        return null;
      }
      this.#held = step.value;
    }
    const piece = this.#held.subarray(0, room);
    this.#held = this.#held.subarray(piece.length);
    this.position += piece.length;
    return piece;
  }

  /** Exactly `count` bytes, or fewer where they end before. */
  async read(count: number): Promise<Uint8Array> {
    const read = new Uint8Array(count);
    let filled = 0;
    while (filled < count) {
      const piece = await this.next(count - filled);
      if (piece === null) break;
      read.set(piece, filled);
      filled += piece.length;
    }
    return read.subarray(0, filled);
  }

  /** Passes over `count` bytes; says how many there were. */
  async skip(count: number): Promise<number> {
    let skipped = 0;
    while (skipped < count) {
      const piece = await this.next(Math.min(PIECE_BYTES, count - skipped));
      if (piece === null) break;
      skipped += piece.length;
    }
    return skipped;
  }

  /** Puts back the last bytes taken. */
  unread(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.position -= bytes.length;
    this.exhausted = false;
    if (this.#held.length > 0) this.#back.push(this.#held);
    this.#held = bytes;
  }

  /** The next `count` bytes without taking them; fewer where they end before. */
  async peek(count: number): Promise<Uint8Array> {
    const bytes = await this.read(count);
    this.unread(bytes);
    return bytes;
  }

  /** Lets go of the source. */
  async close(): Promise<void> {
    this.#held = new Uint8Array(0);
    this.#back.length = 0;
    await this.#source?.return?.();
  }
}
