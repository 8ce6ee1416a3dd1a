import { existsSync } from "node:fs";
import { acquireRunLock, type RunLock } from "../store/lock.ts";
import { finishRewrite } from "../store/rewrite.ts";
import { openStore } from "../store/store.ts";

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

/**
 * Finishes a purge that was killed and brings a store, where there is one, to this version: what may
 * take long and hears no signal, before one is listened to. A process that is killed meanwhile leaves
 * the store as it was. Throws as {@link lockStore} and `openStore()` do.
 */
export function bringUp(path: string, run: { command: string; now: Date }): void {
  if (!existsSync(path)) return;
  using _lock = lockStore(path, run);
  openStore(path)[Symbol.dispose]();
}
