/** Prints are measured so many at a time: the columns of a block stay in the first caches. */
export const BLOCK_PRINTS = 512;

// What happened in a print, as far as others have to know, in bits.

/** A whole line, or the rest of one, was entered with this print. */
export const WHOLE_LINE = 1;
/** The shell is waiting: what comes next is no longer the program's. */
export const PROMPTED = 2;
/** The print went back or up to write over what was there. */
export const REDRAWN = 4;

/**
 * Neighbouring prints in columns. What needs no text of them goes through a block a feature at a
 * time: small loops over columns cost a fraction of calls for each print.
 */
export class PrintBlock {
  /** Prints in it, at most {@link BLOCK_PRINTS}. */
  length = 0;
  /** Seconds on the recording's own clock. */
  readonly times: Float64Array;
  /** Seconds since the print before; not a number for the first print. */
  readonly gaps: Float64Array;
  /** The gaps in words of 32 bits, low one first. */
  readonly gapWords: Uint32Array;
  /** Bytes of each print. */
  readonly sizes: Int32Array;
  /** What happened in each print, in bits. */
  readonly marks: Uint8Array;
  /** What the prints are parts of, each from its start to before its end; for the last ones only. */
  bytes: Uint8Array = new Uint8Array(0);
  readonly starts: Int32Array;
  readonly ends: Int32Array;

  constructor(prints: number = BLOCK_PRINTS) {
    this.times = new Float64Array(prints);
    this.gaps = new Float64Array(prints);
    this.gapWords = new Uint32Array(this.gaps.buffer);
    this.sizes = new Int32Array(prints);
    this.marks = new Uint8Array(prints);
    this.starts = new Int32Array(prints);
    this.ends = new Int32Array(prints);
  }

  get full(): boolean {
    return this.length === this.times.length;
  }
}
