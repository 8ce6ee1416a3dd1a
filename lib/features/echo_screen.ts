/** Cells of the current row that are remembered. */
const MAX_CELLS = 512;
/** Events longer than this are skimmed where their text does not matter. */
const SKIM_BYTES = 64;

const SPACE = 0x20;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const BACKSPACE = 8;
const TAB = 9;
const ESCAPE = 0x1b;

/** Characters that end a prompt: shells' own and those of the usual themes. */
export const PROMPT_MARKS: ReadonlySet<number> = new Set(
  [..."$#%>❯➜➤▶›»⟩λ✗✔±⚡→"].map((char) => char.codePointAt(0)!),
);

enum State {
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
 * unless the shell begins or stops reading within it, or its prompt ends there. Fields are public
 * for speed; only this class writes them.
 */
export class EchoScreen {
  /** Columns of the terminal, where known; 0: lines never wrap. */
  columns = 0;
  row = 0;
  column = 0;
  alternate = false;
  /** Whether the shell's line editor is reading, as bracketed paste tells. */
  pasteMode = false;

  // Of the last stretch:
  /** Printable characters shown. */
  chars = 0;
  lineFeeds = 0;
  /** Characters shown before the first line feed or the end of paste mode; -1 without either. */
  charsBeforeEnd = -1;
  /** Words begun in the stretch, and before that end. */
  words = 0;
  wordsBeforeEnd = 0;
  /** Whether the cursor was moved, by anything but text, before that. */
  movedBeforeEnd = false;
  moved = false;
  erased = false;
  /** Characters were deleted, and what was right of them moved up. */
  deleted = false;
  /** Moves back or up, then writes: a redraw in place. */
  redrawn = false;
  wraps = 0;
  wide = false;
  pasteBegan = false;
  pasteEnded = false;
  titles = 0;
  stoppedAtMark = false;

  readonly #cells = new Int32Array(MAX_CELLS);
  #width = 0;
  #state: State = State.Ground;
  #intro = 0;
  #params: number[] = [];
  #private = false;
  #rune = 0;
  #runeLeft = 0;
  #returned = false;
  #inWord = false;
  #stop = false;
  #stopAtMark = false;

  /** The code point `back` cells left of the cursor; a space where nothing was written. */
  before(back: number): number {
    const at = this.column - back;
    return at >= 0 && at < this.#width ? this.#cells[at]! : at < 0 ? 0 : SPACE;
  }

  /** Place of the cursor counted in cells, over wrapped rows. */
  get place(): number {
    return this.columns === 0 ? this.column : this.row * this.columns + this.column;
  }

  /**
   * Takes `data` from `from` on and says how far it came: to the end, to where paste mode was
   * switched, or, with `stopAtMark`, behind a prompt's mark and space. With `skim` the text of a
   * long print is passed over but for its last row.
   */
  feed(data: Uint8Array, from: number, how: { skim: boolean; stopAtMark: boolean }): number {
    this.chars = this.words = this.lineFeeds = 0;
    this.wraps = this.titles = 0;
    this.wordsBeforeEnd = 0;
    this.charsBeforeEnd = -1;
    this.movedBeforeEnd =
      this.moved =
      this.erased =
      this.deleted =
        false;
    this.redrawn =
      this.wide =
      this.pasteBegan =
      this.pasteEnded =
        false;
    this.#stop = this.stoppedAtMark = false;
    this.#stopAtMark = how.stopAtMark;
    let at = from;
    if (how.skim && data.length - from > SKIM_BYTES) at = this.#skim(data, from);
    while (at < data.length && !this.#stop) this.#byte(data[at++]!);
    return at;
  }

  // Up to the last line feed only escape sequences matter; text between them is jumped over.
  #skim(data: Uint8Array, from: number): number {
    const last = data.lastIndexOf(LINE_FEED);
    if (last < from) return from;
    if (this.#returned || (data[from] === CARRIAGE_RETURN && data[from + 1] !== LINE_FEED)) {
      this.#overwrite();
    }
    let at = from;
    for (;;) {
      while (at < last && this.#state !== State.Ground && !this.#stop) this.#byte(data[at++]!);
      if (this.#stop) return at;
      const escape = data.indexOf(ESCAPE, at);
      if (escape < 0 || escape >= last) break;
      this.#pass(data, at, escape);
      at = escape;
      this.#byte(data[at++]!);
    }
    this.#pass(data, at, last);
    this.#runeLeft = 0;
    if (this.#state === State.Ground) this.#newLine();
    this.column = 0;
    return last + 1;
  }

  // Text that is not looked at: only whether there was any, and whether it ended a row.
  #pass(data: Uint8Array, from: number, until: number): void {
    let at = from;
    while (at < until && data[at]! < SPACE) at += 1;
    if (until === from) return;
    const last = data[until - 1]!;
    this.chars += until - at;
    this.column = last === LINE_FEED || last === CARRIAGE_RETURN ? 0 : this.column + until - at;
    this.#width = 0;
  }

  #byte(byte: number): void {
    if (this.#state !== State.Ground) return this.#sequence(byte);
    if (byte >= SPACE && byte < 0x7f) {
      this.#show(byte, 1);
      if (byte === SPACE && this.#stopAtMark && PROMPT_MARKS.has(this.before(2))) {
        this.#stop = this.stoppedAtMark = true;
      }
      return;
    }
    if (byte >= 0x80) return this.#runeByte(byte);
    switch (byte) {
      case ESCAPE:
        this.#state = State.Escape;
        return;
      case LINE_FEED:
        this.#end();
        return this.#newLine();
      case CARRIAGE_RETURN:
        this.#returned = this.column > 0;
        this.column = 0;
        return;
      case BACKSPACE:
        this.#move(Math.max(0, this.column - 1));
        this.redrawn = true;
        return;
      case TAB:
        this.chars += 1;
        this.column = (this.column | 7) + 1;
    }
  }

  #end(): void {
    if (this.charsBeforeEnd >= 0) return;
    this.charsBeforeEnd = this.chars;
    this.wordsBeforeEnd = this.words;
    this.movedBeforeEnd = this.moved;
  }

  #newLine(): void {
    this.lineFeeds += 1;
    this.row += 1;
    this.#width = 0;
    this.#returned = this.#inWord = false;
  }

