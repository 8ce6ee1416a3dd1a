import { DatabaseSync } from "node:sqlite";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { StoreError } from "../model/errors.ts";

/** How long a write waits for another process's. */
const BUSY_TIMEOUT_MS = 10_000;

/** Opens or creates a database to be written. Throws a {@link StoreError}. */
export function openToWrite(path: string): DatabaseSync {
  let database: DatabaseSync;
  try {
    createPrivate(path);
    database = new DatabaseSync(path);
  } catch (error) {
    throw new StoreError(
      `Cannot open or create the store "${path}": check the folder and its rights`,
      { cause: error },
    );
  }
  prepared(database, path);
  if (path !== ":memory:") spillBeside(database, path);
  return database;
}

/**
 * Sorts and gathers in files of the store's folder where memory would not do: SQLite takes their
 * names away as it makes them, and nothing of them is left behind. The folder is one setting of the
 * process, that of the store opened last; where it is gone, SQLite takes the system's.
 */
function spillBeside(database: DatabaseSync, path: string): void {
  const folder = dirname(resolve(path)).replaceAll("'", "''");
  try {
    database.prepare(`PRAGMA temp_store_directory = '${folder}'`).get();
  } catch {
    return;
  }
  database.prepare("PRAGMA temp_store = FILE").get();
  database.prepare(`PRAGMA temp.cache_size = -${SPILL_CACHE_KIB}`).get();
}

/** What of a connection's temporary tables stays in memory. */
const SPILL_CACHE_KIB = 8 * 1024;

/**
 * Makes the file of a new store, for this user's eyes only; SQLite gives its WAL the same rights.
 * One that is there is not touched: to close it would give up locks that this process has on it.
 */
function createPrivate(path: string): void {
  if (path === ":memory:") return;
  try {
    Deno.statSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    Deno.openSync(path, { write: true, create: true, mode: 0o600 }).close();
  }
}

/** Opens a database that is there, to be read only. Throws a {@link StoreError}. */
export function openToRead(path: string): DatabaseSync {
  if (path === ":memory:") throw new StoreError("A store in memory can't be opened read-only");
  requireStore(path);
  try {
    return prepared(new DatabaseSync(path, { readOnly: true }), path);
  } catch (error) {
    const code = codeOf(error instanceof StoreError ? error.cause : error);
    if (code !== CANT_OPEN && code !== READ_ONLY) throw error;
  }
  // in a folder that can't be written SQLite can't share the file: take it as it is
  const url = pathToFileURL(Deno.realPathSync(path));
  url.searchParams.set("immutable", "1");
  return prepared(new DatabaseSync(url, { readOnly: true }), path);
}

/**
 * Throws a {@link StoreError} unless there is a file at a store's path: for what would otherwise
 * make an empty store out of a mistyped name.
 */
export function requireStore(path: string): void {
  let file: Deno.FileInfo;
  try {
    file = Deno.statSync(path);
  } catch (error) {
    throw new StoreError(
      error instanceof Deno.errors.NotFound
        ? `There is no store "${path}"; "run", "pull" or "parse --db" make one; --db names ` +
          "another, such as fixtures.sqlite"
        : `Cannot open the store "${path}": check its rights and those of its folder`,
      { cause: error },
    );
  }
  if (!file.isFile) throw new StoreError(`Cannot open the store "${path}": it is no file`);
}

function prepared(database: DatabaseSync, path: string): DatabaseSync {
  try {
    // not exec(): its errors lack SQLite's code
    for (const pragma of PRAGMAS) database.prepare(`PRAGMA ${pragma}`).get();
    return database;
  } catch (error) {
    database.close();
    throw storeError(error, path);
  }
}

/** Lets readers go on while the store is written. Only for a file that is known to be a store. */
export function writeAhead(database: DatabaseSync): void {
  const giveUp = performance.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      database.prepare("PRAGMA journal_mode = WAL").get();
      break;
    } catch (error) {
      // the one switch that SQLite does not wait for: two processes may make a store at once
      if (codeOf(error) !== BUSY || performance.now() > giveUp) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
  database.prepare("PRAGMA synchronous = NORMAL").get();
}

const PRAGMAS = [
  `busy_timeout = ${BUSY_TIMEOUT_MS}`,
  // nothing of a session in the system's folder of temporary files
  "temp_store = MEMORY",
  "foreign_keys = ON",
  // what a file from elsewhere brings along may call nothing that acts
  "trusted_schema = OFF",
  "cell_size_check = ON",
  // the first that reads the file: what can't be read shows here
  "schema_version",
];

/** SQLite's code for what another process is using. */
export const BUSY = 5;
const READ_ONLY = 8;
const IO = 10;
const CORRUPT = 11;
const FULL = 13;
const CANT_OPEN = 14;
const NOT_A_DATABASE = 26;

/** SQLite's own primary result code, or null. */
export function codeOf(error: unknown): number | null {
  if (!(error instanceof Error)) return null;
  const { errcode, message } = error as { errcode?: unknown; message: string };
  return typeof errcode === "number" ? errcode & 0xff : CODES_BY_TEXT[message] ?? null;
}

// exec(), which alone runs several statements, gives SQLite's text and no code
const CODES_BY_TEXT: Record<string, number> = {
  "database is locked": BUSY,
  "attempt to write a readonly database": READ_ONLY,
  "disk I/O error": IO,
  "database disk image is malformed": CORRUPT,
  "database or disk is full": FULL,
};

/** An error of SQLite as a {@link StoreError} where the user can do something; others as they are. */
export function storeError(error: unknown, path: string): unknown {
  const problem = PROBLEMS[codeOf(error) ?? -1];
  if (error instanceof StoreError || problem === undefined) return error;
  return new StoreError(`Store "${path}" ${problem}`, { cause: error });
}

const PROBLEMS: Record<number, string> = {
  [BUSY]: "is being written by another process; try again when it is done",
  [READ_ONLY]: "can't be written: check its rights and those of its folder",
  [CORRUPT]: "is damaged; restore it from a copy, or remove it and run again",
  [IO]: "can't be read or written; look at the disk, its quota and the limit on file sizes",
  [FULL]: "can't grow: the disk is full",
  [CANT_OPEN]: "can't be opened: check its rights and those of its folder",
  [NOT_A_DATABASE]: "is no SQLite database; name another file",
};
