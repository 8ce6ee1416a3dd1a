/** Events remembered in order of index; a resumed upload repeats far fewer. */
const REMEMBERED = 1 << 18;
/** Room at first: most recordings are short, and many are read one after the other. */
const FIRST_SLOTS = 1 << 8;
/** Late events remembered apart. */
const REMEMBERED_LATE = 1 << 16;

/**
 * Finds events that a resumed upload wrote twice. An index alone proves nothing (late events,
 * events that all carry 0), so an event is a duplicate only if one of the same index and the same
 * bytes came before. Bounded: beyond some 260,000 events back nothing is called a duplicate. Fields
 * are public for speed: what takes events in order may do by itself what `remember()` does, once it
 * has asked for room.
 */
export class Duplicates {
  /** The highest index so far; events beyond it can't be duplicates. */
  last = -1;
  /** Events taken in order; event `i` of them lies in slot `i & mask`. */
  count = 0;
  mask = FIRST_SLOTS - 1;
  indexes = new Float64Array(FIRST_SLOTS);
  prints = new Int32Array(FIRST_SLOTS);
  readonly #late = new Set<string>();

  /** Whether an event of this index and fingerprint was seen; remembers it if not. */
  seen(index: number, fingerprint: number): boolean {
    if (index > this.last) {
      this.remember(index, fingerprint);
      return false;
    }
    if (this.#inOrder(index) === fingerprint) return true;
    const key = `${index}:${fingerprint}`;
    if (this.#late.has(key)) return true;
    if (this.#late.size < REMEMBERED_LATE) this.#late.add(key);
    return false;
  }

  /** Makes room for so many more events in order. */
  makeRoom(events: number): void {
    let slots = this.mask + 1;
    while (slots < this.count + events && slots < REMEMBERED) slots *= 4;
    if (slots === this.mask + 1) return;
    const { indexes, prints } = this;
    this.mask = slots - 1;
    this.indexes = new Float64Array(slots);
    this.indexes.set(indexes);
    this.prints = new Int32Array(slots);
    this.prints.set(prints);
  }

  /** Remembers an event whose index is beyond `last`. */
  remember(index: number, fingerprint: number): void {
    this.makeRoom(1);
    const slot = this.count++ & this.mask;
    this.indexes[slot] = this.last = index;
    this.prints[slot] = fingerprint;
  }

  // Indexes taken in order rise, so they are searched by halves.
  #inOrder(index: number): number | undefined {
    let low = Math.max(0, this.count - REMEMBERED);
    let high = this.count - 1;
    while (low <= high) {
      const middle = Math.floor((low + high) / 2);
      const slot = middle & this.mask;
      const found = this.indexes[slot]!;
      if (found === index) return this.prints[slot];
      if (found < index) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }
}

/** What a print's record says beside its data. */
interface PrintSaid {
  seconds: number;
  nanos: number;
  delay: number;
}

/** The fingerprint of a print whose record lies from `start` to `end`. */
export function printFingerprint(
  view: DataView,
  { start, end }: { start: number; end: number },
  { seconds, nanos, delay }: PrintSaid,
): number {
  if (end - start < LEAST_PRINT_BYTES) return fingerprint(view, start, end);
  return endFingerprint(view, end, mixed(end - start, seconds, nanos ^ delay << 7));
}

/** Shorter records are fingerprinted whole. */
export const LEAST_PRINT_BYTES = 24;

/**
 * A fingerprint of a print that a walker took apart: its time, delay and length and the end of its
 * record (its offset in the output, its delay, the last of its data) stand for the whole, which may
 * be long. Prints that differ in their data alone, with one time and one offset between them, are
 * not to be found in any recording.
 */
export function endFingerprint(view: DataView, end: number, said: number): number {
  const one = Math.imul(said ^ view.getInt32(end - 4, true), 0x5bd1e995);
  const two = Math.imul(one ^ one >>> 15 ^ view.getInt32(end - 8, true), 0x27d4eb2f);
  return two ^ two >>> 13;
}

/** Three numbers in 32 bits. */
export function mixed(one: number, two: number, three: number): number {
  const first = Math.imul(three, 0x165667b1) ^ one;
  return Math.imul(first ^ first >>> 15 ^ two, 0x2c1b3c6d);
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
