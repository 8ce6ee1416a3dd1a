import { RHYTHM_BINS } from "../model/pty_features.ts";
import type { PrintBlock } from "./print_block.ts";

/** Bins begin this narrow, and double until the recording fits. */
const FIRST_BIN_SECONDS = 0.01;

/** Events and bytes over time in at most 2,000 bins, in one pass over a recording of any length. */
export class Rhythm {
  binSeconds = FIRST_BIN_SECONDS;
  readonly #events = new Float64Array(RHYTHM_BINS);
  readonly #bytes = new Float64Array(RHYTHM_BINS);
  #used = 0;
  #bin = 0;
  #binEnd = 0;

  /** Takes the prints of a block from `first` on; `origin` is the time of the first print event. */
  add({ length, times, sizes }: PrintBlock, first: number, origin: number): void {
    let events = 0;
    let bytes = 0;
    let end = this.#binEnd;
    for (let i = first; i < length; i++) {
      const seconds = times[i]! - origin;
      if (seconds >= end) {
        this.#events[this.#bin]! += events;
        this.#bytes[this.#bin]! += bytes;
        events = bytes = 0;
        end = this.#goOn(seconds);
      }
      events += 1;
      bytes += sizes[i]!;
    }
    this.#events[this.#bin]! += events;
    this.#bytes[this.#bin]! += bytes;
  }

  /** Bins up to the one that holds `seconds`. */
  until(seconds: number): { events: number[]; bytes: number[] } {
    const used = Math.min(this.#used, Math.floor(seconds / this.binSeconds) + 1);
    return {
      events: [...this.#events.subarray(0, used)],
      bytes: [...this.#bytes.subarray(0, used)],
    };
  }

  // Says where the bin ends that holds `seconds`.
  #goOn(seconds: number): number {
    let bin = Math.floor(seconds / this.binSeconds);
    while (bin >= RHYTHM_BINS) {
      this.#halve();
      bin = Math.floor(seconds / this.binSeconds);
    }
    this.#bin = bin;
    // a little early, since a product may round up
    this.#binEnd = (bin + 1) * this.binSeconds * (1 - 1e-12);
    if (bin >= this.#used) this.#used = bin + 1;
    return this.#binEnd;
  }

  #halve(): void {
    for (const values of [this.#events, this.#bytes]) {
      for (let bin = 0; bin < RHYTHM_BINS / 2; bin++) {
        values[bin] = values[2 * bin]! + values[2 * bin + 1]!;
      }
      values.fill(0, RHYTHM_BINS / 2);
    }
    this.#used = Math.ceil(this.#used / 2);
    this.binSeconds *= 2;
  }
}
