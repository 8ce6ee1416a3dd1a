/** Words that are told apart; those beyond are counted together. */
const MAX_WORDS = 10_000;

/** How often each word came. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(word: string, times = 1): void {
    const known = this.#counts.get(word);
    if (known !== undefined) this.#counts.set(word, known + times);
    else if (this.#counts.size < MAX_WORDS) this.#counts.set(word, times);
  }

  get distinct(): number {
    return this.#counts.size;
  }

  /** How often the commonest came; 0 without any. */
  get most(): number {
    let most = 0;
    for (const count of this.#counts.values()) if (count > most) most = count;
    return most;
  }

  /** The commonest, of several the first by the alphabet; null without any. */
  commonest(): string | null {
    const { most } = this;
    let found: string | null = null;
    for (const [word, count] of this.#counts) {
      if (count === most && (found === null || word < found)) found = word;
    }
    return found;
  }
}
