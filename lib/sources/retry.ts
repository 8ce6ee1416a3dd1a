/** How often and how patiently something is tried again. Clock and chance are handed in. */
export interface RetryPolicy {
  /** Tries in a row without progress, the first included. */
  attempts: number;
  /** The longest wait before the second try; it doubles with each further one. */
  baseDelayMs: number;
  maxDelayMs: number;
  /** In [0, 1): waits are spread evenly from nothing to their longest ("full jitter"). */
  random: () => number;
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** Eight tries within about a minute: throttling and dropped connections pass by then. */
export const PATIENT: RetryPolicy = {
  attempts: 8,
  baseDelayMs: 200,
  maxDelayMs: 20_000,
  random: Math.random,
  sleep,
};

/** Milliseconds to wait after so many failures in a row (1 or more). */
export function retryDelayMs(policy: RetryPolicy, failures: number): number {
  const longest = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (failures - 1));
  return longest * policy.random();
}

/**
 * Calls `body` until it succeeds, fails for good, or has failed `attempts` times; throws its last
 * error. An aborted `signal` ends the waiting and is thrown as the signal's reason.
 */
export async function withRetries<T>(
  body: () => Promise<T>,
  { policy, isTransient, signal }: {
    policy: RetryPolicy;
    isTransient: (cause: unknown) => boolean;
    signal?: AbortSignal | undefined;
  },
): Promise<T> {
  for (let failures = 1;; failures++) {
    signal?.throwIfAborted();
    try {
      return await body();
    } catch (cause) {
      signal?.throwIfAborted();
      if (failures >= policy.attempts || !isTransient(cause)) throw cause;
      await policy.sleep(retryDelayMs(policy, failures), signal);
    }
  }
}

/** Waits; rejects with the signal's reason as soon as it is aborted. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
