import { DAY_MS, daysOf } from "../model/time.ts";
import { isSettled } from "../sources/teleport/pull_days.ts";
import { pulledWindows } from "../store/pulled_windows.ts";
import type { Store } from "../store/store.ts";

/** A clock may be set by so much, and what was pulled before it is not doubted. */
const SET_BY_MS = 3_600_000;

/**
 * The days of a source that were pulled whole, and late enough for all their events to be there. A
 * pull that was noted later than now, or than a pull after it, was made by a clock that was ahead:
 * it settles nothing.
 */
export function settledDays(
  store: Store,
  { source, now }: { source: string; now: Date },
): Set<string> {
  const days = new Set<string>();
  let latest = now;
  for (const { since, until, pulledAt } of pulledWindows(store, source).toReversed()) {
    if (isDoubted(pulledAt, latest)) continue;
    if (pulledAt < latest) latest = pulledAt;
    for (const day of daysOf({ since, until })) {
      const begin = Date.parse(day);
      const whole = begin >= since.getTime() && begin + DAY_MS <= until.getTime();
      if (whole && isSettled(new Date(begin + DAY_MS), pulledAt)) days.add(day);
    }
  }
  return days;
}

/** Whether a pull was noted by a clock that was ahead, or now is one that is behind. */
export function isDoubted(pulledAt: Date, now: Date): boolean {
  return pulledAt.getTime() > now.getTime() + SET_BY_MS;
}
