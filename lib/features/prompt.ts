import type { EchoScreen } from "./echo_screen.ts";
import { asks, isPromptMark } from "./prompt_marks.ts";

/** What the row under the cursor looks like once a print is over. */
type RowKind =
  /** A shell's prompt. */
  | "prompt"
  /** The prompt for the rest of an unfinished command: `> ` and its like. */
  | "continuation"
  /** A question of a program: what is typed is typed, but no command line. */
  | "question"
  | "text";

const SPACE = 0x20;
const PERCENT = 0x25;
const GREATER = 0x3e;
const LESS = 0x3c;
/** Characters that a path or a host in front of the mark brings along. */
const PLACES: ReadonlySet<number> = new Set([..."@:~/])}"].map((c) => c.codePointAt(0)!));
const LONGEST_PROMPT = 160;
const SHORTEST_KNOWN = 4;

/** What is known of the shell at the other end. */
interface PromptHints {
  /** Whether the line just before was entered and nothing was shown since. */
  afterEnter: boolean;
  /** Whether this recording's shell ever switched bracketed paste on. */
  usesPasteMode: boolean;
}

/**
 * Recognises prompts by the row that a print leaves the cursor in. With bracketed paste on, the
 * shell is reading and any row is its prompt. Without it a row has to end in a mark and a space:
 * with a path or host in front, as one word, or alike to the prompt seen before.
 */
export class PromptReader {
  #mark = 0;
  #column = 0;
  #spaced = false;
  #hash = 0;

  read(screen: EchoScreen, hints: PromptHints): RowKind {
    if (screen.column === 0) return "text";
    const spaced = screen.before(1) === SPACE;
    const mark = screen.before(spaced ? 2 : 1);
    const isMark = isPromptMark(mark) && (spaced || screen.pasteMode);
    if (screen.alternate) return this.#readAlternate(screen, isMark && spaced ? mark : 0);
    if (!isMark) {
      if (screen.pasteMode) return this.#accept(screen, 0);
      return spaced && asks(mark) ? "question" : "text";
    }
    if (mark === PERCENT && isDigit(screen.before(spaced ? 3 : 2))) return "text";
    if (isBar(mark, screen.before(spaced ? 3 : 2))) return mark === GREATER ? "question" : "text";
    if (mark === GREATER && this.#continues(screen, hints)) return "continuation";
    if (screen.pasteMode) return this.#accept(screen, mark);
    if (screen.column > LONGEST_PROMPT) return "text";
    if (this.#looksLikePrompt(screen)) return this.#accept(screen, mark);
    const alike = this.#mark === 0 || (mark === this.#mark && screen.column === this.#column);
    if (alike && !hints.usesPasteMode) return this.#accept(screen, mark);
    return mark === GREATER ? "question" : "text";
  }

  /**
   * Whether the row up to the cursor is the very prompt that was there last. Marks alone are not
   * enough: text is quoted with `> `, and commands are shown with `$ `.
   */
  knows(screen: EchoScreen): boolean {
    return screen.column >= SHORTEST_KNOWN && screen.column === this.#column &&
      screen.rowHash() === this.#hash;
  }

  /** Whether the row ends like the prompt that was there last: it was drawn again, or anew. */
  drawsAgain(screen: EchoScreen): boolean {
    if (this.#mark === 0) return false;
    const spaced = screen.before(1) === SPACE;
    if (screen.before(spaced ? 2 : 1) !== this.#mark || spaced !== this.#spaced) return false;
    this.#accept(screen, this.#mark);
    return true;
  }

  // Full-screen programs show all kinds of things; a prompt among them has to look the part, as in
  // a terminal multiplexer.
  #readAlternate(screen: EchoScreen, mark: number): RowKind {
    if (mark === 0 || screen.column > LONGEST_PROMPT) return "text";
    if (isBar(mark, screen.before(3)) || !this.#looksLikePrompt(screen)) return "text";
    for (let back = 3; back <= screen.column; back++) {
      if (PLACES.has(screen.before(back))) return this.#accept(screen, mark);
    }
    return "text";
  }

  #accept(screen: EchoScreen, mark: number): RowKind {
    this.#mark = mark || this.#mark;
    this.#column = screen.column;
    this.#spaced = screen.before(1) === SPACE;
    this.#hash = screen.rowHash();
    return "prompt";
  }

  // `> ` alone, or one word and `> `, straight after a line was entered at another prompt. With
  // paste mode on, text that was sent ahead and echoed by the kernel may lie between.
  #continues(screen: EchoScreen, hints: PromptHints): boolean {
    if (this.#mark === 0) return false;
    if (!hints.afterEnter && !(screen.pasteMode && screen.column === 2)) return false;
    if (screen.column === 2) return this.#mark !== GREATER || this.#column !== 2;
    if (this.#mark === GREATER) return false;
    for (let back = 3; back <= screen.column; back++) {
      const rune = screen.before(back);
      if (rune !== SPACE && (rune < 0x61 || rune > 0x7a)) return false;
    }
    return true;
  }

  #looksLikePrompt(screen: EchoScreen): boolean {
    let words = 1;
    let place = false;
    let letters = false;
    let first = 0;
    for (let back = 3; back <= screen.column; back++) {
      const rune = screen.before(back);
      first = rune;
      if (PLACES.has(rune)) place = true;
      if (rune === SPACE) words += 1;
      if (rune > 0x40 || isDigit(rune)) letters = true;
    }
    if (screen.column < 4 || first === LESS) return false;
    return place || (words === 1 && letters);
  }
}

// Bars of progress are drawn with the same characters: `####`, `===>`, `-->`.
function isBar(mark: number, before: number): boolean {
  if (mark === GREATER) return before === 0x3d || before === 0x2d;
  return before === mark && mark < 0x80;
}

function isDigit(rune: number): boolean {
  return rune >= 0x30 && rune <= 0x39;
}
