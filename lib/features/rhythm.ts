import { RHYTHM_BINS } from "../model/pty_features.ts";

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

  /** `seconds` counts from the first print event and does not go back. */
  add(seconds: number, bytes: number): void {
    if (seconds >= this.#binEnd) this.#goOn(seconds);
    this.#events[this.#bin]! += 1;
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

  #goOn(seconds: number): void {
    let bin = Math.floor(seconds / this.binSeconds);
    while (bin >= RHYTHM_BINS) {
      this.#halve();
      bin = Math.floor(seconds / this.binSeconds);
    }
    this.#bin = bin;
    // a little early, since a product may round up
    this.#binEnd = (bin + 1) * this.binSeconds * (1 - 1e-12);
    if (bin >= this.#used) this.#used = bin + 1;
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
