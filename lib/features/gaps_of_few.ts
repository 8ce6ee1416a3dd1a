import { Quantiles } from "./quantiles.ts";

/** Quantiles and the variation of gaps that need no more than that. */
export class GapsOfFew {
  readonly quantiles = new Quantiles();
  #sum = 0;
  #squares = 0;

  add(seconds: number): void {
    this.quantiles.add(seconds);
    this.#sum += seconds;
    this.#squares += seconds * seconds;
  }

  /** Standard deviation over mean; null where there are fewer than two or all are zero. */
  variation(): number | null {
    const { count } = this.quantiles;
    const mean = this.#sum / count;
    if (count < 2 || !(mean > 0)) return null;
    return Math.sqrt(Math.max(0, this.#squares / count - mean * mean)) / mean;
  }
}
