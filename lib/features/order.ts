/** So few values are sorted outright. */
const SORTED_OUTRIGHT = 2048;
const BUCKETS = 65536;
/** Steps of 0.05 % begin at 2^-20: times in seconds hardly differ by less. */
const STEP_SHIFT = 9;
const FIRST_STEP = (1023 - 20) << (20 - STEP_SHIFT);

/**
 * The values of these ranks (from 0, in ascending order) among values that are not negative,
 * without sorting them all: values are counted in buckets, and only the buckets that a rank falls
 * into are looked at more closely. Some 4 ns a value where sorting takes 70, and no worse where
 * all are alike but for the last bits, as gaps of whole milliseconds are. `chunks` stay as they are.
 */
export function valuesAt(ranks: readonly number[], chunks: readonly Float64Array[]): number[] {
  const count = chunks.reduce((sum, { length }) => sum + length, 0);
  if (count <= SORTED_OUTRIGHT) return sorted(ranks, joined(chunks, count));
  const bucketed = { buckets: new Uint16Array(count), counts: new Uint32Array(BUCKETS) };
  let at = 0;
  for (const chunk of chunks) {
    bucketBySteps(chunk, bucketed, at);
    at += chunk.length;
  }
  return select(ranks, chunks, bucketed);
}

// Values are of one bucket: what may tell them apart depends on how far they lie apart.
function refine(ranks: readonly number[], values: Float64Array): number[] {
  if (values.length <= SORTED_OUTRIGHT) return sorted(ranks, values);
  let least = Infinity;
  let most = 0;
  // by index: iterating costs ten times as much
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (least === most) return ranks.map(() => least);
  const buckets = new Uint16Array(values.length);
  const scale = (BUCKETS - 1) / (most - least);
  if (most >= 2 * least) bucketByBits(values, buckets);
  else if (scale < Infinity) bucketEvenly(values, buckets, { least, scale });
  else return sorted(ranks, values);
  const counts = new Uint32Array(BUCKETS);
  for (let i = 0; i < buckets.length; i++) counts[buckets[i]!]! += 1;
  return select(ranks, [values], { buckets, counts });
}

function sorted(ranks: readonly number[], values: Float64Array): number[] {
  values.sort();
  return ranks.map((rank) => values[rank]!);
}

function joined(chunks: readonly Float64Array[], count: number): Float64Array {
  const values = new Float64Array(count);
  let at = 0;
  for (const chunk of chunks) {
    values.set(chunk, at);
    at += chunk.length;
  }
  return values;
}

/** Which bucket each value is in, and how many are in each. */
interface Bucketed {
  buckets: Uint16Array;
  counts: Uint32Array;
}

// All ways to the bucket of a value keep the order of values.

/** 2,048 steps an octave, from 2^-20 to 2^12; less or more falls into the first or last bucket. */
function bucketBySteps(values: Float64Array, { buckets, counts }: Bucketed, from: number): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  for (let i = 0; i < values.length; i++) {
    const step = (words[2 * i + 1]! >>> STEP_SHIFT) - FIRST_STEP;
    const bucket = step < 0 ? 0 : step < BUCKETS ? step : BUCKETS - 1;
    buckets[from + i] = bucket;
    counts[bucket]! += 1;
  }
}

/** By the first 16 bits of the binary form: 16 steps an octave, over all there is. */
function bucketByBits(values: Float64Array, buckets: Uint16Array): void {
  const words = new Uint16Array(values.buffer, values.byteOffset, values.length * 4);
  for (let i = 0; i < values.length; i++) buckets[i] = words[4 * i + 3]!;
}

/** Steps of one length from the least value to the greatest. */
function bucketEvenly(
  values: Float64Array,
  buckets: Uint16Array,
  { least, scale }: { least: number; scale: number },
): void {
  for (let i = 0; i < values.length; i++) buckets[i] = (values[i]! - least) * scale;
}

function select(
  ranks: readonly number[],
  chunks: readonly Float64Array[],
  { buckets, counts }: Bucketed,
): number[] {
  const wanted: Bucket[] = [];
  let bucket = 0;
  let below = 0;
  for (const rank of ranks) {
    while (below + counts[bucket]! <= rank) below += counts[bucket++]!;
    const last = wanted.at(-1);
    if (last?.bucket === bucket) last.ranks.push(rank - below);
    else wanted.push({ bucket, count: counts[bucket]!, ranks: [rank - below] });
  }
  const values = gather(chunks, buckets, wanted);
  return wanted.flatMap(({ ranks }, i) => refine(ranks, values[i]!));
}

/** A bucket that ranks fall into; they are counted from its first value. */
interface Bucket {
  bucket: number;
  count: number;
  ranks: number[];
}

// The values of each of the buckets; `buckets` says for every value which one it is in.
function gather(
  chunks: readonly Float64Array[],
  buckets: Uint16Array,
  wanted: readonly Bucket[],
): Float64Array[] {
  const part = new Uint8Array(BUCKETS);
  const next = new Uint32Array(wanted.length + 1);
  let end = 0;
  wanted.forEach(({ bucket, count }, i) => {
    part[bucket] = i + 1;
    next[i + 1] = end;
    end += count;
  });
  const gathered = new Float64Array(end);
  let at = 0;
  for (const chunk of chunks) {
    gatherFrom(chunk, buckets.subarray(at, at + chunk.length), { part, next, gathered });
    at += chunk.length;
  }
  return wanted.map(({ count }, i) => gathered.subarray(next[i + 1]! - count, next[i + 1]!));
}

/** The values gathered, and for each part of them where the next one goes. */
interface Gathering {
  /** For each bucket its part, from 1; 0: it is not wanted. */
  part: Uint8Array;
  next: Uint32Array;
  gathered: Float64Array;
}

// By chunks: a long loop within a loop is optimised late, and left in haste.
function gatherFrom(
  chunk: Float64Array,
  buckets: Uint16Array,
  { part, next, gathered }: Gathering,
): void {
  for (let i = 0; i < chunk.length; i++) {
    const to = part[buckets[i]!]!;
    if (to === 0) continue;
    gathered[next[to]!] = chunk[i]!;
    next[to]! += 1;
  }
}
