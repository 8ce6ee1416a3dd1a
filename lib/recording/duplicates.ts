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
  readonly #prints = new Float64Array(REMEMBERED);
  readonly #late = new Set<string>();
  #count = 0;
  #last = -1;

  /** Whether an event of this index and fingerprint was seen; remembers it if not. */
  seen(index: number, fingerprint: number): boolean {
    if (index > this.#last) {
      const slot = this.#count++ & (REMEMBERED - 1);
      this.#indexes[slot] = this.#last = index;
      this.#prints[slot] = fingerprint;
      return false;
    }
    if (this.#inOrder(index) === fingerprint) return true;
    const key = `${index}:${fingerprint}`;
    if (this.#late.has(key)) return true;
    if (this.#late.size < REMEMBERED_LATE) this.#late.add(key);
    return false;
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

/**
 * A fingerprint of bytes in 53 bits: multiplicative hashes over words of four bytes, in four lanes
 * so that a processor need not wait for one product before the next.
 */
export function fingerprint(view: DataView, start: number, end: number): number {
  let a = (end - start) | 0;
  let b = 0x9e3779b9 | 0;
  let c = 0x85ebca6b | 0;
  let d = 0xc2b2ae35 | 0;
  let at = start;
  for (; at + 16 <= end; at += 16) {
    a = Math.imul(a ^ view.getInt32(at, true), 0x5bd1e995);
    b = Math.imul(b ^ view.getInt32(at + 4, true), 0x27d4eb2f);
    c = Math.imul(c ^ view.getInt32(at + 8, true), 0x165667b1);
    d = Math.imul(d ^ view.getInt32(at + 12, true), 0x2c1b3c6d);
    // high bits come down, which a product never brings them to
    a ^= d >>> 15;
    c ^= b >>> 15;
  }
  for (; at + 4 <= end; at += 4) {
    b = Math.imul(b ^ view.getInt32(at, true), 0x27d4eb2f) ^ (a >>> 15);
    a = Math.imul(a + b, 0x5bd1e995);
  }
  for (; at < end; at++) {
    a = Math.imul(a ^ view.getUint8(at), 0x5bd1e995);
    d = Math.imul(d, 0x27d4eb2f) ^ a;
  }
  const one = Math.imul(a ^ (a >>> 15) ^ c, 0x5bd1e995);
  const two = Math.imul(b ^ (c >>> 13) ^ Math.imul(d ^ (d >>> 15), 0x2c1b3c6d), 0x27d4eb2f);
  return ((one ^ (one >>> 13)) >>> 0) * 2097152 + ((two ^ (two >>> 15)) & 0x1fffff);
}
