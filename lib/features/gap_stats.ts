import { GAP_BUCKETS } from "../model/pty_features.ts";
import { BUCKET_OF_CELL, CELL_FROM, cellOf, GAP_CELLS, gapCell } from "./gap_scale.ts";
import { Quantiles } from "./quantiles.ts";

/** Gaps of less than this are two writes of one program: their ratio says nothing. */
const SPREAD_FLOOR_SECONDS = 0.001;
/** Gaps are worked through so many at a time. */
const BLOCK = 512;
const RECENT = 8;

/**
 * Statistics of the gaps between print events, in seconds, in one pass.
 */
export class GapStats {
  readonly #quantiles = new Quantiles();
  // Of the larger to the smaller of two neighbours.
  readonly #ratios = new Quantiles();
  readonly #cells = new Float64Array(GAP_CELLS);
  readonly #block = new Float64Array(BLOCK);
  readonly #blockBits = new Uint16Array(this.#block.buffer);
  readonly #blockRatios = new Float64Array(BLOCK);
  #waiting = 0;
  #recent: number[] = [];
  #sum = 0;
  #squares = 0;
  #last = 0;

  add(seconds: number): void {
    this.#block[this.#waiting++] = seconds;
    if (this.#waiting === BLOCK) this.#settle();
  }

  /** The last gaps, at most `count` of them and at most 8; the very last one first. */
  last(count: number): number[] {
    const waiting = this.#block.subarray(Math.max(0, this.#waiting - RECENT), this.#waiting);
    return [...waiting.toReversed(), ...this.#recent].slice(0, count);
  }

  /** Takes back the gap that was added last. */
  removeLast(seconds: number): void {
    this.#settle();
    this.#recent.shift();
    this.#quantiles.removeLast(seconds);
    this.#sum -= seconds;
    this.#squares -= seconds * seconds;
    this.#cells[gapCell(seconds)]! -= 1;
  }

  get quantiles(): Quantiles {
    this.#settle();
    return this.#quantiles;
  }

  get count(): number {
    return this.#quantiles.count + this.#waiting;
  }

  /** How many gaps are in `PtyRhythm.gap_histogram`'s buckets. */
  get histogram(): number[] {
    this.#settle();
    const histogram = new Array<number>(GAP_BUCKETS).fill(0);
    this.#cells.forEach((count, cell) => histogram[BUCKET_OF_CELL[cell]!]! += count);
    return histogram;
  }

  /** Gaps under 0.2 s. */
  get burst(): number {
    return this.#between(0, CELL_FROM.unhurried);
  }

  /** Gaps from 0.05 to 0.5 s. */
  get key(): number {
    return this.#between(CELL_FROM.key, CELL_FROM.over500ms);
  }

  /** Gaps over 0.5 s, up to 5 s. */
  get middle(): number {
    return this.#between(CELL_FROM.over500ms, CELL_FROM.over5s);
  }

  /** Gaps over 5 s. */
  get think(): number {
    return this.#between(CELL_FROM.over5s, GAP_CELLS);
  }

  get over1s(): number {
    return this.#between(CELL_FROM.over1s, GAP_CELLS);
  }

  get over30s(): number {
    return this.#between(CELL_FROM.over30s, GAP_CELLS);
  }

  /** Share of gaps a count stands for; null without gaps. */
  share(count: number): number | null {
    return this.count === 0 ? null : count / this.count;
  }

  /** Coefficient of variation: standard deviation by mean; null where the mean is 0. */
  get cv(): number | null {
    this.#settle();
    return variation(this.count, this.#sum, this.#squares);
  }

  /** Median of |ln(gap[i+1] / gap[i])|, gaps under 1 ms left out. */
  get localSpread(): number | null {
    this.#settle();
    return this.#ratios.quantile(0.5, Math.log);
  }

  // Works through what is waiting.
  #settle(): void {
    this.#recent = this.last(RECENT);
    const waiting = this.#waiting;
    const block = this.#block;
    const bits = this.#blockBits;
    const cells = this.#cells;
    const ratios = this.#blockRatios;
    let pairs = 0;
    let last = this.#last;
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < waiting; i++) {
      const seconds = block[i]!;
      sum += seconds;
      squares += seconds * seconds;
      cells[cellOf(seconds, bits[4 * i + 3]!)]! += 1;
      if (seconds < SPREAD_FLOOR_SECONDS) continue;
      ratios[pairs] = Math.max(seconds, last) / Math.min(seconds, last);
      // nothing to compare the first one with
      if (last > 0) pairs += 1;
      last = seconds;
    }
    this.#sum += sum;
    this.#squares += squares;
    this.#last = last;
    this.#waiting = 0;
    this.#quantiles.addAll(block, waiting);
    this.#ratios.addAll(ratios, pairs);
  }

  #between(first: number, end: number): number {
    this.#settle();
    return this.#cells.subarray(first, end).reduce((sum, count) => sum + count, 0);
  }
}

/** Standard deviation by mean, from sums; null where that is not defined. */
export function variation(count: number, sum: number, squares: number): number | null {
  if (count < 2 || sum <= 0) return null;
  const mean = sum / count;
  return Math.sqrt(Math.max(0, squares / count - mean * mean)) / mean;
}
