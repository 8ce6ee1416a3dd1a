import { type PrintBlock, REDRAWN } from "./print_block.ts";
import { asks, isPromptMark } from "./prompt_marks.ts";
import { runeWidth } from "./rune_width.ts";

/** Cells of the current row that are remembered. */
export const MAX_CELLS = 512;
/** Prints that are longer are no short redraws. */
export const SHORT_PRINT = 32;

const SPACE = 0x20;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const BACKSPACE = 8;
const ESCAPE = 0x1b;
const DELETE = 0x7f;
const BRACKET = 0x5b;
/** The cursor was moved, by anything but text; beside the bits of a print's marks. */
const MOVED = 128;

/**
 * Reads short redraws, whole: text, colours and moves within one row, as spinners, counters and
 * progress bars write them by the thousand. {@link EchoScreen} reads everything else. The fields
 * are public for speed: all but the last two are to be set before, and all hold afterwards.
 */
export class ShortRedraw {
  /** Columns of the terminal, at most {@link MAX_CELLS}. */
  columns = 0;
  /** A row that begins with this byte may be a prompt; -1: none. */
  promptByte = -1;
  /** Whatever a print leaves the cursor behind may be a prompt. */
  wary = false;
  column = 0;
  /** Cells of the row that were written. */
  width = 0;
  /** A lone carriage return came, from this column, and no text since. */
  returned = false;
  returnedFrom = 0;
  /** The byte that the row began with. */
  rowByte = -1;
  /** Printable characters shown. */
  chars = 0;
  /** The last print showed a single character. */
  single = false;

  readonly #cells: Int32Array;

  /** `cells`: code points of the current row, {@link MAX_CELLS} of them. */
  constructor(cells: Int32Array) {
    this.#cells = cells;
  }

  /**
   * Reads prints of the block from `first` on, sets their marks and says where it stopped: before a
   * print that holds something else, wraps the row or may leave a prompt, or behind one that shows a
   * single character. Of a print it stopped before nothing but cells was changed, and whoever reads
   * it again writes the same into them. One long body: what it has in hand stays in registers from
   * print to print.
   */
  read({ bytes, starts, ends, marks }: PrintBlock, first: number, end: number): number {
    const cells = this.#cells;
    const { columns, promptByte, wary } = this;
    let { column, width, returned, returnedFrom, rowByte } = this;
    let shown = 0;
    let single = false;
    let row = first;
    prints: while (row < end && !single) {
      const from = starts[row]!;
      const until = ends[row]!;
      const head = bytes[from]!;
      if (from >= until || until - from > SHORT_PRINT || head === promptByte) break;
      if (bytes[until - 1] === LINE_FEED) break;
      let x = column;
      let wide = width;
      let back = returned;
      let backFrom = returnedFrom;
      let chars = 0;
      let what = 0;
      let at = from;
      while (at < until) {
        let rune = bytes[at++]!;
        if (rune < SPACE) {
          if (rune === CARRIAGE_RETURN) {
            back = x > 0;
            if (back) backFrom = x;
            x = 0;
          } else if (rune === BACKSPACE) {
            what |= REDRAWN;
            if (x > 0) {
              x -= 1;
              what |= MOVED;
            }
          } else if (rune === ESCAPE) {
            if (at >= until || bytes[at++] !== BRACKET) break prints;
            // up to two parameters of few digits
            let one = 0;
            let last = 0;
            let given = 1;
            let next = 0;
            while (at < until) {
              next = bytes[at++]!;
              if (next >= 0x30 && next <= 0x39) last = last * 10 + next - 0x30;
              else if (next === 0x3b && given === 1) {
                one = last;
                last = 0;
                given = 2;
              } else break;
            }
            if (last > 9999 || one > 9999) break prints;
            if (next === 0x48) {
              what |= REDRAWN | MOVED;
              x = given === 1 ? 0 : Math.max(1, last) - 1;
            } else if (next === 0x4b) {
              if (given === 2) break prints;
              if (last === 0) wide = Math.min(wide, x);
              else if (last === 2) wide = 0;
            } else if (next !== 0x6d) break prints;
          } else break prints;
          continue;
        }
        if (rune >= DELETE) {
          // three bytes, as frames of spinners and boxes have
          if ((rune & 0xf0) !== 0xe0 || at + 2 > until) break prints;
          const second = bytes[at]!;
          const third = bytes[at + 1]!;
          if ((second & 0xc0) !== 0x80 || (third & 0xc0) !== 0x80) break prints;
          rune = (rune & 15) << 12 | (second & 63) << 6 | third & 63;
          if (runeWidth(rune) !== 1) break prints;
          at += 2;
        }
        if (back) {
          back = false;
          what |= REDRAWN | MOVED;
        }
        // rows that wrap are read with more care
        if (x >= columns) break prints;
        if (x > wide) cells.fill(SPACE, wide, x);
        cells[x++] = rune;
        if (x > wide) wide = x;
        chars += 1;
      }
      if (x !== 0 && (chars > 0 || (what & MOVED) !== 0)) {
        if (wary) break;
        if ((x > wide || cells[x - 1] === SPACE) && x > 1) {
          const mark = x - 1 > wide ? SPACE : cells[x - 2]!;
          if (isPromptMark(mark) || asks(mark)) break;
        }
      }
      if (column === 0) rowByte = head;
      column = x;
      width = wide;
      returned = back;
      returnedFrom = backFrom;
      shown += chars;
      single = chars === 1;
      marks[row++] = what & REDRAWN;
    }
    this.column = column;
    this.width = width;
    this.returned = returned;
    this.returnedFrom = returnedFrom;
    this.rowByte = rowByte;
    this.chars = shown;
    this.single = single;
    return row;
  }
}
