import { GAP_BUCKETS } from "../model/pty_features.ts";
import { BUCKET_OF_CELL, CELL_FROM, cellOf, GAP_CELLS, gapCell } from "./gap_scale.ts";
import { BLOCK_PRINTS, type PrintBlock } from "./print_block.ts";
import { Quantiles } from "./quantiles.ts";

/** Gaps of less than this are two writes of one program: their ratio says nothing. */
const SPREAD_FLOOR_SECONDS = 0.001;
const RECENT = 8;

/**
 * Statistics of the gaps between print events, in seconds, in one pass.
 */
export class GapStats {
  readonly quantiles = new Quantiles();
  // Of the larger to the smaller of two neighbours.
  readonly #ratios = new Quantiles();
  readonly #cells = new Float64Array(GAP_CELLS);
  readonly #blockRatios = new Float64Array(BLOCK_PRINTS);
  readonly #pair = new Float64Array(2);
  #recent: number[] = [];
  #sum = 0;
  #squares = 0;
  #last = 0;

  /** Takes the gaps of a block from `first` on. */
  add(block: PrintBlock, first = 0): void {
    const { length, gaps } = block;
    if (first >= length) return;
    const fresh: number[] = [];
    for (let i = length - 1; i >= first && fresh.length < RECENT; i--) fresh.push(gaps[i]!);
    this.#recent = fresh.length < RECENT ? [...fresh, ...this.#recent].slice(0, RECENT) : fresh;
    this.quantiles.addAll(gaps, { from: first, end: length });
    this.#ratios.addAll(this.#blockRatios, { end: this.#measure(block, first) });
  }

  /** The last gaps, at most `count` of them and at most 8; the very last one first. */
  last(count: number): number[] {
    return this.#recent.slice(0, count);
  }

  /** Takes back the gap that was added last. */
  removeLast(seconds: number): void {
    this.#recent.shift();
    this.quantiles.removeLast(seconds);
    this.#sum -= seconds;
    this.#squares -= seconds * seconds;
    this.#cells[gapCell(seconds)]! -= 1;
  }

  get count(): number {
    return this.quantiles.count;
  }

  /** How many gaps are in `PtyRhythm.gap_histogram`'s buckets. */
  get histogram(): number[] {
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
    return variation(this.count, this.#sum, this.#squares);
  }

  /** Median of |ln(gap[i+1] / gap[i])|, gaps under 1 ms left out. */
  get localSpread(): number | null {
    return this.#ratios.quantile(0.5, Math.log);
  }

  // Says how many ratios of neighbours there are in the block.
  #measure({ length, gaps, gapWords }: PrintBlock, first: number): number {
    const cells = this.#cells;
    const ratios = this.#blockRatios;
    const pair = this.#pair;
    let pairs = 0;
    let last = this.#last;
    let sum = this.#sum;
    let squares = this.#squares;
    for (let i = first; i < length; i++) {
      const seconds = gaps[i]!;
      sum += seconds;
      squares += seconds * seconds;
      cells[cellOf(seconds, gapWords[2 * i + 1]!)]! += 1;
      if (seconds < SPREAD_FLOOR_SECONDS) continue;
      // the larger one first; a branch would be foretold wrong half the time
      const less = Number(seconds < last);
      pair[less] = seconds;
      pair[1 - less] = last;
      ratios[pairs] = pair[0]! / pair[1]!;
      // nothing to compare the first one with
      if (last > 0) pairs += 1;
      last = seconds;
    }
    this.#sum = sum;
    this.#squares = squares;
    this.#last = last;
    return pairs;
  }

  #between(first: number, end: number): number {
    return this.#cells.subarray(first, end).reduce((sum, count) => sum + count, 0);
  }
}

/** Standard deviation by mean, from sums; null where that is not defined. */
export function variation(count: number, sum: number, squares: number): number | null {
  if (count < 2 || sum <= 0) return null;
  const mean = sum / count;
  return Math.sqrt(Math.max(0, squares / count - mean * mean)) / mean;
}
