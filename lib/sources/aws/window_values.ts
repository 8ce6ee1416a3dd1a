import { DAY_MS, isoDay } from "../../model/time.ts";
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
  const days: string[] = [];
  const lastMs = Math.floor((until.getTime() - 1) / DAY_MS) * DAY_MS + DAY_MS;
  for (let ms = Math.floor(since.getTime() / DAY_MS) * DAY_MS; ms <= lastMs; ms += DAY_MS) {
    days.push(partitionDay(new Date(ms)));
  }
  return days;
}

/** A day as CloudTrail's folders spell it: `2026/03/10`. */
export function partitionDay(time: Date): string {
  return isoDay(time).replaceAll("-", "/");
}
