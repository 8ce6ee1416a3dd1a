import type { ApiMinutesOptions, ApiWindow } from "../api_source.ts";

const DAY_MS = 86_400_000;

/** Values of `minutes.sql` for a window: what was logged in it, and the days that are read. */
export function minutesValues(
  { since, until }: ApiWindow,
  { salt, principal = "" }: Pick<ApiMinutesOptions, "salt" | "principal">,
): Record<string, string> {
  const last = new Date(until.getTime() - 1);
  return {
    salt,
    principal,
    since: since.toISOString(),
    until: until.toISOString(),
    first_day: partitionDay(since),
    last_day: partitionDay(new Date(last.getTime() + DAY_MS)),
    told_first_day: partitionDay(since),
    told_last_day: partitionDay(last),
  };
}

/** A day as CloudTrail's folders spell it: `2026/03/10`. */
export function partitionDay(time: Date): string {
  return time.toISOString().slice(0, 10).replaceAll("-", "/");
}
