import { LazyOrder } from "./order.ts";

/** Values kept one by one; beyond that a histogram takes over. */
const EXACT = 1_000_000;
/** Values the first buffer holds; it doubles. */
const FIRST_VALUES = 64;
/** The histogram's buckets are 64 an octave, from 2^-24 to 2^31. */
const OCTAVE_BITS = 6;
const LOWEST = (1023 - 24) << OCTAVE_BITS;
const BUCKETS = 55 << OCTAVE_BITS;

const scratch = new Float64Array(1);
const scratchWords = new Uint32Array(scratch.buffer);

/**
 * Quantiles of values that are not negative, in one pass: exact up to a million values, then from
 * a histogram (6e-8 to 2e9, 28 KiB), within 0.8 %.
 */
export class Quantiles {
  /** How many values there are. */
  count = 0;
  #values = new Float64Array(FIRST_VALUES);
  #order: LazyOrder | null = null;
  #histogram: Float64Array | null = null;
  readonly #exact: number;

  constructor(exact: number = EXACT) {
    this.#exact = exact;
  }

  add(value: number): void {
    if (this.count === this.#values.length || this.#histogram !== null) this.#makeRoom(1);
    if (this.#histogram !== null) this.#histogram[bucketOf(value)]! += 1;
    else this.#values[this.count] = value;
    this.#order = null;
    this.count += 1;
  }

  /** Adds the first `count` of `values`. */
  addAll(values: Float64Array, count: number): void {
    this.#makeRoom(count);
    if (this.#histogram === null) this.#values.set(values.subarray(0, count), this.count);
    else for (let i = 0; i < count; i++) this.#histogram[bucketOf(values[i]!)]! += 1;
    this.#order = null;
    this.count += count;
  }

  /** Forgets all values, but keeps the room for them. */
  clear(): void {
    this.count = 0;
    this.#order = null;
    if (this.#histogram === null) return;
    this.#histogram = null;
    this.#values = new Float64Array(FIRST_VALUES);
  }

  /** Takes back the value that was added last. */
  removeLast(value: number): void {
    this.count -= 1;
    this.#order = null;
    if (this.#histogram !== null) this.#histogram[bucketOf(value)]! -= 1;
  }

  /**
   * The `p`-quantile (0 to 1), interpolated between neighbours; null without values. `scale` is
   * applied to the values, and must not change their order.
   */
  quantile(p: number, scale: (value: number) => number = asIs): number | null {
    if (this.count === 0) return null;
    if (this.#histogram !== null) return scale(this.#fromHistogram(this.#histogram, p));
    this.#order ??= new LazyOrder(this.#values.subarray(0, this.count));
    const place = p * (this.count - 1);
    const below = Math.floor(place);
    const low = scale(this.#order.at(below));
    if (place === below) return low;
    return low + (scale(this.#order.at(below + 1)) - low) * (place - below);
  }

  /** The median distance from the median; null without values. */
  medianDeviation(): number | null {
    const median = this.quantile(0.5);
    if (median === null) return null;
    if (this.#histogram === null) {
      const deviations = new Quantiles(this.#exact);
      const values = this.#values.subarray(0, this.count).map((value) => Math.abs(value - median));
      deviations.addAll(values, values.length);
      return deviations.quantile(0.5);
    }
    const histogram = new Float64Array(BUCKETS);
    this.#histogram.forEach((n, bucket) => {
      histogram[bucketOf(Math.abs(valueOf(bucket) - median))]! += n;
    });
    return this.#fromHistogram(histogram, 0.5);
  }

  #makeRoom(count: number): void {
    const wanted = this.count + count;
    if (this.#histogram !== null || wanted <= this.#values.length) return;
    if (wanted > this.#exact) {
      const histogram = this.#histogram = new Float64Array(BUCKETS);
      for (let i = 0; i < this.count; i++) histogram[bucketOf(this.#values[i]!)]! += 1;
      this.#values = new Float64Array(0);
      return;
    }
    const room = Math.max(wanted, this.#values.length * 2);
    const grown = new Float64Array(Math.min(room, this.#exact));
    grown.set(this.#values.subarray(0, this.count));
    this.#values = grown;
  }

  #fromHistogram(histogram: Float64Array, p: number): number {
    let left = p * (this.count - 1);
    for (let bucket = 0; bucket < histogram.length; bucket++) {
      left -= histogram[bucket]!;
      if (left < 0) return valueOf(bucket);
    }
    return valueOf(histogram.length - 1);
  }
}

function asIs(value: number): number {
  return value;
}

// The exponent and the first bits behind it, straight from the number's binary form. Bucket 0
// holds what is smaller than the scale, zero above all.
function bucketOf(value: number): number {
  scratch[0] = value;
  const bucket = (scratchWords[1]! >>> (20 - OCTAVE_BITS)) - LOWEST;
  return bucket < 0 ? 0 : bucket < BUCKETS ? bucket : BUCKETS - 1;
}

function valueOf(bucket: number): number {
  if (bucket === 0) return 0;
  scratchWords[0] = 0;
  scratchWords[1] = (((bucket + LOWEST) * 2 + 1) << (19 - OCTAVE_BITS)) >>> 0;
  return scratch[0]!;
}
