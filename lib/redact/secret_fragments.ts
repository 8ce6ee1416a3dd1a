/** A stretch of text that is a part of a secret found elsewhere. */
interface FragmentSpan {
  start: number;
  end: number;
  /** The placeholder of the whole. */
  name: string;
}

/** Shorter runs of a secret stand in other texts by chance. */
const SHORTEST = 12;
/** Of a longer secret the head is looked for. */
const LONGEST = 4096;
/** Runs that are remembered at most. */
const MOST_RUNS = 1_000_000;

/**
 * Finds what is left of secrets in other places: the first half that a terminal showed before the
 * rest was typed, a key cut by a program that wraps lines of its own. Every run of 12 characters of a
 * secret counts. Time is in proportion to the text.
 */
export class SecretFragments {
  readonly #runs = new Map<string, string>();

  /**
   * Adds a secret. Runs with blanks in them and frame lines of keys say too little; so do, with
   * `strict`, runs without letters and digits both: words and addresses are made of such.
   */
  add(secret: string, { name, strict }: { name: string; strict: boolean }): void {
    for (const word of secret.slice(0, LONGEST).split(/\s+|-----[A-Z0-9 ]{1,60}-----/)) {
      for (let at = 0; at + SHORTEST <= word.length; at++) {
        if (this.#runs.size >= MOST_RUNS) return;
        const run = word.slice(at, at + SHORTEST);
        if (strict && !(/[0-9]/.test(run) && /[A-Za-z]/.test(run))) continue;
        if (new Set(run).size > 3 && !this.#runs.has(run)) this.#runs.set(run, name);
      }
    }
  }

  /** The longest stretches of a text that are made of such runs. */
  find(text: string): FragmentSpan[] {
    const spans: FragmentSpan[] = [];
    if (this.#runs.size === 0) return spans;
    for (let at = 0; at + SHORTEST <= text.length; at++) {
      const name = this.#runs.get(text.slice(at, at + SHORTEST));
      if (name === undefined) continue;
      const last = spans.at(-1);
      if (last !== undefined && last.end > at) last.end = at + SHORTEST;
      else spans.push({ start: at, end: at + SHORTEST, name });
    }
    return spans;
  }
}
