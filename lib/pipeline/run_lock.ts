import { acquireRunLock, type RunLock } from "../store/lock.ts";

/**
 * Takes the one lock of a store for this process. Throws a `StoreError` that names the holder
 * where another run has it; a crashed run holds nothing.
 */
export function lockStore(path: string, run: { command: string; now: Date }): RunLock {
  return acquireRunLock(path, { ...run, pid: Deno.pid, host: Deno.hostname() });
}
