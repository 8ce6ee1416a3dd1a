import { GAP_BUCKETS } from "../model/pty_features.ts";
import { Quantiles } from "./quantiles.ts";

/** Gaps of less than this are two writes of one program: their ratio says nothing. */
const SPREAD_FLOOR_SECONDS = 0.001;

/** Statistics of the gaps between print events, in seconds, in one pass. */
export class GapStats {
  readonly quantiles = new Quantiles();
  readonly histogram = new Float64Array(GAP_BUCKETS);
  burst = 0;
  key = 0;
  middle = 0;
  think = 0;
  over1s = 0;
  over30s = 0;
  readonly #spread = new Quantiles();
  #sum = 0;
  #squares = 0;
  #lastLog = NaN;

  add(seconds: number): void {
    this.quantiles.add(seconds);
    this.#count(seconds, 1);
    if (seconds < SPREAD_FLOOR_SECONDS) return;
    const log = Math.log(seconds);
    if (!Number.isNaN(this.#lastLog)) this.#spread.add(Math.abs(log - this.#lastLog));
    this.#lastLog = log;
  }

  /** Takes back the gap that was added last. */
  removeLast(seconds: number): void {
    this.quantiles.removeLast(seconds);
    this.#count(seconds, -1);
  }

  get count(): number {
    return this.quantiles.count;
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
    return this.#spread.quantile(0.5);
  }

  #count(seconds: number, by: 1 | -1): void {
    this.#sum += by * seconds;
    this.#squares += by * seconds * seconds;
    this.histogram[gapBucket(seconds)]! += by;
    if (seconds < 0.2) this.burst += by;
    if (seconds >= 0.05 && seconds <= 0.5) this.key += by;
    if (seconds < 0.5) return;
    if (seconds > 0.5 && seconds <= 5) this.middle += by;
    if (seconds > 1) this.over1s += by;
    if (seconds > 5) this.think += by;
    if (seconds > 30) this.over30s += by;
  }
}

/** The bucket of `PtyRhythm.gap_histogram` that a gap falls into. */
export function gapBucket(seconds: number): number {
  if (seconds <= 1e-4) return 0;
  return Math.min(GAP_BUCKETS - 1, Math.floor((Math.log10(seconds) + 4) * 10));
}

/** Standard deviation by mean, from sums; null where that is not defined. */
export function variation(count: number, sum: number, squares: number): number | null {
  if (count < 2 || sum <= 0) return null;
  const mean = sum / count;
  return Math.sqrt(Math.max(0, squares / count - mean * mean)) / mean;
}
