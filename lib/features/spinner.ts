import { type PrintBlock, REDRAWN } from "./print_block.ts";
import { Quantiles } from "./quantiles.ts";

/** Prints closer than this are one frame. */
const FRAME_SECONDS = 0.01;
/** Frames of a spinner follow in this time … */
const SHORTEST_PERIOD_SECONDS = 0.04;
const LONGEST_PERIOD_SECONDS = 0.3;
/** … and differ by at most so many bytes. */
const ALIKE_BYTES = 4;
/** A run of this length counts as one turning of a spinner … */
const SHORTEST_RUN_SECONDS = 2;
/** … and one of so many frames tells its period: progress bars make shorter ones. */
const SHORTEST_RUN = 15;
const LONGEST_RUN = 4096;

/**
 * Finds runs of redraws of like size. Prints within 10 ms of each other are one frame; a run goes
 * on while frames write over what was there, 40 to 300 ms apart, and their sizes stay within 4
 * bytes of the first.
 */
export class Spinner {
  /** Runs that lasted for 2 s. */
  runs = 0;
  #frameAt = NaN;
  #frameBytes = 0;
  #frameMarks = 0;
  #lastAt = NaN;
  #runBytes = 0;
  #runFirstAt = NaN;
  #runLastAt = NaN;
  #run = new Quantiles();
  #best = new Quantiles();

  /** Takes the prints of a block. */
  add({ length, times, sizes, marks }: PrintBlock): void {
    let lastAt = this.#lastAt;
    let frameAt = this.#frameAt;
    let bytes = this.#frameBytes;
    let what = this.#frameMarks;
    for (let i = 0; i < length; i++) {
      const at = times[i]!;
      if (!(at - lastAt < FRAME_SECONDS)) {
        this.#closeFrame(frameAt, bytes, what);
        frameAt = at;
        bytes = what = 0;
      }
      bytes += sizes[i]!;
      what |= marks[i]!;
      lastAt = at;
    }
    this.#lastAt = lastAt;
    this.#frameAt = frameAt;
    this.#frameBytes = bytes;
    this.#frameMarks = what;
  }

  /** The median time between frames of the longest run; null without a run. */
  finish(): number | null {
    this.#closeFrame(this.#frameAt, this.#frameBytes, this.#frameMarks);
    this.#closeRun();
    return this.#best.quantile(0.5);
  }

  #closeFrame(at: number, bytes: number, marks: number): void {
    if ((marks & REDRAWN) === 0) return this.#closeRun();
    const gap = at - this.#runLastAt;
    const alike = Math.abs(bytes - this.#runBytes) <= ALIKE_BYTES;
    if (alike && gap >= SHORTEST_PERIOD_SECONDS && gap <= LONGEST_PERIOD_SECONDS) {
      if (this.#run.count < LONGEST_RUN) this.#run.add(gap);
    } else {
      this.#closeRun();
      this.#runBytes = bytes;
      this.#runFirstAt = at;
    }
    this.#runLastAt = at;
  }

  #closeRun(): void {
    if (this.#runLastAt - this.#runFirstAt >= SHORTEST_RUN_SECONDS) this.runs += 1;
    this.#runLastAt = NaN;
    if (this.#run.count === 0) return;
    if (this.#run.count >= SHORTEST_RUN && this.#run.count > this.#best.count) {
      [this.#best, this.#run] = [this.#run, this.#best];
    }
    this.#run.clear();
  }
}
