import { runeTail, runeWidth } from "./rune_width.ts";

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const BACKSPACE = 8;
const TAB = 9;
const ESCAPE = 0x1b;
const BRACKET = 0x5b;
const SELECT_COLOUR = 0x6d;

const SPACES = 0x20202020;

/** Chunks shorter than this are not worth a view of their own. */
const WORTH_A_VIEW = 2048;

/**
 * Finds where plain text (ASCII without control characters) ends, and plain rows: eight bytes at a
 * time in chunks that hold many prints.
 */
export class TextRun {
  #data: Uint8Array | null = null;
  #words: Int32Array = new Int32Array(0);
  /** Where the first word begins in the data. */
  #shift = 0;

  /** Characters of the last row. */
  chars = 0;

  /**
   * Where a row ends that holds nothing but text and colours up to its carriage return and line
   * feed; -1 where it holds anything else, or goes on.
   */
  row(data: Uint8Array, from: number, until: number): number {
    let chars = 0;
    let at = from;
    while (at < until) {
      const end = this.end(data, at, until);
      chars += end - at;
      if (end >= until) return -1;
      const byte = data[end]!;
      at = end + 1;
      if (byte === CARRIAGE_RETURN) {
        if (at >= until || data[at] !== LINE_FEED) return -1;
        this.chars = chars;
        return at + 1;
      } else if (byte === ESCAPE) {
        if (at >= until || data[at] !== BRACKET) return -1;
        do at += 1; while (at < until && data[at]! >= 0x30 && data[at]! <= 0x3b);
        if (at >= until || data[at] !== SELECT_COLOUR) return -1;
        at += 1;
      } else if (byte === TAB) chars += 1;
      else if (byte >= 0x80) {
        const left = runeTail(byte);
        if (left === 0 || at + left > until) return -1;
        let rune = byte & (0x3f >> left);
        for (const end = at + left; at < end; at++) {
          if ((data[at]! & 0xc0) !== 0x80) return -1;
          rune = (rune << 6) | (data[at]! & 0x3f);
        }
        if (runeWidth(rune) > 0) chars += 1;
      } else if (byte === LINE_FEED || byte === BACKSPACE) return -1;
    }
    return -1;
  }

  /** The place of the first byte from `from` on that is no plain text; `until` without one. */
  end(data: Uint8Array, from: number, until: number): number {
    let at = from;
    if (data.length >= WORTH_A_VIEW && until - from >= 8) {
      if (data !== this.#data) this.#view(data);
      const shift = this.#shift;
      const words = this.#words;
      let i = (at - shift) >> 2;
      if (i >= 0) {
        const last = Math.min(words.length, (until - shift + 3) >> 2) - 1;
        // what lies before it in its word passes for text
        const before = (1 << ((at - shift & 3) << 3)) - 1;
        let other = noText(words[i]! & ~before | SPACES & before);
        while (other === 0 && i < last) other = noText(words[++i]!);
        if (other !== 0) {
          at = (i << 2) + shift + (31 - Math.clz32(other & -other) >> 3);
          return at < until ? at : until;
        }
        at = Math.min(until, (i + 1 << 2) + shift);
      }
    }
    while (at < until) {
      const byte = data[at]!;
      if (byte < 0x20 || byte > 0x7e) return at;
      at += 1;
    }
    return at;
  }

  #view(data: Uint8Array): void {
    this.#data = data;
    this.#shift = -data.byteOffset & 3;
    const length = (data.length - this.#shift) >> 2;
    this.#words = new Int32Array(data.buffer, data.byteOffset + this.#shift, length);
  }
}

// The first of the bits set is that of the first byte in the word that is no plain text: below 0x20
// or above 0x7e. Those behind it may be wrong.
function noText(word: number): number {
  return ((word - SPACES) | (word + 0x01010101) | word) & 0x80808080;
}
