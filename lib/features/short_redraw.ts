import { runeWidth } from "./rune_width.ts";

/** Cells of the current row that are remembered. */
export const MAX_CELLS = 512;

const SPACE = 0x20;
const CARRIAGE_RETURN = 13;
const BACKSPACE = 8;
const ESCAPE = 0x1b;
const DELETE = 0x7f;
const BRACKET = 0x5b;

/**
 * Reads short redraws, whole: text, colours and moves within one row, as spinners, counters and
 * progress bars write them by the thousand. {@link EchoScreen} reads everything else. The fields
 * are public for speed: the first five are to be set before a print, and all hold after it.
 */
export class ShortRedraw {
  /** Columns of the terminal. */
  columns = 0;
  column = 0;
  /** Cells of the row that were written. */
  width = 0;
  /** A lone carriage return came, from this column, and no text since. */
  returned = false;
  returnedFrom = 0;
  /** Printable characters shown. */
  chars = 0;
  moved = false;
  redrawn = false;

  readonly #cells: Int32Array;

  /** `cells`: code points of the current row, {@link MAX_CELLS} of them. */
  constructor(cells: Int32Array) {
    this.#cells = cells;
  }

  /**
   * Reads the print between `from` and `until` of `data`. False: it holds something else, or the
   * row wraps. Then nothing but cells was changed, and whoever reads the print again writes the same
   * into them.
   */
  read(data: Uint8Array, from: number, until: number): boolean {
    const cells = this.#cells;
    const { columns } = this;
    let { column, width, returned, returnedFrom } = this;
    let chars = 0;
    let moved = false;
    let redrawn = false;
    let at = from;
    while (at < until) {
      let rune = data[at++]!;
      if (rune < SPACE) {
        if (rune === CARRIAGE_RETURN) {
          returned = column > 0;
          if (returned) returnedFrom = column;
          column = 0;
        } else if (rune === BACKSPACE) {
          redrawn = true;
          if (column > 0) {
            column -= 1;
            moved = true;
          }
        } else if (rune === ESCAPE) {
          if (at >= until || data[at++] !== BRACKET) return false;
          // up to two parameters of few digits
          let first = 0;
          let second = 0;
          let given = 1;
          let next = 0;
          while (at < until) {
            next = data[at++]!;
            if (next >= 0x30 && next <= 0x39) second = second * 10 + next - 0x30;
            else if (next === 0x3b && given === 1) {
              first = second;
              second = 0;
              given = 2;
            } else break;
          }
          if (second > 9999 || first > 9999) return false;
          if (next === 0x48) {
            redrawn = moved = true;
            column = given === 1 ? 0 : Math.max(1, second) - 1;
          } else if (next === 0x4b) {
            if (given === 2) return false;
            if (second === 0) width = Math.min(width, column);
            else if (second === 2) width = 0;
          } else if (next !== 0x6d) return false;
        } else return false;
        continue;
      }
      if (rune >= DELETE) {
        // three bytes, as frames of spinners and boxes have
        if ((rune & 0xf0) !== 0xe0 || at + 2 > until) return false;
        const second = data[at]!;
        const third = data[at + 1]!;
        if ((second & 0xc0) !== 0x80 || (third & 0xc0) !== 0x80) return false;
        rune = (rune & 15) << 12 | (second & 63) << 6 | third & 63;
        if (runeWidth(rune) !== 1) return false;
        at += 2;
      }
      if (returned) {
        returned = false;
        moved = redrawn = true;
      }
      // rows that wrap are read with more care
      if (column >= columns) return false;
      if (column < MAX_CELLS) {
        if (column > width) cells.fill(SPACE, width, column);
        cells[column] = rune;
        if (column >= width) width = column + 1;
      }
      column += 1;
      chars += 1;
    }
    this.column = column;
    this.width = width;
    this.returned = returned;
    this.returnedFrom = returnedFrom;
    this.chars = chars;
    this.moved = moved;
    this.redrawn = redrawn;
    return true;
  }
}
