import { Quantiles } from "./quantiles.ts";

/** A silence of more seconds than this before a line is a thought. */
const THOUGHT_SECONDS = 5;

/** What is measured of lines that arrived in one piece, apart from how many there were. */
export class WholeLines {
  /** Characters and words of the last one, its continuation lines included; null without one. */
  chars: number | null = null;
  words: number | null = null;
  /** Of the one that has the most words: how many, and how many of them are prose. */
  longWords: number | null = null;
  longProse: number | null = null;
  /** Silences before them, where they are known. */
  readonly silences = new Quantiles();
  silencesOver5s = 0;

  #lastSilence = NaN;
  #before: [number | null, number | null] = [null, null];

  /** A line was entered; `silence` is NaN where nothing is known of what came before. */
  add(line: { chars: number; words: number; prose: number; silence: number }): void {
    const { silence } = line;
    if (!Number.isNaN(silence)) this.silences.add(silence);
    if (silence > THOUGHT_SECONDS) this.silencesOver5s += 1;
    this.#lastSilence = silence;
    this.#before = [this.chars, this.words];
    this.chars = line.chars;
    this.words = line.words;
    this.#keepLong(line.prose);
  }

  /** The last line goes on; `prose` counts all of it. */
  goOn({ chars, words, prose }: { chars: number; words: number; prose: number }): void {
    this.chars! += chars;
    this.words! += words;
    this.#keepLong(prose);
  }

  /** The last line was none. */
  takeBack(): void {
    if (!Number.isNaN(this.#lastSilence)) this.silences.removeLast(this.#lastSilence);
    if (this.#lastSilence > THOUGHT_SECONDS) this.silencesOver5s -= 1;
    [this.chars, this.words] = this.#before;
  }

  #keepLong(prose: number): void {
    if (this.words! <= (this.longWords ?? 0)) return;
    this.longWords = this.words;
    this.longProse = prose;
  }
}
