import { PrintBlock, REDRAWN } from "./print_block.ts";
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

  /** Takes the prints of a block. One long body: what it has in hand stays in registers. */
  add({ length, times, sizes, marks }: PrintBlock): void {
    let lastAt = this.#lastAt;
    let frameAt = this.#frameAt;
    let bytes = this.#frameBytes;
    let what = this.#frameMarks;
    let runLastAt = this.#runLastAt;
    let runBytes = this.#runBytes;
    for (let i = 0; i < length; i++) {
      const at = times[i]!;
      if (!(at - lastAt < FRAME_SECONDS)) {
        if ((what & REDRAWN) !== 0) {
          const gap = frameAt - runLastAt;
          const alike = Math.abs(bytes - runBytes) <= ALIKE_BYTES;
          if (alike && gap >= SHORTEST_PERIOD_SECONDS && gap <= LONGEST_PERIOD_SECONDS) {
            if (this.#run.count < LONGEST_RUN) this.#run.add(gap);
          } else {
            this.#closeRun(runLastAt);
            this.#runFirstAt = frameAt;
            runBytes = bytes;
          }
          runLastAt = frameAt;
        } else if (!Number.isNaN(runLastAt)) {
          this.#closeRun(runLastAt);
          runLastAt = NaN;
        }
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
    this.#runLastAt = runLastAt;
    this.#runBytes = runBytes;
  }

  /** The median time between frames of the longest run; null without a run. */
  finish(): number | null {
    const after = new PrintBlock(1);
    after.times[0] = Infinity;
    after.length = 1;
    this.add(after);
    this.#closeRun(this.#runLastAt);
    return this.#best.quantile(0.5);
  }

  #closeRun(lastAt: number): void {
    if (lastAt - this.#runFirstAt >= SHORTEST_RUN_SECONDS) this.runs += 1;
    if (this.#run.count === 0) return;
    if (this.#run.count >= SHORTEST_RUN && this.#run.count > this.#best.count) {
      [this.#best, this.#run] = [this.#run, this.#best];
    }
    this.#run.clear();
  }
}
