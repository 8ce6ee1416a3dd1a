/** Durations, ages, times and sizes as people write them in the configuration and in flags. */

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const BYTES: Record<string, number> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** Seconds of `90s`, `10m`, `6h`, `30d`, `2w`; null where the text is no duration. */
export function parseDuration(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(s|m|h|d|w)$/.exec(text);
  if (!match) return null;
  return Number(match[1]) * (SECONDS[match[2] ?? ""] ?? NaN);
}

/** Bytes of `50GiB`, `10MB`, `512`; null where the text is no size. */
export function parseSize(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]i?B|B)?$/.exec(text);
  if (!match) return null;
  return Math.round(Number(match[1]) * (BYTES[match[2] ?? "B"] ?? NaN));
}

/** Bytes as people read them: `512 B`, `1.5 GiB`. */
export function formatSize(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (bytes >= 1024 && unit < units.length - 1) {
    bytes /= 1024;
    unit++;
  }
  return `${unit === 0 || bytes >= 100 ? Math.round(bytes) : bytes.toFixed(1)} ${units[unit]}`;
}

/**
 * A point in time: an ISO date (`2026-03-01`, midnight UTC), an ISO time (UTC where it names no
 * zone), or an age before `now` (`30d`, `6h`). null where the text is none of these.
 */
export function parseTime(text: string, now: Date): Date | null {
  const age = parseDuration(text);
  if (age !== null) return validTime(new Date(now.getTime() - age * 1000));
  const match = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/.exec(
    text,
  );
  if (!match) return null;
  const zoned = match[1] !== undefined && match[4] === undefined ? `${text}Z` : text;
  // `new Date` rolls 2026-02-30 over to March: not what was meant
  const day = text.slice(0, 10);
  if (validTime(new Date(day))?.toISOString().slice(0, 10) !== day) return null;
  return validTime(new Date(zoned));
}

/** A time that our rows can hold: of the years 1970 to 9999. */
function validTime(time: Date): Date | null {
  const year = time.getUTCFullYear();
  return year >= 1970 && year <= 9999 ? time : null;
}
