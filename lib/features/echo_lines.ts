import { EchoScreen } from "./echo_screen.ts";
import { FullScreen } from "./full_screen.ts";
import { variation } from "./gap_stats.ts";
import { PrintBlock, PROMPTED, REDRAWN, WHOLE_LINE } from "./print_block.ts";
import { PromptReader } from "./prompt.ts";
import { Prose } from "./prose.ts";
import { Quantiles } from "./quantiles.ts";
import { WholeLines } from "./whole_lines.ts";

/** A line of two characters is "whole" if its echo took no longer than this … */
const WHOLE_SECONDS = 0.05;
/** … and this more for every further character: long lines are written in pieces. */
const WHOLE_SECONDS_A_CHARACTER = 0.0002;
/** Enter comes at least this long after what a program put there, if by hand. */
const LATE_SECONDS = 0.15;
/** Cells of wide characters that an input method is expected to hand over at once. */
const LONGEST_WIDE_PIECE = 16;

const SPACE = 0x20;

const enum Reading {
  /** A program is writing. */
  Output,
  /** The shell began to read, and its prompt comes next. */
  Expected,
  Prompt,
  Continuation,
  Question,
}

/**
 * Follows the echo of what is typed or injected at prompts: keys, corrections, lines, and when.
 * A line begins with the first echo after a prompt and ends with Enter; it is whole if all of it
 * arrived at once, typed if it came key by key, and neither if it was recalled or pasted and then
 * entered by hand. A line that was given up with Ctrl-C is none. A key is a print that moves the
 * cursor one character on, whatever a line editor with suggestions or highlighting writes around it.
 */
export class EchoLines {
  readonly screen = new EchoScreen();
  oneChar = 0;
  /** What happened on the alternate screen. */
  readonly fullScreen = new FullScreen();
  keys = 0;
  corrections = 0;
  pastes = 0;
  prompts = 0;
  lines = 0;
  linesTyped = 0;
  linesWhole = 0;
  /** Lines that stood there in one piece for a while before they were entered. */
  linesLate = 0;
  /** Whether bracketed paste was switched on, by whomever. */
  pasteSeen = false;
  /** Lines that arrived in one piece. */
  readonly whole = new WholeLines();
  readonly keyGaps = new Quantiles();
  readonly enterDelays = new Quantiles();
  readonly promptDelays = new Quantiles();

  readonly #promptReader = new PromptReader();
  readonly #one = new PrintBlock(1);
  #marks = 0;
  #reading: Reading = Reading.Output;
  #promptAt = 0;
  #lastPrintAt = NaN;
  readonly #prose = new Prose();
  #keyGapSum = 0;
  #keyGapSquares = 0;
  // Of the line being read:
  #begunAt = NaN;
  #silence = 0;
  #lastKeyAt = NaN;
  #lastEditAt = NaN;
  #lineChars = 0;
  #lineWords = 0;
  #lineKeys = 0;
  #linePieces = 0;
  #place = 0;
  /** Where the line ends while the cursor is below it; NaN while it is not. */
  #home = NaN;
  #homeRow = 0;
  #interrupted = false;
  #lineSmallPieces = 0;
  #lastAdvance = 0;
  #firstKeyAt = NaN;
  #charsSinceEnter = 1;
  #enteredWhole = false;
  #usesPasteMode = false;
  #prompted = false;
  #printsSinceWhole = 1;
  #mayBeGoodbye = false;

