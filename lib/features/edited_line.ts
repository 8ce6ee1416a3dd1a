/** A line of two characters is "whole" if its echo took no longer than this … */
const WHOLE_SECONDS = 0.05;
/** … and this more for every further character: long lines are written in pieces. */
const WHOLE_SECONDS_A_CHARACTER = 0.0002;
/** Cells of wide characters that an input method is expected to hand over at once. */
const LONGEST_WIDE_PIECE = 16;

/** A stretch of several characters that came at once. */
interface LinePiece {
  /** Cells that it takes. */
  chars: number;
  words: number;
  /** Those of them that wide characters take. */
  wideCells: number;
}

/**
 * The line that is being read: what was typed into it and put there, and when. Times are in
 * seconds. Of what it says nothing is kept but counts. The fields are public for speed.
 */
export class EditedLine {
  /** When its first echo came; NaN before that. */
  begunAt = NaN;
  /** How long nothing was printed before. */
  silence = 0;
  firstKeyAt = NaN;
  /** When the last key or piece came, as far as a key came before; NaN without one. */
  lastKeyAt = NaN;
  lastEditAt = NaN;
  chars = 0;
  words = 0;
  keys = 0;
  pieces = 0;
  /** Pieces that hands may have made. */
  smallPieces = 0;
  /** Where the line ends while the cursor is below it; NaN while it is not. */
  home = NaN;
  homeRow = 0;
  /** It ended in `^C` or its like while the cursor was below it. */
  interrupted = false;
  /** Cells that the cursor moved on at last; outlives the line. */
  lastAdvance = 0;

  /** A line begins. */
  clear(): void {
    this.begunAt =
      this.firstKeyAt =
      this.lastKeyAt =
      this.lastEditAt =
      this.home =
        NaN;
    this.chars =
      this.words =
      this.keys =
      this.pieces =
      this.smallPieces =
      this.silence =
        0;
    this.interrupted = false;
  }

  /** Whether neither a key nor a piece came. */
  get untouched(): boolean {
    return this.keys + this.pieces === 0;
  }

  /** Whether the cursor is below the line. */
  get left(): boolean {
    return !Number.isNaN(this.home);
  }

  /** Its first echo comes, or another; the print before came at `lastPrintAt`. */
  begin(at: number, lastPrintAt: number): void {
    if (!Number.isNaN(this.begunAt)) return;
    this.begunAt = at;
    this.silence = at - lastPrintAt;
  }

  /** A key; says how long after the last one, NaN for the first. */
  key(at: number, words: number): number {
    const gap = at - this.lastKeyAt;
    if (Number.isNaN(gap)) this.firstKeyAt = at;
    this.keys += 1;
    this.chars += 1;
    this.words += words;
    this.lastKeyAt = this.lastEditAt = at;
    return gap;
  }

  /** A piece; says whether it was pasted among keys. */
  piece(at: number, { chars, words, wideCells }: LinePiece): boolean {
    this.pieces += 1;
    this.chars += chars;
    this.words += words;
    this.lastEditAt = at;
    if (!Number.isNaN(this.lastKeyAt)) this.lastKeyAt = at;
    // an input method hands over several wide characters at once
    const small = chars <= 3 || (chars <= LONGEST_WIDE_PIECE && wideCells >= chars);
    if (small) this.smallPieces += 1;
    return !small && this.keys > 0;
  }

  /** Whether a line of so many characters that is entered at `at` arrived in one piece. */
  isWhole(at: number, chars: number): boolean {
    const longest = WHOLE_SECONDS + chars * WHOLE_SECONDS_A_CHARACTER;
    return chars >= 2 && at - this.begunAt <= longest;
  }

  /** Whether hands put it there. */
  get typed(): boolean {
    return this.keys > 0 || this.smallPieces > 1;
  }
}
