/** A unit for an axis of time. */
interface TimeUnit {
  name: "s" | "min" | "h";
  seconds: number;
}

/** The unit in which a span of so many seconds reads well. */
export function timeUnit(seconds: number): TimeUnit {
  if (seconds < 180) return { name: "s", seconds: 1 };
  return seconds < 3 * 3600 ? { name: "min", seconds: 60 } : { name: "h", seconds: 3600 };
}

/** Seconds as a person writes them: `20 ms`, `1.5 s`, `12 min`, `2.3 h`; at most three digits. */
export function formatSeconds(seconds: number): string {
  if (seconds === 0) return "0 s";
  if (seconds < 1) return `${digits(seconds * 1000)} ms`;
  if (seconds < 180) return `${digits(seconds)} s`;
  return seconds < 3 * 3600 ? `${digits(seconds / 60)} min` : `${digits(seconds / 3600)} h`;
}

/** Whole numbers from 0 to `most`, about `wanted` steps of 1, 2 or 5 times a power of ten. */
export function wholeTicks(most: number, wanted: number): number[] {
  const rough = Math.max(1, most / wanted);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((s) => s >= rough) ?? rough;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
}

/** A number with separators: `12,345`. */
export function wholeNumber(value: number): string {
  return value.toLocaleString("en-US");
}

/** A number of things: `1 session`, `2,000 sessions`. */
export function count(value: number, noun: string): string {
  return `${wholeNumber(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** A share as a person writes it: `97.5 %`. */
export function percent(share: number): string {
  return `${digits(share * 100)} %`;
}

/** Bytes as a person writes them: `512 B`, `1.5 GB`. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let [value, i] = [bytes, 0];
  while (value >= 1000 && i < units.length - 1) [value, i] = [value / 1000, i + 1];
  return `${digits(value)} ${units[i]}`;
}

function digits(value: number): string {
  return String(Number(value.toPrecision(3)));
}