  /** Coefficient of variation of the gaps between keys. */
  get keyGapCv(): number | null {
    return variation(this.keyGaps.count, this.#keyGapSum, this.#keyGapSquares);
  }

  /** Takes one print at `at` seconds, which is a part of `data`; says what happened, in bits. */
  add(at: number, data: Uint8Array, start = 0, end = data.length): number {
    const block = this.#one;
    block.bytes = data;
    block.times[0] = at;
    block.starts[0] = start;
    block.ends[0] = end;
    return this.addBriefs(block, 0, 1) === 1
      ? block.marks[0]!
      : this.addOther(at, data, start, end);
  }

  /**
   * Takes prints of the block from `first` on, as many as follow each other of the usual kinds while
   * a program writes, sets their marks and says where it stopped: before a print of another kind, or
   * behind one that changed a count. On the alternate screen it takes one at a time.
   */
  addBriefs(block: PrintBlock, first: number, end: number): number {
    if (this.#reading !== Reading.Output) return first;
    const { screen } = this;
    const next = screen.briefs(block, first, screen.alternate ? first + 1 : end);
    if (next === first) return first;
    this.#charsSinceEnter += screen.chars;
    if (screen.single) this.oneChar += 1;
    this.#lastPrintAt = block.times[next - 1]!;
    if (screen.alternate) {
      const { starts, ends } = block;
      this.fullScreen.add(this.#lastPrintAt, ends[first]! - starts[first]!, screen.chars);
    }
    this.#printsSinceWhole += next - first;
    return next;
  }

  /**
   * Takes prints of the block from `first` on, as many as follow each other that are a character
   * behind those of the line: most keys, and what people type most. Sets their marks and says where
   * it stopped.
   */
  addKeys({ bytes, times, starts, ends, marks }: PrintBlock, first: number, end: number): number {
    const { screen } = this;
    if (this.#reading < Reading.Prompt || screen.alternate || !Number.isNaN(this.#home)) {
      return first;
    }
    let row = first;
    for (; row < end; row++) {
      const start = starts[row]!;
      if (ends[row]! - start !== 1 || !screen.character(bytes[start]!)) break;
      this.#prose.add(bytes, start, start + 1);
      this.#key(times[row]!);
      marks[row] = 0;
    }
    if (row === first) return first;
    this.#lastAdvance = 1;
    this.oneChar += row - first;
    this.#lastPrintAt = times[row - 1]!;
    this.#printsSinceWhole += row - first;
    return row;
  }

  /** As `add()`, for a print that neither `addBriefs()` nor `addKeys()` took. */
  addOther(at: number, data: Uint8Array, start: number, end: number): number {
    const { screen } = this;
    this.#marks = 0;
    this.#prompted = false;
    let chars = 0;
    let lineFeeds = 0;
    for (let from = start; from < end;) {
      if (this.#reading === Reading.Output) from = this.#output(at, data, from, end);
      else {
        const { alternate, row } = screen;
        this.#place = screen.place;
        screen.overlook = false;
        screen.stopAtMark = this.#reading === Reading.Expected;
        const came = screen.feed(data, from, end);
        if (this.#reading !== Reading.Expected) this.#prose.add(data, from, came);
        from = came;
        if (alternate !== screen.alternate) this.#reading = Reading.Output;
        else this.#follow(at, screen.row - row - screen.wraps);
      }
      chars += screen.chars;
      lineFeeds += screen.lineFeeds;
      if (screen.redrawn) this.#marks |= REDRAWN;
      if (screen.pasteBegan) this.pasteSeen = true;
    }
    if (this.#reading === Reading.Expected && this.#charsSinceEnter > 0) this.#look(at);
    else if (this.#prompted && this.#linePieces > 0) this.#look(at);
    if (chars === 1 && lineFeeds === 0) this.oneChar += 1;
    if (screen.alternate) {
      if (this.#reading === Reading.Output) this.fullScreen.add(at, end - start, chars);
      else this.fullScreen.pass();
    }
    this.#lastPrintAt = at;
    this.#printsSinceWhole += 1;
    return this.#marks;
  }

  /**
   * Ends the recording: `exit` or `logout` as the very last print is what a shell says when its
   * input was closed, not a command that was injected.
   */
  finish(): void {
    this.fullScreen.finish();
    if (this.#printsSinceWhole !== 0 || !this.#mayBeGoodbye) return;
    this.lines -= 1;
    this.linesWhole -= 1;
    this.whole.takeBack();
  }

  // A stretch while a program writes.
  #output(at: number, data: Uint8Array, from: number, end: number): number {
    const { screen } = this;
    const first = Number.isNaN(this.#lastPrintAt) && this.lines === 0;
    screen.overlook = !first;
    const came = screen.feed(data, from, end);
    this.#charsSinceEnter += screen.chars;
    // the recording begins with a line at a prompt that was shown before
    if (first && screen.pasteEnded && screen.charsBeforeEnd > 1) {
      this.#prose.add(data, from, came);
      this.#enterUnprompted(at);
    }
    if (screen.stoppedAtMark && came < end && !this.#promptReader.knows(screen)) return came;
    if (screen.column === 0) {
      if (screen.pasteBegan && !screen.alternate) this.#reading = Reading.Expected;
    } else if (screen.chars > 0 || screen.moved || screen.pasteBegan) this.#look(at);
    return came;
  }

  // One stretch of a print, `down` rows on.
  #follow(at: number, down: number): void {
    const { screen } = this;
    switch (this.#reading) {
      case Reading.Expected:
        this.#charsSinceEnter += screen.chars;
        if (screen.pasteEnded) this.#reading = Reading.Output;
        else if (screen.stoppedAtMark) this.#look(at);
        return;
      default: {
        const below = screen.lineFeeds > 0 && down > 0;
        // a line editor that still reads lists completions below the line, or goes on there
        if (!screen.pasteEnded && (!below || screen.pasteMode)) {
          if (screen.pasteBegan) return;
          if (below) this.#leave(at, down);
          else if (Number.isNaN(this.#home)) this.#edit(at, screen.place - this.#place);
          else if (screen.row <= this.#homeRow) this.#comeBack(at);
          return;
        }
        this.#enter(at);
      }
    }
    if (screen.pasteBegan && screen.column === 0) this.#reading = Reading.Expected;
    else if (screen.chars > 0 || screen.moved || screen.pasteBegan) this.#look(at);
  }

  // Is the shell waiting now?
  #look(at: number): void {
    const { screen } = this;
    if (screen.column === 0) return;
    // most rows end in neither a mark nor a space, and no shell is reading
    if (!screen.pasteMode && screen.before(1) !== SPACE) return;
    const kind = this.#promptReader.read(screen, {
      afterEnter: this.#charsSinceEnter <= screen.column,
      usesPasteMode: this.#usesPasteMode,
    });
    if (kind === "text") return;
    this.#promptAt = at;
    this.#newLine();
    if (kind === "prompt") {
      if (!this.#prompted) this.prompts += 1;
      this.#prose.restart();
      this.#prompted = true;
      if (screen.pasteMode) this.#usesPasteMode = true;
      screen.promptByte = this.#usesPasteMode ? -1 : screen.rowByte;
      this.#reading = Reading.Prompt;
      this.#marks |= PROMPTED;
    } else if (kind === "continuation") {
      this.#reading = Reading.Continuation;
      if (this.#enteredWhole) this.#marks |= WHOLE_LINE;
    } else this.#reading = Reading.Question;
  }

  #edit(at: number, advance: number): void {
    const { screen } = this;
    if (this.#lineKeys + this.#linePieces === 0 && this.#promptAgain()) return;
    const changed = screen.chars > 0 || screen.erased;
    this.#lastAdvance = advance;
    if (!changed) {
      if (advance !== 0) this.#lastEditAt = at;
      return;
    }
    if (advance < 0 || (advance === 0 && screen.deleted)) {
      if (this.#lineKeys + this.#linePieces > 0) {
        this.corrections += 1;
        this.#lastEditAt = at;
        this.#lastKeyAt = at;
      }
    } else if (advance === 1 || (advance === 2 && screen.wideCells === 2)) this.#key(at);
    else if (advance > 3 && this.#reading === Reading.Question) this.#reading = Reading.Output;
    else if (advance > 1) this.#piece(at, advance);
  }

  // The cursor goes below the line, and that is no Enter as long as the editor reads.
  #leave(at: number, down: number): void {
    const { screen } = this;
    const advance = screen.placeBeforeEnd - this.#place;
    if (screen.charsBeforeEnd > 0) this.#edit(at, advance);
    else this.#lastAdvance = advance;
    if (screen.interrupted) this.#interrupted = true;
    if (!Number.isNaN(this.#home)) return;
    this.#home = screen.placeBeforeEnd;
    this.#homeRow = screen.row - down;
  }

  #comeBack(at: number): void {
    const advance = this.screen.place - this.#home;
    this.#home = NaN;
    this.#edit(at, advance);
  }

  // Some shells draw their prompt again when they know more: nothing was typed then.
  #promptAgain(): boolean {
    const { screen } = this;
    if (!screen.moved || screen.chars < 2 || screen.wraps > 0 || this.#reading !== Reading.Prompt) {
      return false;
    }
    return this.#promptReader.drawsAgain(screen);
  }

  #begin(at: number): void {
    if (!Number.isNaN(this.#begunAt)) return;
    this.#begunAt = at;
    this.#silence = at - this.#lastPrintAt;
  }

  #key(at: number): void {
    this.#begin(at);
    this.keys += 1;
    this.#lineKeys += 1;
    this.#lineChars += 1;
    this.#lineWords += this.screen.words;
    if (!Number.isNaN(this.#lastKeyAt)) {
      const gap = at - this.#lastKeyAt;
      this.keyGaps.add(gap);
      this.#keyGapSum += gap;
      this.#keyGapSquares += gap * gap;
    } else this.#firstKeyAt = at;
    this.#lastKeyAt = this.#lastEditAt = at;
  }

  #piece(at: number, chars: number): void {
    this.#begin(at);
    this.#linePieces += 1;
    this.#lineChars += chars;
    this.#lineWords += this.screen.words;
    // an input method hands over several wide characters at once
    const { wideCells } = this.screen;
    if (chars <= 3 || (chars <= LONGEST_WIDE_PIECE && wideCells >= chars)) {
      this.#lineSmallPieces += 1;
    } else if (this.#lineKeys > 0) this.pastes += 1;
    this.#lastEditAt = at;
    if (!Number.isNaN(this.#lastKeyAt)) this.#lastKeyAt = at;
  }

  #enterUnprompted(at: number): void {
    this.#reading = Reading.Prompt;
    this.#usesPasteMode = true;
    this.#enter(at);
  }

  #enter(at: number): void {
    const { screen } = this;
    // what was moved to and written over was counted when it came
    const advance = screen.placeBeforeEnd - this.#place;
    const shown = Math.max(0, screen.charsBeforeEnd);
    const rest = screen.movedBeforeEnd ? Math.max(0, Math.min(shown, advance)) : shown;
    if (rest > 0) this.#begin(at);
    const chars = this.#lineChars + rest;
    const words = this.#lineWords + (rest > 0 ? screen.wordsBeforeEnd : 0);
    const span = at - this.#begunAt;
    const whole = chars >= 2 && span <= WHOLE_SECONDS + chars * WHOLE_SECONDS_A_CHARACTER;
    const reading = this.#reading;
    const pieces = this.#linePieces + (rest > 0 ? 1 : 0);
    const givenUp = (screen.interrupted || this.#interrupted) &&
      (rest === 2 || (rest === 0 && this.#lastAdvance === 2));
    if (givenUp) {
      // a line that was given up is no line
    } else if (reading === Reading.Prompt && chars > 0 && (chars > 1 || this.#lineKeys > 0)) {
      this.#count(at, {
        whole,
        chars,
        words,
        typed: this.#lineKeys > 0 || this.#lineSmallPieces > 1,
      });
      this.#mayBeGoodbye = (chars === 4 || chars === 6) && !screen.pasteEnded;
    }
    if (reading === Reading.Prompt) {
      this.#enteredWhole = whole && pieces > 0 && !givenUp;
    } else if (reading === Reading.Continuation && this.#enteredWhole) {
      this.whole.goOn({ chars, words, prose: this.#prose.prose });
    }
    this.#marks &= ~WHOLE_LINE;
    if (this.#enteredWhole && reading !== Reading.Question) this.#marks |= WHOLE_LINE;
    this.#reading = Reading.Output;
    this.#charsSinceEnter = screen.chars - Math.max(0, screen.charsBeforeEnd);
    this.#newLine();
  }

  #count(at: number, line: { whole: boolean; typed: boolean; chars: number; words: number }): void {
    this.lines += 1;
    if (line.whole) {
      this.linesWhole += 1;
      this.#printsSinceWhole = -1;
      this.whole.add({ ...line, prose: this.#prose.prose, silence: this.#silence });
    } else if (line.typed) {
      this.linesTyped += 1;
      this.enterDelays.add(at - this.#lastEditAt);
      if (!Number.isNaN(this.#firstKeyAt)) this.promptDelays.add(this.#firstKeyAt - this.#promptAt);
    } else if (at - this.#lastEditAt >= LATE_SECONDS) this.linesLate += 1;
  }

  #newLine(): void {
    this.#begunAt = NaN;
    this.#lastKeyAt = this.#lastEditAt = this.#firstKeyAt = NaN;
    this.#lineChars = this.#lineWords = this.#lineKeys = 0;
    this.#linePieces = this.#lineSmallPieces = 0;
    this.#silence = 0;
    this.#home = NaN;
    this.#interrupted = false;
    this.screen.beginWord();
  }
}
