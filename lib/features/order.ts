/** Ranges of at most this many values are sorted outright. */
const SORTED_OUTRIGHT = 2048;
const LEVELS = 4;
const BUCKETS = 65536;

/**
 * The order of values that are not negative, found out only where it is asked for: they are dealt
 * into buckets by 16 bits of their binary form, which orders like the numbers do, and a bucket is
 * put in order when a rank falls into it. Some 10 ns a value for a handful of ranks, where sorting
 * takes 70; and no worse where all values are alike but for the last bits.
 */
export class LazyOrder {
  readonly #values: Float64Array;
  readonly #level: number;
  #ends: Uint32Array | null = null;
  #parts: Map<number, LazyOrder> | null = null;

  /** `values` stay as they are, and must be left so. */
  constructor(values: Float64Array, level = 0) {
    this.#level = level;
    if (values.length <= SORTED_OUTRIGHT || level === LEVELS) this.#values = values.slice().sort();
    else this.#values = this.#deal(values);
  }

  /** The value of rank `rank`, counted from 0. */
  at(rank: number): number {
    const ends = this.#ends;
    if (ends === null) return this.#values[rank]!;
    let low = 0;
    let high = BUCKETS - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (ends[middle]! > rank) high = middle;
      else low = middle + 1;
    }
    const start = low === 0 ? 0 : ends[low - 1]!;
    let part = this.#parts!.get(low);
    if (part === undefined) {
      part = new LazyOrder(this.#values.subarray(start, ends[low]!), this.#level + 1);
      this.#parts!.set(low, part);
    }
    return part.at(rank - start);
  }

  #deal(values: Float64Array): Float64Array {
    const words = new Uint16Array(values.buffer, values.byteOffset, values.length * 4);
    const word = 3 - this.#level;
    const places = new Uint32Array(BUCKETS);
    for (let i = word; i < words.length; i += 4) places[words[i]!]! += 1;
    let start = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const count = places[bucket]!;
      if (count === values.length) {
        // all alike in these bits
        this.#ends = places.fill(0, 0, bucket).fill(count, bucket);
        this.#parts = new Map();
        return values;
      }
      places[bucket] = start;
      start += count;
    }
    const dealt = new Float64Array(values.length);
    for (let i = 0; i < values.length; i++) {
      const bucket = words[4 * i + word]!;
      dealt[places[bucket]!] = values[i]!;
      places[bucket]! += 1;
    }
    this.#ends = places;
    this.#parts = new Map();
    return dealt;
  }
}
