import type { ApiWindow } from "../sources/api_source.ts";
import { daysOf } from "../sources/teleport/pull_days.ts";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** A UTC day of a log, or the part of it that is asked for. */
export interface ApiDay {
  /** `2026-03-10`. */
  day: string;
  window: ApiWindow;
}

/** A window made whole minutes: none of it is left out. */
export function wholeMinutes({ since, until }: ApiWindow): ApiWindow {
  return {
    since: new Date(Math.floor(since.getTime() / MINUTE_MS) * MINUTE_MS),
    until: new Date(Math.ceil(until.getTime() / MINUTE_MS) * MINUTE_MS),
  };
}

/** The days of a window, oldest first, without those that are done. */
export function planApiDays(
  window: ApiWindow,
  { done }: { done: ReadonlySet<string> },
): ApiDay[] {
  const { since, until } = wholeMinutes(window);
  return daysOf({ since, until }).filter((day) => !done.has(day)).map((day) => {
    const beginMs = Date.parse(day);
    return {
      day,
      window: {
        since: new Date(Math.max(beginMs, since.getTime())),
        until: new Date(Math.min(beginMs + DAY_MS, until.getTime())),
      },
    };
  });
}
