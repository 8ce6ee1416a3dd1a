import { StoreError } from "../model/errors.ts";
import { printable } from "../model/printable.ts";
import { realPath } from "./key_file.ts";

/** The right of one process to write a store; given back with `using`, or by the kernel. */
export type RunLock = Disposable;

/** Who holds a lock: shown to whoever finds it taken. */
interface LockHolder {
  command: string;
  pid: number;
  host: string;
  now: Date;
}

/**
 * Takes the one run lock of a store. It is the kernel's lock on `<store>.lock`, so a process that
 * dies gives it back; the file stays and says who had it last. Throws a {@link StoreError} that
 * names the holder. A store in memory needs no lock.
 */
export function acquireRunLock(path: string, holder: LockHolder): RunLock {
  if (path === ":memory:") return { [Symbol.dispose]() {} };
  const lockPath = `${realPath(path)}.lock`;
  const file = openLock(lockPath);
  let locked = false;
  try {
    locked = file.tryLockSync(true);
    if (!locked) throw new StoreError(`Store "${path}" is in use by ${describeHolder(lockPath)}`);
    const { command, pid, host, now } = holder;
    const text = JSON.stringify({ command, pid, host, since: now.toISOString() });
    file.truncateSync(0);
    file.writeSync(new TextEncoder().encode(`${text}\n`));
  } catch (error) {
    if (locked) file.unlockSync();
    file.close();
    throw error;
  }
  let held = true;
  return {
    [Symbol.dispose]() {
      if (!held) return;
      held = false;
      file.truncateSync(0);
      file.unlockSync();
      file.close();
    },
  };
}

function openLock(lockPath: string): Deno.FsFile {
  try {
    return Deno.openSync(lockPath, { read: true, write: true, create: true, mode: 0o600 });
  } catch (error) {
    throw new StoreError(`Cannot open lock file "${lockPath}": check the folder and its rights`, {
      cause: error,
    });
  }
}

function describeHolder(lockPath: string): string {
  try {
    const { command, pid, host, since } = JSON.parse(Deno.readTextFileSync(lockPath));
    const text = printable(`"${command}" (process ${pid} on ${host}, since ${since})`).slice(
      0,
      300,
    );
    return `${text}; wait until it is done, or end it`;
  } catch {
    // taken this moment: the holder has not signed yet
    return "another run; wait until it is done";
  }
}
