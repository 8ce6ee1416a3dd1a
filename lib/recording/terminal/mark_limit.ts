/** Characters that a terminal puts on the one before, in its cell: accents, joiners, tags. */
const MARKS = /[\p{M}\p{Cf}\u1160-\u11ff]/u;
const RUN = /[\p{M}\p{Cf}\u1160-\u11ff]+/gu;
/** Of a run so many are kept; real text has few. */
const MOST = 256;

/**
 * Takes long runs of marks out of a text that comes in pieces: a cell takes any number of them, and
 * its row is read again and again.
 */
export class MarkLimit {
  /** Marks at the end of what came so far. */
  #behind = 0;

  /** The next piece, with the begin of each run. */
  take(text: string): string {
    if (text === "") return text;
    if (!MARKS.test(text)) {
      this.#behind = 0;
      return text;
    }
    let end = 0;
    const kept = text.replace(RUN, (run, at: number) => {
      const before = at === 0 ? this.#behind : 0;
      const marks = [...run];
      if (at + run.length === text.length) end = before + marks.length;
      return marks.slice(0, Math.max(0, MOST - before)).join("");
    });
    this.#behind = end;
    return kept;
  }
}
