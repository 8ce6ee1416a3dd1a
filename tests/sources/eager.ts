import type { RetryPolicy } from "../../lib/sources/retry.ts";

/** Tries again so often, without waiting. */
export function eager(attempts: number): RetryPolicy {
  return {
    ...{ attempts, baseDelayMs: 0, maxDelayMs: 0 },
    ...{ random: () => 0, sleep: () => Promise.resolve() },
  };
}
