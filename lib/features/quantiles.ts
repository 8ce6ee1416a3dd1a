import { valuesAt } from "./order.ts";

/** Values kept one by one; beyond that a histogram takes over. */
const EXACT = 1_000_000;
/** Values are kept in chunks: the first ones small, each twice as long as the one before. */
const FIRST_CHUNK = 64;
const LARGEST_CHUNK = 8192;
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
  // Chunks that are full, and the one being filled.
  #full: Float64Array[] = [];
  #chunk: Float64Array = new Float64Array(FIRST_CHUNK);
  #filled = 0;
  #histogram: Float64Array | null = null;
  readonly #exact: number;

  constructor(exact: number = EXACT) {
    this.#exact = Math.max(exact, FIRST_CHUNK);
  }

  add(value: number): void {
    if (this.#filled === this.#chunk.length || this.#histogram !== null) {
      return this.#overflow(value);
    }
    this.#chunk[this.#filled++] = value;
    this.count += 1;
  }

  /** Adds the `values` between `from` and `end`. */
  addAll(values: Float64Array, { from = 0, end = values.length } = {}): void {
    for (let at = from; at < end;) {
      const room = this.#histogram === null ? this.#chunk.length - this.#filled : 0;
      const count = Math.min(room, end - at);
      if (count === 0) this.#overflow(values[at++]!);
      else {
        this.#chunk.set(values.subarray(at, at + count), this.#filled);
        this.#filled += count;
        this.count += count;
        at += count;
      }
    }
  }

  /** Forgets all values. */
  clear(): void {
    this.count = this.#filled = 0;
    if (this.#full.length > 0) this.#full = [];
    this.#histogram = null;
  }

  /** Takes back the value that was added last. */
  removeLast(value: number): void {
    this.count -= 1;
    if (this.#histogram !== null) {
      this.#histogram[bucketOf(value)]! -= 1;
      return;
    }
    if (this.#filled === 0) {
      this.#chunk = this.#full.pop()!;
      this.#filled = this.#chunk.length;
    }
    this.#filled -= 1;
  }

  /** The `p`-quantile (0 to 1), interpolated between neighbours; null without values. */
  quantile(p: number, scale: (value: number) => number = asIs): number | null {
    return this.quantiles([p], scale)[0]!;
  }

  /**
   * The quantiles `ps`, in ascending order, at one go. `scale` is applied to the values before any
   * interpolation, and must not change their order.
   */
  quantiles(
    ps: readonly number[],
    scale: (value: number) => number = asIs,
  ): (number | null)[] {
    if (this.count === 0) return ps.map(() => null);
    const histogram = this.#histogram;
    if (histogram !== null) return ps.map((p) => scale(fromHistogram(histogram, this.count, p)));
    return interpolated(ps, this.#chunks(), { count: this.count, scale });
  }

  /** The median distance from the `median`, which may be known; null without values. */
  medianDeviation(median: number | null = this.quantile(0.5)): number | null {
    if (median === null) return null;
    if (this.#histogram === null) {
      const deviations = this.#chunks().map((chunk) => distances(chunk, median));
      return interpolated([0.5], deviations, { count: this.count, scale: asIs })[0]!;
    }
    const histogram = new Float64Array(BUCKETS);
    this.#histogram.forEach((n, bucket) => {
      histogram[bucketOf(Math.abs(valueOf(bucket) - median))]! += n;
    });
    return fromHistogram(histogram, this.count, 0.5);
  }

  #chunks(): Float64Array[] {
    return [...this.#full, this.#chunk.subarray(0, this.#filled)];
  }

  // The chunk is full, or there is none any more.
  #overflow(value: number): void {
    this.count += 1;
    if (this.#histogram === null && this.count > this.#exact) {
      const histogram = this.#histogram = new Float64Array(BUCKETS);
      for (const chunk of this.#chunks()) {
        for (const old of chunk) histogram[bucketOf(old)]! += 1;
      }
      this.#full = [];
      this.#chunk = new Float64Array(FIRST_CHUNK);
      this.#filled = 0;
    }
    if (this.#histogram !== null) {
      this.#histogram[bucketOf(value)]! += 1;
      return;
    }
    this.#full.push(this.#chunk);
    const room = Math.min(this.#chunk.length * 2, LARGEST_CHUNK, this.#exact - this.count + 1);
    this.#chunk = new Float64Array(room);
    this.#chunk[0] = value;
    this.#filled = 1;
  }
}

function interpolated(
  ps: readonly number[],
  chunks: readonly Float64Array[],
  { count, scale }: { count: number; scale: (value: number) => number },
): number[] {
  const last = count - 1;
  const ranks = ps.flatMap((p) => [Math.floor(p * last), Math.min(Math.floor(p * last) + 1, last)]);
  const values = valuesAt(ranks, chunks);
  return ps.map((p, i) => {
    const low = scale(values[2 * i]!);
    const share = p * last - ranks[2 * i]!;
    return share === 0 ? low : low + (scale(values[2 * i + 1]!) - low) * share;
  });
}

function distances(values: Float64Array, from: number): Float64Array {
  const distances = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) distances[i] = Math.abs(values[i]! - from);
  return distances;
}

function fromHistogram(histogram: Float64Array, count: number, p: number): number {
  let left = p * (count - 1);
  for (let bucket = 0; bucket < histogram.length; bucket++) {
    left -= histogram[bucket]!;
    if (left < 0) return valueOf(bucket);
  }
  return valueOf(histogram.length - 1);
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
