import { variation } from "./gap_stats.ts";
import { Quantiles } from "./quantiles.ts";

/** Gaps from one key to the next, in seconds: their quantiles and how even they are. */
export class Pace {
  readonly gaps = new Quantiles();
  #sum = 0;
  #squares = 0;

  add(gap: number): void {
    this.gaps.add(gap);
    this.#sum += gap;
    this.#squares += gap * gap;
  }

  /** Coefficient of variation; null where it is not defined. */
  get cv(): number | null {
    return variation(this.gaps.count, this.#sum, this.#squares);
  }
}
