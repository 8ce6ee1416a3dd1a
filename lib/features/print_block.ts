/** Prints are measured so many at a time: the columns of a block stay in the first caches. */
export const BLOCK_PRINTS = 512;

/**
 * Neighbouring prints in columns. What needs no text of them goes through a block a feature at a
 * time: small loops over columns cost a fraction of calls for each print.
 */
export class PrintBlock {
  /** Prints in it, at most {@link BLOCK_PRINTS}. */
  length = 0;
  /** Seconds on the recording's own clock. */
  readonly times = new Float64Array(BLOCK_PRINTS);
  /** Seconds since the print before; not a number for the first print. */
  readonly gaps = new Float64Array(BLOCK_PRINTS);
  /** The gaps in words of 32 bits, low one first. */
  readonly gapWords = new Uint32Array(this.gaps.buffer);
  /** Bytes of each print. */
  readonly sizes = new Int32Array(BLOCK_PRINTS);
  /** What happened in each print, in the bits of `echo_lines.ts`. */
  readonly marks = new Uint8Array(BLOCK_PRINTS);

  get full(): boolean {
    return this.length === BLOCK_PRINTS;
  }
}
