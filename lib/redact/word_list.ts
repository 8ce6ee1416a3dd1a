/** A word of a list, found in a text. */
interface WordSpan<T> {
  start: number;
  end: number;
  /** What the list has for the word. */
  value: T;
  /** False where the text has only the begin of the word, and "…" behind it. */
  whole: boolean;
}

interface Node<T> {
  next: Map<string, Node<T>>;
  word: { value: T; isHead: boolean } | null;
  /** The value of the first word that leads through here. */
  through: T | null;
}

/** A begin of a word that was cut off says nothing when it is shorter than this. */
const SHORTEST_CUT = 6;

/**
 * Finds the words of a list in texts, whatever their case, where they stand alone: no letter, digit
 * or underscore touches them. Where several begin at one place the longest counts. Words may hold
 * any character. A text takes time in proportion to its length times that of the longest word.
 */
export class WordList<T> {
  readonly #root: Node<T> = { next: new Map(), word: null, through: null };

  /**
   * Adds a word; of two that differ by case only the first counts. With `isHead` it is the begin of
   * a longer one, which is taken to go on to the next space.
   */
  add(word: string, value: T, { isHead = false }: { isHead?: boolean } = {}): void {
    let node = this.#root;
    for (let i = 0; i < word.length; i++) {
      const char = folded(word, i);
      const next = node.next.get(char) ?? { next: new Map(), word: null, through: value };
      node.next.set(char, next);
      node = next;
    }
    node.word ??= { value, isHead };
  }

  /** The words in a text, in order, none over another. */
  find(text: string): WordSpan<T>[] {
    const spans: WordSpan<T>[] = [];
    for (let at = 0; at < text.length;) {
      const found = isWordCharacter(text, at - 1) && isWordCharacter(text, at)
        ? null
        : this.#longestAt(text, at);
      if (found !== null) spans.push(found);
      at = found === null ? at + 1 : found.end;
    }
    return spans;
  }

  #longestAt(text: string, start: number): WordSpan<T> | null {
    let node = this.#root;
    let found: WordSpan<T> | null = null;
    for (let at = start; at < text.length; at++) {
      const next = node.next.get(folded(text, at));
      if (next === undefined) {
        const isCut = text[at] === "…" && at - start >= SHORTEST_CUT && node.through !== null;
        return isCut ? { start, end: at + 1, value: node.through!, whole: false } : found;
      }
      node = next;
      if (node.word === null) continue;
      if (node.word.isHead) {
        let end = at + 1;
        while (end < text.length && !/\s/.test(text[end]!)) end++;
        return { start, end, value: node.word.value, whole: true };
      }
      if (!(isWordCharacter(text, at) && isWordCharacter(text, at + 1))) {
        found = { start, end: at + 1, value: node.word.value, whole: true };
      }
    }
    return found;
  }
}

/** One unit of text in lower case; as it is where lower case is longer. */
function folded(text: string, at: number): string {
  const char = text[at]!;
  const lower = char.toLowerCase();
  return lower.length === 1 ? lower : char;
}

function isWordCharacter(text: string, at: number): boolean {
  const char = text[at];
  return char !== undefined && /[\p{L}\p{N}_]/u.test(char);
}
