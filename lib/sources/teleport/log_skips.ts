/** Rows of a day of the audit log that were left out, and why. */
export interface LogSkip {
  /** `YYYY-MM-DD`. */
  day: string;
  reason: string;
  /** The types of events that are not known, or what refused a session; null for other reasons. */
  details: string[] | null;
  count: number;
}

const MAX_NAMED = 20;

/** Skips as a source tells them, added up by the place that `uriOf` gives for a day. */
export function sourceSkips(
  skips: readonly LogSkip[],
  uriOf: (day: string) => string,
): { uri: string; reason: string; detail: string | null; count: number }[] {
  const sums = new Map<string, { uri: string; reason: string; count: number; details: string[] }>();
  for (const { day, reason, details, count } of skips) {
    const uri = uriOf(day);
    const key = `${reason}\n${uri}`;
    const sum = sums.get(key) ?? { uri, reason, count: 0, details: [] };
    sum.count += count;
    for (const detail of details ?? []) {
      if (!sum.details.includes(detail)) sum.details.push(detail);
    }
    sums.set(key, sum);
  }
  return [...sums.values()].map(({ uri, reason, count, details }) => ({
    uri,
    reason,
    detail: details.slice(0, MAX_NAMED).join(", ") || null,
    count,
  }));
}
