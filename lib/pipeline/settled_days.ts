import { DAY_MS, daysOf } from "../model/time.ts";
import { isSettled } from "../sources/teleport/pull_days.ts";
import { pulledWindows } from "../store/pulled_windows.ts";
import type { Store } from "../store/store.ts";

/** The days of a source that were pulled whole, and late enough for all their events to be there. */
export function settledDays(store: Store, source: string): Set<string> {
  const days = new Set<string>();
  for (const { since, until, pulledAt } of pulledWindows(store, source)) {
    for (const day of daysOf({ since, until })) {
      const begin = Date.parse(day);
      const whole = begin >= since.getTime() && begin + DAY_MS <= until.getTime();
      if (whole && isSettled(new Date(begin + DAY_MS), pulledAt)) days.add(day);
    }
  }
  return days;
}
