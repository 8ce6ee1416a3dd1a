/** Events remembered in order of index; a resumed upload repeats far fewer. */
const REMEMBERED = 1 << 18;
/** Late events remembered apart. */
const REMEMBERED_LATE = 1 << 16;

/**
 * Finds events that a resumed upload wrote twice. An index alone proves nothing (late events,
 * events that all carry 0), so an event is a duplicate only if one of the same index and the same
 * bytes came before. Bounded: beyond some 260,000 events back nothing is called a duplicate.
 */
export class Duplicates {
  readonly #indexes = new Float64Array(REMEMBERED);
  readonly #prints = new Int32Array(REMEMBERED);
  readonly #late = new Set<string>();
  #count = 0;
  #last = -1;

  /** The highest index so far; events beyond it can't be duplicates. */
  get last(): number {
    return this.#last;
  }

  /** Whether an event of this index and fingerprint was seen; remembers it if not. */
  seen(index: number, fingerprint: number): boolean {
    if (index > this.#last) {
      this.remember(index, fingerprint);
      return false;
    }
    if (this.#inOrder(index) === fingerprint) return true;
    const key = `${index}:${fingerprint}`;
    if (this.#late.has(key)) return true;
    if (this.#late.size < REMEMBERED_LATE) this.#late.add(key);
    return false;
  }

  /** Remembers an event whose index is beyond `last`. */
  remember(index: number, fingerprint: number): void {
    const slot = this.#count++ & (REMEMBERED - 1);
    this.#indexes[slot] = this.#last = index;
    this.#prints[slot] = fingerprint;
  }

  // Indexes taken in order rise, so they are searched by halves.
  #inOrder(index: number): number | undefined {
    let low = Math.max(0, this.#count - REMEMBERED);
    let high = this.#count - 1;
    while (low <= high) {
      const middle = Math.floor((low + high) / 2);
      const slot = middle & (REMEMBERED - 1);
      const found = this.#indexes[slot]!;
      if (found === index) return this.#prints[slot];
      if (found < index) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }
}

/** The end of a print's record: its offset in the output, its delay, the last of its data. */
const END_BYTES = 24;

/**
 * A fingerprint of a print that a walker took apart: its time, delay and length and the end of its
 * record stand for the whole, which may be long. Prints that differ in their data alone, with one
 * time and one offset between them, are not to be found in any recording.
 */
export function printFingerprint(
  view: DataView,
  { start, end }: { start: number; end: number },
  { seconds, nanos, delay }: { seconds: number; nanos: number; delay: number },
): number {
  if (end - start < END_BYTES) return fingerprint(view, start, end);
  const one = Math.imul(nanos ^ view.getInt32(end - 4, true), 0x5bd1e995) ^ (end - start);
  const two = Math.imul(seconds ^ view.getInt32(end - 8, true), 0x27d4eb2f);
  const three = Math.imul(delay ^ view.getInt32(end - 12, true), 0x165667b1);
  const four = Math.imul(one ^ (one >>> 15) ^ view.getInt32(end - 16, true), 0x2c1b3c6d);
  const five = Math.imul(two ^ (two >>> 15) ^ view.getInt32(end - 20, true), 0x5bd1e995);
  const six = Math.imul(three ^ (three >>> 15) ^ view.getInt32(end - 24, true), 0x27d4eb2f);
  return four ^ (four >>> 13) ^ five ^ (five >>> 15) ^ six ^ (six >>> 14);
}

/** A fingerprint of bytes in 32 bits: two multiplicative hashes over words of four bytes. */
export function fingerprint(view: DataView, start: number, end: number): number {
  let one = (end - start) | 0;
  let two = 0x9e3779b9 | 0;
  let at = start;
  for (; at + 8 <= end; at += 8) {
    one = Math.imul(one ^ view.getInt32(at, true), 0x5bd1e995);
    two = Math.imul(two ^ view.getInt32(at + 4, true), 0x27d4eb2f);
    // high bits come down, which a product never brings them to
    one ^= two >>> 15;
  }
  for (; at < end; at++) one = Math.imul(one ^ view.getUint8(at), 0x5bd1e995);
  two = Math.imul(two ^ (one >>> 15), 0x27d4eb2f);
  return one ^ two ^ (two >>> 13);
}
