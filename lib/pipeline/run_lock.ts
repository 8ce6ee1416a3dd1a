import { acquireRunLock, type RunLock } from "../store/lock.ts";
import { finishRewrite } from "../store/rewrite.ts";

/**
 * Takes the one lock of a store for this process, and finishes a purge that was killed. Throws a
 * `StoreError` that names the holder where another run has it; a crashed run holds nothing.
 */
export function lockStore(path: string, run: { command: string; now: Date }): RunLock {
  const lock = acquireRunLock(path, { ...run, pid: Deno.pid, host: Deno.hostname() });
  try {
    finishRewrite(path);
    return lock;
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}
