import { DAY_MS, daysOf, isoDay } from "../../model/time.ts";
import type { ApiMinutesOptions, ApiWindow } from "../api_source.ts";

/** Values of `minutes.sql` for a window: what was logged in it, and the days that are read. */
export function minutesValues(
  { since, until }: ApiWindow,
  { salt, principal = "" }: Pick<ApiMinutesOptions, "salt" | "principal">,
): Record<string, string> {
  const last = new Date(until.getTime() - 1);
  const [first, lastRead] = [since, new Date(last.getTime() + DAY_MS)].map(partitionDay) as [
    string,
    string,
  ];
  return {
    salt,
    principal,
    since: since.toISOString(),
    until: until.toISOString(),
    first_day: first,
    last_day: lastRead,
    first_date: first.replaceAll("/", "-"),
    last_date: lastRead.replaceAll("/", "-"),
    first_year: first.slice(0, 4),
    last_year: lastRead.slice(0, 4),
    told_first_day: partitionDay(since),
    told_last_day: partitionDay(last),
  };
}

/** The days that are read for a window, as folders spell them: its own and, for late records, the next. */
export function daysRead({ since, until }: ApiWindow): string[] {
  const next = new Date(until.getTime() + DAY_MS);
  return daysOf({ since, until: next }).map((day) => day.replaceAll("-", "/"));
}

/** A day as CloudTrail's folders spell it: `2026/03/10`. */
export function partitionDay(time: Date): string {
  return isoDay(time).replaceAll("-", "/");
}
