import { ControlSequence } from "./control_sequence.ts";
import { EchoRow } from "./echo_row.ts";
import type { PrintBlock } from "./print_block.ts";
import { isPromptMark } from "./prompt_marks.ts";
import { MAX_CELLS, SHORT_PRINT, ShortRedraw } from "./short_redraw.ts";
import { TextRun } from "./text_run.ts";

const SPACE = 0x20;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const BACKSPACE = 8;
const TAB = 9;
const ESCAPE = 0x1b;
const DELETE = 0x7f;
const BRACKET = 0x5b;

const enum State {
  Ground,
  Escape,
  Control,
  Text,
  TextEscape,
  Charset,
}

/**
 * What a terminal would do with prints, as far as the echo of a line needs it: the row the cursor
 * is in, where it stands, and the modes. Escape sequences and characters may be cut between
 * prints. Nothing of the text outlives the row.
 *
 * `feed()` describes a stretch of a print: what it showed, erased and moved. A print is one stretch
 * unless the shell begins or stops reading within it, or a prompt may end there. Fields are public
 * for speed; only this class writes them, but for the first three.
 */
export class EchoScreen extends EchoRow {
  /** Nobody is at a prompt: words need not be told apart, nor rows that are over kept. */
  overlook = false;
  /** Stop behind what may be a prompt's mark and its space … */
  stopAtMark = false;
  /** … and, while overlooking, in rows that begin with this byte; -1: in none. */
  promptByte = -1;

  alternate = false;
  /** Whether the shell's line editor is reading, as bracketed paste tells. */
  pasteMode = false;
  /** The byte that the row began with, while overlooking; that of the very first row in any case. */
  rowByte = -1;

  /** Window titles set so far. */
  titles = 0;
  /** Times the alternate screen was switched on. */
  fullScreens = 0;

  // Of the last stretch:
  /** Characters shown before the first line feed or the end of paste mode; -1 without either. */
  charsBeforeEnd = -1;
  /** Where the line ended then, counted as `place`. */
  placeBeforeEnd = 0;
  /** Words begun before that end. */
  wordsBeforeEnd = 0;
  /** Whether the cursor was moved, by anything but text, before that. */
  movedBeforeEnd = false;
  /** The line ends in `^C` or its like. */
  interrupted = false;
  erased = false;
  /** Characters were deleted, and what was right of them moved up. */
  deleted = false;
  pasteBegan = false;
  pasteEnded = false;
  stoppedAtMark = false;
  /** The last of the prints that `briefs()` took showed a single character, and no line feed. */
  single = false;

  readonly #text = new TextRun();
  readonly #short = new ShortRedraw(this.cells);
  #state: State = State.Ground;
  #intro = 0;
  readonly #control = new ControlSequence();
  #stop = false;

  /**
   * Takes a print that is one character of ASCII where all it does is to stand behind the cursor;
   * false where it does or may do more. Of the stretch it describes `words` alone.
   */
  character(byte: number): boolean {
    return this.#state === State.Ground && this.put(byte);
  }

  /** Takes `data` between `from` and `until`, and says how far it came. */
  feed(data: Uint8Array, from: number, until: number): number {
    this.chars =
      this.words =
      this.lineFeeds =
      this.wraps =
        0;
    this.wordsBeforeEnd = this.wideCells = 0;
    this.charsBeforeEnd = -1;
    this.movedBeforeEnd =
      this.moved =
      this.erased =
      this.deleted =
      this.redrawn =
        false;
    this.pasteBegan =
      this.pasteEnded =
      this.stoppedAtMark =
      this.interrupted =
        false;
    this.#stop = false;
    if (!this.overlook) {
      if (this.rowByte < 0 && from < until) this.rowByte = data[from]!;
      return this.#read(data, from, until, this.stopAtMark);
    }
    let at = from;
    while (at < until && !this.#stop) {
      const byte = data[at]!;
      if (this.column === 0) this.rowByte = byte;
      const plain = this.#state === State.Ground && this.runeLeft === 0 && !this.returned;
      // a short print without a line feed at its end is no row
      const long = data[until - 1] === LINE_FEED || until - at > SHORT_PRINT;
      if (long && plain && byte !== this.promptByte) {
        const next = this.#text.row(data, at, until);
        if (next > at) {
          this.chars += this.#text.chars;
          this.column = 0;
          this.newLine();
          at = next;
          continue;
        }
      }
      at = this.#read(data, at, until, byte === this.promptByte && this.column === 0);
    }
    return at;
  }

