import { runeTail, runeWidth } from "./rune_width.ts";
import { MAX_CELLS } from "./short_redraw.ts";

const SPACE = 0x20;
const DELETE = 0x7f;
/** Stands for bytes that are no UTF-8. */
const REPLACEMENT = 0xfffd;

/**
 * The row that the cursor of a terminal is in, and what text does to it. {@link EchoScreen} builds
 * on it and says the rest. Fields are public for speed; only these two write them, but for the
 * first.
 */
export class EchoRow {
  /** Columns of the terminal, where known; 0: lines never wrap. */
  columns = 0;

  row = 0;
  column = 0;

  // Of the last stretch:
  /** Printable characters shown. */
  chars = 0;
  /** Words begun. */
  words = 0;
  lineFeeds = 0;
  wraps = 0;
  /** Cells that wide characters took. */
  wideCells = 0;
  moved = false;
  /** Moves back or up, then writes: a redraw in place. */
  redrawn = false;

  protected readonly cells = new Int32Array(MAX_CELLS);
  /** Cells that were written. */
  protected width = 0;
  /** A lone carriage return came, from this column, and no text since. */
  protected returned = false;
  protected returnedFrom = 0;
  /** Bytes that are missing of a character which was cut, and what is known of it. */
  protected runeLeft = 0;
  #rune = 0;
  #inWord = false;

  /** The code point `back` cells left of the cursor; a space where nothing was written. */
  before(back: number): number {
    const at = this.column - back;
    return at >= 0 && at < this.width ? this.cells[at]! : at < 0 ? 0 : SPACE;
  }

  /** Tells the rows up to the cursor apart, and nothing more; never 0. */
  rowHash(): number {
    let hash = this.column;
    for (let back = 1; back <= this.column; back++) {
      hash = Math.imul(hash ^ this.before(back), 0x01000193);
    }
    return hash | 1;
  }

  /** Place of the cursor counted in cells, over wrapped rows. */
  get place(): number {
    return this.columns === 0 ? this.column : this.row * this.columns + this.column;
  }

  /** What comes next begins a word. */
  beginWord(): void {
    this.#inWord = false;
  }

  /** Puts a character of ASCII behind the cursor, if that is all it does; false: it may do more. */
  protected put(byte: number): boolean {
    const at = this.column;
    const end = this.columns > 0 && this.columns < MAX_CELLS ? this.columns : MAX_CELLS;
    if (byte < SPACE || byte >= DELETE || at >= end || at > this.width) return false;
    if (this.runeLeft > 0 || this.returned) return false;
    this.words = 0;
    if (byte === SPACE) this.#inWord = false;
    else if (!this.#inWord) {
      this.#inWord = true;
      this.words = 1;
    }
    this.cells[at] = byte;
    this.column = at + 1;
    if (at === this.width) this.width = at + 1;
    return true;
  }

  /** A run of ASCII, of which nobody needs the words; says where it ends. */
  protected run(data: Uint8Array, from: number, until: number): number {
    if (this.returned) this.#overwrite();
    const cells = this.cells;
    let { column } = this;
    let width = this.width;
    const columns = this.columns || 0x7fffffff;
    let at = from;
    for (; at < until; at++) {
      const byte = data[at]!;
      if (byte < SPACE || byte >= DELETE) break;
      if (column >= columns) {
        column = width = 0;
        this.row += 1;
        this.wraps += 1;
      }
      if (column < MAX_CELLS) {
        if (column > width) cells.fill(SPACE, width, column);
        cells[column] = byte;
        if (column >= width) width = column + 1;
      }
      column += 1;
    }
    this.chars += at - from;
    this.column = column;
    this.width = width;
    return at;
  }

  protected newLine(): void {
    this.lineFeeds += 1;
    this.row += 1;
    this.width = this.returnedFrom = 0;
    this.returned = this.#inWord = false;
  }

  protected move(column: number): void {
    if (column === this.column) return;
    this.column = column;
    this.moved = true;
  }

  // Text after a lone carriage return goes over what is there.
  #overwrite(): void {
    this.returned = false;
    this.moved = this.redrawn = true;
  }

  protected show(rune: number, width: number): void {
    this.chars += 1;
    if (rune === SPACE) this.#inWord = false;
    else if (!this.#inWord) {
      this.#inWord = true;
      this.words += 1;
    }
    if (this.returned) this.#overwrite();
    if (width === 2) this.wideCells += 2;
    if (this.columns > 0 && this.column + width > this.columns) {
      this.column = 0;
      this.row += 1;
      this.wraps += 1;
      this.width = 0;
    }
    const at = this.column;
    this.column += width;
    if (at >= MAX_CELLS) return;
    if (at > this.width) this.cells.fill(SPACE, this.width, at);
    this.cells[at] = rune;
    if (width === 2 && at + 1 < MAX_CELLS) this.cells[at + 1] = rune;
    if (this.column > this.width) this.width = Math.min(MAX_CELLS, this.column);
  }

  /** A character of several bytes; byte by byte where it is cut or broken. Says where it ends. */
  protected runes(data: Uint8Array, from: number, until: number): number {
    const byte = data[from]!;
    const left = runeTail(byte);
    if (left === 0 || from + left >= until) {
      this.#runeByte(byte, left);
      return from + 1;
    }
    let rune = byte & (0x3f >> left);
    for (let at = from + 1; at <= from + left; at++) {
      const next = data[at]!;
      if ((next & 0xc0) !== 0x80) {
        this.show(REPLACEMENT, 1);
        return at;
      }
      rune = (rune << 6) | (next & 0x3f);
    }
    const width = runeWidth(rune);
    if (width > 0) this.show(rune, width);
    return from + left + 1;
  }

  #runeByte(byte: number, left: number): void {
    if (left > 0) {
      this.runeLeft = left;
      this.#rune = byte & (0x3f >> left);
      return;
    }
    if (this.runeLeft === 0) return this.show(REPLACEMENT, 1);
    this.#rune = (this.#rune << 6) | (byte & 0x3f);
    this.runeLeft -= 1;
    if (this.runeLeft > 0) return;
    const width = runeWidth(this.#rune);
    if (width > 0) this.show(this.#rune, width);
  }

  protected brokenRune(): void {
    this.runeLeft = 0;
    this.show(REPLACEMENT, 1);
  }
}
