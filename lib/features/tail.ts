import { type PrintBlock, PROMPTED, REDRAWN, WHOLE_LINE } from "./print_block.ts";
import { Quantiles } from "./quantiles.ts";

/** A streamed piece of text is at most this long, redraws nothing … */
const STREAM_BYTES = 24;
/** … and comes this long after the one before. */
const STREAM_FROM_SECONDS = 0.002;
const STREAM_UNTIL_SECONDS = 0.15;

/**
 * What a program shows after the last whole line was entered, until the shell prompts again or
 * the recording ends: there an agent's own program differs from a script. Until there is such a
 * line it is what was shown before the first prompt.
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
  /** A whole line was entered with the last print. */
  #pending = false;

  /** A program drives from `at` on: what came before is no longer the tail. */
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

  /**
   * Takes the prints of a block. A tail begins with the print after one that entered a whole line,
   * and ends with one that prompts.
   */
  add(block: PrintBlock): void {
    const { length, times, gaps, marks } = block;
    let from = 0;
    for (let i = 0; i < length; i++) {
      if (this.#pending) {
        this.restart(times[i]! - gaps[i]!);
        from = i;
      }
      const mark = marks[i]! & (WHOLE_LINE | PROMPTED);
      this.#pending = (mark & WHOLE_LINE) !== 0;
      if (mark === 0 || this.#pending) continue;
      this.#take(block, from, i + 1);
      this.#open = false;
    }
    this.#take(block, from, length);
  }

  #take({ times, gaps, sizes, marks }: PrintBlock, first: number, end: number): void {
    // nothing comes before the very first print
    const from = first < end && Number.isNaN(gaps[first]!) ? first + 1 : first;
    if (!this.#open || from === end) return;
    this.events += end - from;
    this.seconds = times[end - 1]! - this.#from;
    this.gaps.addAll(gaps, { from, end });
    for (let i = from; i < end; i++) {
      const gap = gaps[i]!;
      if (gap > 5) this.pauses5s += 1;
      if (marks[i]! & REDRAWN) this.redraws += 1;
      else if (
        sizes[i]! <= STREAM_BYTES && gap >= STREAM_FROM_SECONDS && gap <= STREAM_UNTIL_SECONDS
      ) this.#streamed += 1;
    }
  }

  get streamShare(): number | null {
    return this.events === 0 ? null : this.#streamed / this.events;
  }

  get redrawShare(): number | null {
    return this.events === 0 ? null : this.redraws / this.events;
  }
}