  /**
   * Takes prints of the block from `first` on while overlooking, as many as follow each other of the
   * most usual kinds: one row, or a short redraw of text, colours and moves within the row. Says
   * where it stopped: before a print of another kind or one that may leave a prompt, or behind one
   * that shows a single character. Sets their marks; of the stretch it describes `chars` alone.
   */
  briefs(block: PrintBlock, first: number, end: number): number {
    this.chars = 0;
    this.single = false;
    if (this.#state !== State.Ground || this.runeLeft > 0) return first;
    const { bytes, starts, ends, marks } = block;
    let row = first;
    while (row < end && !this.single) {
      const from = starts[row]!;
      const until = ends[row]!;
      const byte = bytes[from]!;
      if (bytes[until - 1] !== LINE_FEED) {
        const next = until - from > SHORT_PRINT ? row : this.#redraws(block, row, end);
        if (next === row) break;
        row = next;
      } else {
        if (from >= until || byte === this.promptByte || this.returned) break;
        if (this.#text.row(bytes, from, until) !== until) break;
        if (this.column === 0) this.rowByte = byte;
        this.chars += this.#text.chars;
        this.column = 0;
        this.newLine();
        marks[row++] = 0;
      }
    }
    return row;
  }

  #redraws(block: PrintBlock, first: number, end: number): number {
    const redraw = this.#short;
    redraw.columns = Math.min(this.columns || MAX_CELLS, MAX_CELLS);
    redraw.promptByte = this.promptByte;
    redraw.wary = this.pasteMode && !this.alternate;
    redraw.column = this.column;
    redraw.width = this.width;
    redraw.returned = this.returned;
    redraw.returnedFrom = this.returnedFrom;
    redraw.rowByte = this.rowByte;
    const next = redraw.read(block, first, end);
    this.column = redraw.column;
    this.width = redraw.width;
    this.returned = redraw.returned;
    this.returnedFrom = redraw.returnedFrom;
    this.rowByte = redraw.rowByte;
    this.chars += redraw.chars;
    this.single = redraw.single;
    return next;
  }

  // All that a terminal would do; while overlooking, up to the next line feed.
  #read(data: Uint8Array, from: number, until: number, stopAtMark: boolean): number {
    const skipWords = this.overlook && !stopAtMark;
    let at = from;
    while (at < until) {
      if (this.#state !== State.Ground) {
        this.#sequence(data[at++]!);
        if (this.#stop) return at;
        continue;
      }
      const byte = data[at]!;
      if (this.runeLeft > 0 && (byte & 0xc0) !== 0x80) this.brokenRune();
      if (byte >= SPACE && byte < DELETE) {
        if (skipWords) {
          at = this.run(data, at, until);
          continue;
        }
        at += 1;
        this.show(byte, 1);
        if (byte === SPACE && stopAtMark && isPromptMark(this.before(2))) {
          this.#stop = this.stoppedAtMark = true;
          return at;
        }
      } else if (byte === ESCAPE) {
        at += 1;
        if (at < until && data[at] === BRACKET) at = this.#controls(data, at + 1, until);
        else this.#state = State.Escape;
        if (this.#stop) return at;
      } else if (byte >= 0x80) at = this.runes(data, at, until);
      else {
        at += 1;
        if (byte === CARRIAGE_RETURN) {
          this.returned = this.column > 0;
          if (this.returned) this.returnedFrom = this.column;
          this.column = 0;
        } else if (byte === LINE_FEED) {
          this.#end();
          this.newLine();
          if (this.overlook) return at;
        } else if (byte === BACKSPACE) {
          this.redrawn = true;
          if (this.column > 0) this.move(this.column - 1);
        } else if (byte === TAB) {
          this.chars += 1;
          this.column = (this.column | 7) + 1;
        }
      }
    }
    return at;
  }

  #end(): void {
    if (this.charsBeforeEnd >= 0) return;
    this.charsBeforeEnd = this.chars;
    this.wordsBeforeEnd = this.words;
    this.movedBeforeEnd = this.moved;
    const column = this.column === 0 ? this.returnedFrom : this.column;
    this.placeBeforeEnd = this.place - this.column + column;
    if (this.chars > 2 || column < 2 || column > this.width) return;
    const letter = this.cells[column - 1]!;
    this.interrupted = this.cells[column - 2] === 0x5e && letter > 0x40 && letter < 0x5b;
  }

  // A control sequence behind its `ESC [`, at one go where all of it is there.
  #controls(data: Uint8Array, from: number, until: number): number {
    const at = this.#control.read(data, from, until);
    const final = at < until ? data[at]! : 0;
    if (final >= 0x40 && final <= 0x7e) {
      // colours change nothing here
      if (final !== 0x6d) this.#command(final);
      return at + 1;
    }
    this.#state = State.Control;
    return at;
  }

