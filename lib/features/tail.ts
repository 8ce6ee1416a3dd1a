import { Quantiles } from "./quantiles.ts";

/** A streamed piece of text is at most this long, redraws nothing … */
const STREAM_BYTES = 24;
/** … and comes this long after the one before. */
const STREAM_FROM_SECONDS = 0.002;
const STREAM_UNTIL_SECONDS = 0.15;

/**
 * What a program shows after the last whole line was entered, until the shell prompts again or
 * the recording ends: there an agent's own program differs from a script.
 */
export class Tail {
  events = 0;
  redraws = 0;
  pauses5s = 0;
  readonly gaps = new Quantiles();
  seconds = 0;
  #streamed = 0;
  #from = NaN;
  #open = false;

  /** A whole line was entered: what came before is no longer the tail. */
  restart(at: number): void {
    this.events =
      this.redraws =
      this.pauses5s =
      this.seconds =
      this.#streamed =
        0;
    this.gaps.clear();
    this.#from = at;
    this.#open = true;
  }

  /** The shell prompts: the program is done. */
  close(): void {
    this.#open = false;
  }

  /** Whether there was a whole line at all. */
  get begun(): boolean {
    return !Number.isNaN(this.#from);
  }

  add(at: number, gap: number, bytes: number, redrawn: boolean): void {
    if (!this.#open) return;
    this.events += 1;
    this.seconds = at - this.#from;
    this.gaps.add(gap);
    if (gap > 5) this.pauses5s += 1;
    if (redrawn) this.redraws += 1;
    else if (bytes <= STREAM_BYTES && gap >= STREAM_FROM_SECONDS && gap <= STREAM_UNTIL_SECONDS) {
      this.#streamed += 1;
    }
  }

  get streamShare(): number | null {
    return this.events === 0 ? null : this.#streamed / this.events;
  }

  get redrawShare(): number | null {
    return this.events === 0 ? null : this.redraws / this.events;
  }
}
