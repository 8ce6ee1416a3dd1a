import { EchoScreen } from "./echo_screen.ts";
import { EditedLine } from "./edited_line.ts";
import { FullScreen } from "./full_screen.ts";
import { Pace } from "./pace.ts";
import { PrintBlock, PROMPTED, REDRAWN, WHOLE_LINE } from "./print_block.ts";
import { PromptReader } from "./prompt.ts";
import { Prose } from "./prose.ts";
import { Quantiles } from "./quantiles.ts";
import { WholeLines } from "./whole_lines.ts";

/** Enter comes at least this long after what a program put there, if by hand. */
const LATE_SECONDS = 0.15;
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
  readonly keyPace = new Pace();
  readonly enterDelays = new Quantiles();
  readonly promptDelays = new Quantiles();

  readonly #promptReader = new PromptReader();
  readonly #one = new PrintBlock(1);
  #marks = 0;
  #reading: Reading = Reading.Output;
  #promptAt = 0;
  #lastPrintAt = NaN;
  readonly #prose = new Prose();
  readonly #line = new EditedLine();
  #place = 0;
  #charsSinceEnter = 1;
  #enteredWhole = false;
  #usesPasteMode = false;
  #prompted = false;
  #printsSinceWhole = 1;
  #mayBeGoodbye = false;

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
    if (this.#reading < Reading.Prompt || screen.alternate || this.#line.left) return first;
    let row = first;
    for (; row < end; row++) {
      const start = starts[row]!;
      if (ends[row]! - start !== 1 || !screen.character(bytes[start]!)) break;
      this.#prose.add(bytes, start, start + 1);
      this.#key(times[row]!);
      marks[row] = 0;
    }
    if (row === first) return first;
    this.#line.lastAdvance = 1;
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
    else if (this.#prompted && this.#line.pieces > 0) this.#look(at);
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
          else if (!this.#line.left) this.#edit(at, screen.place - this.#place);
          else if (screen.row <= this.#line.homeRow) this.#comeBack(at);
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
    this.#begin();
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
    const line = this.#line;
    if (line.untouched && this.#promptAgain()) return;
    const changed = screen.chars > 0 || screen.erased;
    line.lastAdvance = advance;
    if (!changed) {
      if (advance !== 0) line.lastEditAt = at;
      return;
    }
    if (advance < 0 || (advance === 0 && screen.deleted)) {
      if (!line.untouched) {
        this.corrections += 1;
        line.lastEditAt = line.lastKeyAt = at;
      }
    } else if (advance === 1 || (advance === 2 && screen.wideCells === 2)) this.#key(at);
    else if (advance > 3 && this.#reading === Reading.Question) this.#reading = Reading.Output;
    else if (advance > 1) this.#piece(at, advance);
  }

  // The cursor goes below the line, and that is no Enter as long as the editor reads.
  #leave(at: number, down: number): void {
    const { screen } = this;
    const line = this.#line;
    const advance = screen.placeBeforeEnd - this.#place;
    if (screen.charsBeforeEnd > 0) this.#edit(at, advance);
    else line.lastAdvance = advance;
    if (screen.interrupted) line.interrupted = true;
    if (line.left) return;
    line.home = screen.placeBeforeEnd;
    line.homeRow = screen.row - down;
  }

  #comeBack(at: number): void {
    const advance = this.screen.place - this.#line.home;
    this.#line.home = NaN;
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

  #key(at: number): void {
    this.#line.begin(at, this.#lastPrintAt);
    this.keys += 1;
    const gap = this.#line.key(at, this.screen.words);
    if (!Number.isNaN(gap)) this.keyPace.add(gap);
  }

  #piece(at: number, chars: number): void {
    const { words, wideCells } = this.screen;
    this.#line.begin(at, this.#lastPrintAt);
    if (this.#line.piece(at, { chars, words, wideCells })) this.pastes += 1;
  }

  #enterUnprompted(at: number): void {
    this.#reading = Reading.Prompt;
    this.#usesPasteMode = true;
    this.#enter(at);
  }

  #enter(at: number): void {
    const { screen } = this;
    const line = this.#line;
    // what was moved to and written over was counted when it came
    const advance = screen.placeBeforeEnd - this.#place;
    const shown = Math.max(0, screen.charsBeforeEnd);
    const rest = screen.movedBeforeEnd ? Math.max(0, Math.min(shown, advance)) : shown;
    if (rest > 0) line.begin(at, this.#lastPrintAt);
    const chars = line.chars + rest;
    const words = line.words + (rest > 0 ? screen.wordsBeforeEnd : 0);
    const whole = line.isWhole(at, chars);
    const reading = this.#reading;
    const givenUp = (screen.interrupted || line.interrupted) &&
      (rest === 2 || (rest === 0 && line.lastAdvance === 2));
    if (givenUp) {
      // a line that was given up is no line
    } else if (reading === Reading.Prompt && chars > 0 && (chars > 1 || line.keys > 0)) {
      this.#count(at, { whole, chars, words });
      this.#mayBeGoodbye = (chars === 4 || chars === 6) && !screen.pasteEnded;
    }
    if (reading === Reading.Prompt) {
      this.#enteredWhole = whole && (line.pieces > 0 || rest > 0) && !givenUp;
    } else if (reading === Reading.Continuation && this.#enteredWhole) {
      this.whole.goOn({ chars, words, prose: this.#prose.prose });
    }
    this.#marks &= ~WHOLE_LINE;
    if (this.#enteredWhole && reading !== Reading.Question) this.#marks |= WHOLE_LINE;
    this.#reading = Reading.Output;
    this.#charsSinceEnter = screen.chars - shown;
    this.#begin();
  }

  #count(
    at: number,
    { whole, chars, words }: { whole: boolean; chars: number; words: number },
  ): void {
    const line = this.#line;
    this.lines += 1;
    if (whole) {
      this.linesWhole += 1;
      this.#printsSinceWhole = -1;
      this.whole.add({ chars, words, prose: this.#prose.prose, silence: line.silence });
    } else if (line.typed) {
      this.linesTyped += 1;
      this.enterDelays.add(at - line.lastEditAt);
      if (!Number.isNaN(line.firstKeyAt)) this.promptDelays.add(line.firstKeyAt - this.#promptAt);
    } else if (at - line.lastEditAt >= LATE_SECONDS) this.linesLate += 1;
  }

  // A line begins.
  #begin(): void {
    this.#line.clear();
    this.screen.beginWord();
  }
}
