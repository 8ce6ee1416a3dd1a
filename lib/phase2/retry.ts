import OpenAI from "openai";

/** What a server may ask us to wait at most; one that asks for more is told apart as busy. */
const LONGEST_WAIT_MS = 300_000;

/**
 * How long to wait before a request that failed is tried again, in ms; null where it is no use. As
 * the server says (`retry-after` in seconds or as a date, `retry-after-ms`), else from half a second
 * doubled to eight. `failures` counts those before this one.
 */
export function waitBeforeRetry(
  cause: unknown,
  failures: number,
  { now = Date.now, random = Math.random }: { now?: () => number; random?: () => number } = {},
): number | null {
  if (cause instanceof OpenAI.APIError && cause.status !== undefined) {
    const { status, code, headers } = cause;
    const passes = status === 408 || status === 409 || status === 429 || status >= 500;
    if (!passes || code === "insufficient_quota") return null;
    const asked = askedWait(headers, now);
    if (asked !== null) return asked <= LONGEST_WAIT_MS ? asked : null;
  }
  return Math.min(500 * 2 ** failures, 8000) * (1 - random() / 4);
}

function askedWait(headers: Headers | undefined, now: () => number): number | null {
  const ms = Number(headers?.get("retry-after-ms") ?? NaN);
  if (ms >= 0) return ms;
  const said = headers?.get("retry-after") ?? "";
  const wait = said.trim() === "" ? NaN : Number(said) * 1000;
  const until = Number.isNaN(wait) ? Date.parse(said) - now() : wait;
  return until >= 0 ? until : null;
}

/**
 * Whether a server may bill a request of which no answer came: it broke off, or ran out of time. One
 * that was never let in costs nothing.
 */
export function mayBeBilled(cause: unknown): boolean {
  if (cause instanceof OpenAI.APIError && cause.status !== undefined) {
    return cause.status === 408 || cause.status === 504;
  }
  return !/refused|dns error|certificate|invalid peer|unreachable|requires net access/i
    .test(causes(cause));
}

function causes(error: unknown): string {
  return error instanceof Error ? `${error.message} ${causes(error.cause)}` : "";
}
