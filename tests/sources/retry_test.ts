import assert from "node:assert/strict";
import { retryDelayMs, type RetryPolicy, sleep, withRetries } from "../../lib/sources/retry.ts";

const POLICY: RetryPolicy = {
  ...{ attempts: 4, baseDelayMs: 100, maxDelayMs: 1000 },
  ...{ random: () => 0.5, sleep: () => Promise.resolve() },
};

Deno.test("retryDelayMs() spreads waits from nothing to a longest, which doubles up to a bound", () => {
  const delays = (random: number) =>
    [1, 2, 3, 4, 5, 99].map((failures) =>
      retryDelayMs({ ...POLICY, random: () => random }, failures)
    );
  assert.deepEqual(delays(0), [0, 0, 0, 0, 0, 0]);
  assert.deepEqual(delays(0.5), [50, 100, 200, 400, 500, 500]);
});

Deno.test("withRetries() gives up at once what can't pass, and after its tries what could", async () => {
  for (const [isTransient, tries] of [[false, 1], [true, 4]] as const) {
    let called = 0;
    const fault = new Error("no");
    const body = () => {
      called++;
      return Promise.reject(fault);
    };
    const how = { policy: POLICY, isTransient: () => isTransient };
    await assert.rejects(withRetries(body, how), fault);
    assert.equal(called, tries);
  }
});

Deno.test("withRetries() ends with the signal's reason while it waits", async () => {
  const abort = new AbortController();
  const reason = new Error("stopped");
  const body = () => {
    queueMicrotask(() => abort.abort(reason));
    return Promise.reject(new Error("busy"));
  };
  const policy = { ...POLICY, baseDelayMs: 1e9, maxDelayMs: 1e9, sleep };
  const how = { policy, isTransient: () => true, signal: abort.signal };
  await assert.rejects(withRetries(body, how), reason);
});
