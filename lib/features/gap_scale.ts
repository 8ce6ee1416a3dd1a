import { GAP_BUCKETS } from "../model/pty_features.ts";

const scratch = new Float64Array(1);
const scratchWords = new Uint32Array(scratch.buffer);

/** Where the buckets of `PtyRhythm.gap_histogram` begin, in seconds; the first takes what is less. */
const BUCKET_STARTS = Array.from(
  { length: GAP_BUCKETS },
  (_, i) => i === 0 ? 0 : 10 ** (i / 10 - 4),
);
/** What shares and pauses are counted from: the least gap that is longer than the limit, or as long. */
const LIMITS = [0.05, 0.2, after(0.5), after(1), after(5), after(30)];
/** Where the cells begin: all of these, in order. */
const STARTS = Float64Array.from([...BUCKET_STARTS, ...LIMITS, Infinity].sort((a, b) => a - b));

/** Gaps are counted by cells, and everything else from the cells. */
export const GAP_CELLS = STARTS.length - 1;
/** The bucket of the histogram that each cell lies in. */
export const BUCKET_OF_CELL = Uint8Array.from(
  STARTS.subarray(0, GAP_CELLS),
  (start) => BUCKET_STARTS.findLastIndex((bucket) => bucket <= start),
);

/** The first cell of gaps that are at least, or longer than, a limit. */
export const CELL_FROM = {
  key: cellAt(0.05),
  unhurried: cellAt(0.2),
  over500ms: cellAt(after(0.5)),
  over1s: cellAt(after(1)),
  over5s: cellAt(after(5)),
  over30s: cellAt(after(30)),
} as const;

// The first 18 bits of a number are steps of 1.5 %: few of them hold the beginning of a cell.
const STEP_SHIFT = 14;
const FIRST_STEP = stepOf(STARTS[1]!);
const STEPS = stepOf(STARTS[GAP_CELLS - 1]!) - FIRST_STEP + 1;
const CELL_OF_STEP = Uint8Array.from({ length: STEPS }, (_, step) => {
  return STARTS.findLastIndex((start) => stepOf(start) < FIRST_STEP + step);
});

/** The cell that a gap in seconds falls into. */
export function gapCell(seconds: number): number {
  scratch[0] = seconds;
  return cellOf(seconds, scratchWords[1]!);
}

/** As `gapCell()`, where the first 32 bits of the number are at hand. */
export function cellOf(seconds: number, word: number): number {
  const step = (word >>> STEP_SHIFT) - FIRST_STEP;
  if (step < 0) return 0;
  if (step >= STEPS) return GAP_CELLS - 1;
  let cell = CELL_OF_STEP[step]!;
  while (seconds >= STARTS[cell + 1]!) cell += 1;
  return cell;
}

function cellAt(start: number): number {
  return STARTS.indexOf(start);
}

function stepOf(seconds: number): number {
  scratch[0] = seconds;
  return scratchWords[1]! >>> STEP_SHIFT;
}

/** The next number. */
function after(value: number): number {
  const number = new Float64Array([value]);
  new BigUint64Array(number.buffer)[0]! += 1n;
  return number[0]!;
}
