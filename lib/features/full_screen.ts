import { Pace } from "./pace.ts";

/** What a key changes on a full screen is at most this long, status line included. */
const SMALL_BYTES = 80;
/** Prints closer than this are one redraw. */
const REDRAW_SECONDS = 0.03;
/** After a longer pause nobody was typing on. */
const PACE_SECONDS = 2;

/**
 * The pace of typing in full-screen programs, where no line is echoed: keys show as small redraws,
 * each by itself. What such a program draws without being asked, a clock or a counter, is taken for
 * keys too; its gaps are even.
 */
export class FullScreen {
  /** Prints while the alternate screen was shown. */
  prints = 0;
  /** Prints that showed a single character. */
  singles = 0;
  /** Times from one small redraw to the next, up to 2 s. */
  readonly keyPace = new Pace();
  #lastAt = NaN;
  #keyAt = NaN;
  /** The gap before the last small redraw, which may go on and be a large one. */
  #gap = NaN;

  /** Takes one print at `at` seconds that showed `chars` characters. */
  add(at: number, bytes: number, chars: number): void {
    this.prints += 1;
    if (chars === 1) this.singles += 1;
    const goesOn = at - this.#lastAt < REDRAW_SECONDS;
    this.#lastAt = at;
    if (!goesOn) this.#settle();
    if (bytes > SMALL_BYTES) {
      this.#gap = this.#keyAt = NaN;
    } else if (!goesOn) {
      this.#gap = at - this.#keyAt;
      this.#keyAt = at;
    }
  }

  /** A print of a shell within the full screen, whose keys are counted elsewhere. */
  pass(): void {
    this.prints += 1;
    this.#settle();
    this.#keyAt = NaN;
  }

  /** Ends the recording. */
  finish(): void {
    this.#settle();
  }

  #settle(): void {
    const gap = this.#gap;
    this.#gap = NaN;
    if (gap <= PACE_SECONDS) this.keyPace.add(gap);
  }
}
