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