  #sequence(byte: number): void {
    if (byte === ESCAPE) {
      this.#state = this.#state === State.Text ? State.TextEscape : State.Escape;
      return;
    }
    switch (this.#state) {
      case State.Escape:
        return this.#escape(byte);
      case State.Control:
        return this.#controlByte(byte);
      case State.Text:
        if (byte === 7) this.#state = State.Ground;
        else if (this.#intro !== 0) this.#title(byte);
        return;
      case State.TextEscape:
        this.#state = byte === 0x5c ? State.Ground : State.Text;
        return;
      default:
        this.#state = State.Ground;
    }
  }

  // OSC 0, 1 and 2 set titles; 1 may also begin other numbers.
  #title(byte: number): void {
    if (this.#intro === 0x5d) this.#intro = byte >= 0x30 && byte <= 0x32 ? byte : 0;
    else {
      if (byte === 0x3b) this.titles += 1;
      this.#intro = 0;
    }
  }

  #escape(byte: number): void {
    switch (byte) {
      case 0x5b: // [
        this.#state = State.Control;
        this.#control.begin();
        return;
      case 0x5d: // ]
      case 0x50: // P
      case 0x58: // X
      case 0x5e: // ^
      case 0x5f: // _
        this.#state = State.Text;
        this.#intro = byte === 0x5d ? 0x5d : 0;
        return;
      case 0x28: // (
      case 0x29: // )
      case 0x23: // #
        this.#state = State.Charset;
        return;
      case 0x4d: // M: up
        this.row -= 1;
        this.moved = this.redrawn = true;
        break;
      case 0x38: // 8: restore the cursor
        this.moved = this.redrawn = true;
    }
    this.#state = State.Ground;
  }

  #controlByte(byte: number): void {
    if (this.#control.take(byte)) return;
    if (byte >= 0x40 && byte <= 0x7e) {
      this.#state = State.Ground;
      this.#command(byte);
    } else if (byte === LINE_FEED) this.newLine();
  }

  #command(final: number): void {
    const { parameters, count: given } = this.#control;
    const count = Math.max(1, parameters[0]!);
    switch (final) {
      case 0x68: // h
      case 0x6c: // l
        if (!this.#control.isPrivate) return;
        for (let i = 0; i < given; i++) {
          this.#mode(parameters[i]!, final === 0x68);
        }
        return;
      case 0x41: // A: up
      case 0x46: // F: up, to the start
        this.row -= count;
        this.moved = this.redrawn = true;
        if (final === 0x46) this.column = 0;
        return;
      case 0x42: // B: down
      case 0x45: // E
        this.row += count;
        this.moved = true;
        return;
      case 0x43: // C: right
        return this.move(Math.min(this.column + count, this.columns || 9999));
      case 0x44: // D: left
        this.redrawn = true;
        return this.move(Math.max(0, this.column - count));
      case 0x47: // G: to a column
        this.redrawn = true;
        return this.move(count - 1);
      case 0x48: // H: to a place
      case 0x66: // f
      case 0x64: // d: to a row
        this.redrawn = this.moved = true;
        if (final !== 0x64) {
          this.column = Math.max(1, given > 1 ? parameters[1]! : 1) - 1;
        }
        return;
      case 0x4a: // J
      case 0x4b: // K
        this.erased = true;
        if (parameters[0] === 0) this.width = Math.min(this.width, this.column);
        else if (parameters[0] === 2) this.width = 0;
        return;
      case 0x50: // P
        this.erased = this.deleted = true;
        return;
      case 0x58: // X
        this.erased = true;
    }
  }

  #mode(mode: number, on: boolean): void {
    if (mode === 2004) {
      this.pasteMode = on;
      this.#stop = true;
      if (on) this.pasteBegan = true;
      else {
        this.pasteEnded = true;
        this.#end();
      }
    } else if (mode === 1049 || mode === 1047 || mode === 47) {
      if (on && !this.alternate) this.fullScreens += 1;
      this.alternate = on;
    }
  }
}