  // Text after a lone carriage return goes over what is there.
  #overwrite(): void {
    this.#returned = false;
    this.moved = this.redrawn = true;
  }

  #move(column: number): void {
    if (column === this.column) return;
    this.column = column;
    this.moved = true;
  }

  #show(rune: number, width: number): void {
    this.chars += 1;
    if (rune === SPACE) this.#inWord = false;
    else if (!this.#inWord) {
      this.#inWord = true;
      this.words += 1;
    }
    if (this.#returned) this.#overwrite();
    if (width === 2) this.wide = true;
    if (this.columns > 0 && this.column + width > this.columns) {
      this.column = 0;
      this.row += 1;
      this.wraps += 1;
      this.#width = 0;
    }
    const at = this.column;
    this.column += width;
    if (at >= MAX_CELLS) return;
    if (at > this.#width) this.#cells.fill(SPACE, this.#width, at);
    this.#cells[at] = rune;
    if (width === 2 && at + 1 < MAX_CELLS) this.#cells[at + 1] = rune;
    if (this.column > this.#width) this.#width = Math.min(MAX_CELLS, this.column);
  }

  #runeByte(byte: number): void {
    if (byte >= 0xc0) {
      this.#runeLeft = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
      this.#rune = byte & (0x3f >> this.#runeLeft);
      return;
    }
    if (this.#runeLeft === 0) return;
    this.#rune = (this.#rune << 6) | (byte & 0x3f);
    this.#runeLeft -= 1;
    if (this.#runeLeft > 0) return;
    const width = runeWidth(this.#rune);
    if (width > 0) this.#show(this.#rune, width);
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
        return this.#control(byte);
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
        this.#params = [0];
        this.#private = false;
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

  #control(byte: number): void {
    if (byte >= 0x30 && byte <= 0x39) {
      const last = this.#params.length - 1;
      this.#params[last] = Math.min(99999, this.#params[last]! * 10 + byte - 0x30);
    } else if (byte === 0x3b || byte === 0x3a) {
      if (this.#params.length < 32) this.#params.push(0);
    } else if (byte === 0x3f) this.#private = true;
    else if (byte >= 0x40 && byte <= 0x7e) {
      this.#state = State.Ground;
      this.#command(byte);
    } else if (byte === LINE_FEED) this.#newLine();
  }

  #command(final: number): void {
    const count = Math.max(1, this.#params[0]!);
    switch (final) {
      case 0x68: // h
      case 0x6c: // l
        if (this.#private) { for (const mode of this.#params) this.#mode(mode, final === 0x68); }
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
        return this.#move(Math.min(this.column + count, this.columns || 9999));
      case 0x44: // D: left
        this.redrawn = true;
        return this.#move(Math.max(0, this.column - count));
      case 0x47: // G: to a column
        this.redrawn = true;
        return this.#move(count - 1);
      case 0x48: // H: to a place
      case 0x66: // f
      case 0x64: // d: to a row
        this.redrawn = this.moved = true;
        if (final !== 0x64) this.column = Math.max(1, this.#params[1] ?? 1) - 1;
        return;
      case 0x4a: // J
      case 0x4b: // K
        this.erased = true;
        if (this.#params[0] === 0) this.#width = Math.min(this.#width, this.column);
        else if (this.#params[0] === 2) this.#width = 0;
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
    } else if (mode === 1049 || mode === 1047 || mode === 47) this.alternate = on;
  }
}

/** Cells a character takes: 0 for what combines, 2 for East Asian wide ones and emoji. */
export function runeWidth(rune: number): 0 | 1 | 2 {
  if (rune < 0x300) return 1;
  if (rune <= 0x36f || (rune >= 0x200b && rune <= 0x200f) || rune === 0xfeff) return 0;
  if (rune >= 0xfe00 && rune <= 0xfe0f) return 0;
  if (rune < 0x1100) return 1;
  const wide = rune <= 0x115f || (rune >= 0x2e80 && rune <= 0xa4cf) ||
    (rune >= 0xac00 && rune <= 0xd7a3) || (rune >= 0xf900 && rune <= 0xfaff) ||
    (rune >= 0xfe30 && rune <= 0xfe6f) || (rune >= 0xff00 && rune <= 0xff60) ||
    (rune >= 0x1f300 && rune <= 0x1faff) || (rune >= 0x20000 && rune <= 0x3fffd);
  return wide ? 2 : 1;
}
