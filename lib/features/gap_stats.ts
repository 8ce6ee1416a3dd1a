import { GAP_BUCKETS } from "../model/pty_features.ts";
import { Quantiles } from "./quantiles.ts";

/** Gaps of less than this are two writes of one program: their ratio says nothing. */
const SPREAD_FLOOR_SECONDS = 0.001;
/** Gaps are worked through so many at a time. */
const BLOCK = 512;

/**
 * Statistics of the gaps between print events, in seconds, in one pass. The counts are up to date
 * after `settle()`.
 */
export class GapStats {
  readonly quantiles = new Quantiles();
  readonly histogram = new Float64Array(GAP_BUCKETS);
  burst = 0;
  key = 0;
  middle = 0;
  think = 0;
  over1s = 0;
  over30s = 0;
  // Of the larger to the smaller of two neighbours.
  readonly #ratios = new Quantiles();
  readonly #block = new Float64Array(BLOCK);
  readonly #blockRatios = new Float64Array(BLOCK);
  #waiting = 0;
  #sum = 0;
  #squares = 0;
  #last = 0;

  add(seconds: number): void {
    this.#block[this.#waiting++] = seconds;
    if (this.#waiting === BLOCK) this.settle();
  }

  /** Takes back the gap that was added last. */
  removeLast(seconds: number): void {
    this.settle();
    this.quantiles.removeLast(seconds);
    this.#sum -= seconds;
    this.#squares -= seconds * seconds;
    this.#count(seconds, -1);
  }

  get count(): number {
    return this.quantiles.count + this.#waiting;
  }

  /** Share of gaps a count stands for; null without gaps. */
  share(count: number): number | null {
    return this.count === 0 ? null : count / this.count;
  }

  /** Coefficient of variation: standard deviation by mean; null where the mean is 0. */
  get cv(): number | null {
    return variation(this.count, this.#sum, this.#squares);
  }

  /** Median of |ln(gap[i+1] / gap[i])|, gaps under 1 ms left out. */
  get localSpread(): number | null {
    return this.#ratios.quantile(0.5, Math.log);
  }

  /** Works through what is waiting. */
  settle(): void {
    const waiting = this.#waiting;
    const block = this.#block;
    const ratios = this.#blockRatios;
    let pairs = 0;
    let last = this.#last;
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < waiting; i++) {
      const seconds = block[i]!;
      sum += seconds;
      squares += seconds * seconds;
      this.#count(seconds, 1);
      if (seconds < SPREAD_FLOOR_SECONDS) continue;
      if (last > 0) ratios[pairs++] = seconds > last ? seconds / last : last / seconds;
      last = seconds;
    }
    this.#sum += sum;
    this.#squares += squares;
    this.#last = last;
    this.#waiting = 0;
    this.quantiles.addAll(block, waiting);
    this.#ratios.addAll(ratios, pairs);
  }

  #count(seconds: number, by: 1 | -1): void {
    this.histogram[gapBucket(seconds)]! += by;
    if (seconds < 0.2) this.burst += by;
    if (seconds >= 0.05 && seconds <= 0.5) this.key += by;
    if (seconds <= 0.5) return;
    if (seconds <= 5) this.middle += by;
    if (seconds > 1) this.over1s += by;
    if (seconds > 5) this.think += by;
    if (seconds > 30) this.over30s += by;
  }
}

/** Where the buckets of `PtyRhythm.gap_histogram` begin. */
const BUCKET_STARTS = Float64Array.from({ length: GAP_BUCKETS }, (_, i) => 10 ** (i / 10 - 4));
const scratch = new Float64Array(1);
const scratchWords = new Uint32Array(scratch.buffer);
/** The first 16 bits of a number: steps of 6 %, so that at most one bucket begins in a step. */
const FIRST_STEP = stepOf(BUCKET_STARTS[0]!);
const LAST_STEP = stepOf(BUCKET_STARTS[GAP_BUCKETS - 1]!);
/** The bucket of the least gap of each step. */
const BUCKET_OF_STEP = Uint8Array.from({ length: LAST_STEP - FIRST_STEP + 1 }, (_, step) => {
  return Math.max(0, BUCKET_STARTS.findLastIndex((start) => stepOf(start) < FIRST_STEP + step));
});

function stepOf(seconds: number): number {
  scratch[0] = seconds;
  return scratchWords[1]! >>> 16;
}

/** The bucket of `PtyRhythm.gap_histogram` that a gap falls into. */
export function gapBucket(seconds: number): number {
  const step = stepOf(seconds) - FIRST_STEP;
  if (step < 0) return 0;
  if (step > LAST_STEP - FIRST_STEP) return GAP_BUCKETS - 1;
  const bucket = BUCKET_OF_STEP[step]!;
  return bucket + 1 < GAP_BUCKETS && seconds >= BUCKET_STARTS[bucket + 1]! ? bucket + 1 : bucket;
}

/** Standard deviation by mean, from sums; null where that is not defined. */
export function variation(count: number, sum: number, squares: number): number | null {
  if (count < 2 || sum <= 0) return null;
  const mean = sum / count;
  return Math.sqrt(Math.max(0, squares / count - mean * mean)) / mean;
}
