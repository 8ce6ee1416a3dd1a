/** A stretch of time under an id; milliseconds since 1970. */
export interface Stretch {
  id: string;
  startedMs: number;
  endedMs: number;
}

/** What becomes of sessions that are put together anew. */
interface Succession {
  /** Ids that go over into another: a session grew at its front, or two became one. */
  moved: { from: string; to: string }[];
  /** Ids of which nothing is left. */
  gone: string[];
}

/**
 * Which new stretch each old one goes over into whose id is no more: the one that holds its begin,
 * else the first that overlaps it. Both lists are of one driver, and none of either overlap each
 * other.
 */
export function succession(before: readonly Stretch[], after: readonly Stretch[]): Succession {
  const kept = new Set(after.map(({ id }) => id));
  const inOrder = after.toSorted((a, b) => a.startedMs - b.startedMs);
  const result: Succession = { moved: [], gone: [] };
  for (const { id, startedMs, endedMs } of before) {
    if (kept.has(id)) continue;
    const next = firstEndingFrom(inOrder, startedMs);
    if (next !== undefined && next.startedMs <= endedMs) {
      result.moved.push({ from: id, to: next.id });
    } else result.gone.push(id);
  }
  return result;
}

/** The first of stretches in order that ends at a moment or later, by halving. */
function firstEndingFrom(inOrder: readonly Stretch[], atMs: number): Stretch | undefined {
  let low = 0;
  let high = inOrder.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (inOrder[middle]!.endedMs < atMs) low = middle + 1;
    else high = middle;
  }
  return inOrder[low];
}
