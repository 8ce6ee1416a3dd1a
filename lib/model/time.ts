export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Where the minute of a time begins; both in milliseconds since 1970. */
export function floorMinute(ms: number): number {
  return Math.floor(ms / MINUTE_MS) * MINUTE_MS;
}

/** The UTC day of a time (as a number milliseconds since 1970), as `2026-03-10`. */
export function isoDay(time: Date | number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** From a time to before another. */
interface Span {
  since: Date;
  until: Date;
}

/** The UTC days that a span touches, as {@link isoDay} has them. */
export function daysOf({ since, until }: Span): string[] {
  const days: string[] = [];
  const firstMs = Math.floor(since.getTime() / DAY_MS) * DAY_MS;
  for (let ms = firstMs; ms < until.getTime(); ms += DAY_MS) days.push(isoDay(ms));
  return days;
}

/** A span made whole minutes: none of it is left out. */
export function wholeMinutes({ since, until }: Span): Span {
  return {
    since: new Date(floorMinute(since.getTime())),
    until: new Date(Math.ceil(until.getTime() / MINUTE_MS) * MINUTE_MS),
  };
}
