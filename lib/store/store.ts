import { DatabaseSync, type StatementSync } from "node:sqlite";
import { StoreError } from "../model/errors.ts";
import { storeKey } from "./key_file.ts";
import { migrate, STORE_VERSION, storeVersion } from "./migrations.ts";

/** An open `sessions.sqlite`. Close it with `using`. */
export interface Store extends Disposable {
  /** The path it was opened under; `:memory:` is a store that lives and dies with the process. */
  readonly path: string;
  readonly database: DatabaseSync;
  readonly readOnly: boolean;
  /** The clock behind `updated_at` and the labels of ingestion. */
  readonly now: () => Date;
  /**
   * 32 bytes for keyed hashes and nothing else, kept in `<store>.key` (mode 0600), made at first
   * use. Throws a {@link StoreError} when the file is not the one this store's hashes were made
   * with, or is missing where none can be made.
   */
  readonly key: Uint8Array;
  /** A prepared statement, made once a text. Don't leave an iteration over one half done. */
  statement(sql: string): StatementSync;
  /**
   * Runs `body` in one transaction, which is rolled back when `body` throws. A call inside another
   * joins it. `body` must be synchronous.
   */
  transaction<T>(body: () => T): T;
}

export interface OpenOptions {
  /** Opens a store as it is: nothing is created, migrated or written. */
  readOnly?: boolean;
  now?: () => Date;
}

/** How long a write waits for another process's. */
const BUSY_TIMEOUT_MS = 10_000;

/**
 * Opens a store, creates it where there is none, and brings it to this version. Throws a
 * {@link StoreError} for a file that is no store, is damaged, or is of a newer version.
 */
export function openStore(path: string, options: OpenOptions = {}): Store {
  const readOnly = options.readOnly ?? false;
  const database = readOnly ? openToRead(path) : openToWrite(path);
  try {
    if (!readOnly) {
      prepareToWrite(database);
      migrate(database, path);
    } else checkReadable(database, path);
    return new OpenStore(path, database, { readOnly, now: options.now ?? (() => new Date()) });
  } catch (error) {
    database.close();
    throw storeError(error, path);
  }
}

class OpenStore implements Store {
  readonly #statements = new Map<string, StatementSync>();
  #key: Uint8Array | null = null;
  #inTransaction = false;
  readonly readOnly: boolean;
  readonly now: () => Date;

  constructor(
    readonly path: string,
    readonly database: DatabaseSync,
    options: Required<OpenOptions>,
  ) {
    this.readOnly = options.readOnly;
    this.now = options.now;
  }

  get key(): Uint8Array {
    return this.#key ??= storeKey(this);
  }

  statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  transaction<T>(body: () => T): T {
    if (this.#inTransaction) return body();
    try {
      this.database.exec(this.readOnly ? "BEGIN" : "BEGIN IMMEDIATE");
    } catch (error) {
      throw storeError(error, this.path);
    }
    this.#inTransaction = true;
    try {
      const result = body();
      if (result instanceof Promise) throw new TypeError("A transaction's body must not be async");
      this.database.exec("COMMIT");
      return result;
    } catch (error) {
      // a full disk ends the transaction by itself
      if (this.database.isTransaction) this.database.exec("ROLLBACK");
      throw error;
    } finally {
      this.#inTransaction = false;
    }
  }

  [Symbol.dispose](): void {
    this.#statements.clear();
    if (this.database.isOpen) this.database.close();
  }
}

function openToWrite(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path);
  } catch (error) {
    throw new StoreError(
      `Cannot open or create the store "${path}": check the folder and its rights`,
      {
        cause: error,
      },
    );
  }
}

function openToRead(path: string): DatabaseSync {
  if (path === ":memory:") throw new StoreError("A store in memory can't be opened read-only");
  try {
    if (!Deno.statSync(path).isFile) throw new StoreError(`Store "${path}" is no file`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new StoreError(`There is no store "${path}"; "run", "pull" or "parse --db" make one`);
  }
  try {
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      database.prepare("SELECT count(*) FROM sqlite_schema").get();
      return database;
    } catch (error) {
      database.close();
      if (codeOf(error) !== CANT_OPEN && codeOf(error) !== READ_ONLY) throw error;
    }
    // in a folder that can't be written SQLite can't share the file; nobody writes it then
    const url = new URL(
      `file://${Deno.realPathSync(path).split("/").map(encodeURIComponent).join("/")}`,
    );
    url.searchParams.set("immutable", "1");
    return new DatabaseSync(url, { readOnly: true });
  } catch (error) {
    throw storeError(error, path);
  }
}

function prepareToWrite(database: DatabaseSync): void {
  database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  // readers go on while a run writes
  database.exec("PRAGMA journal_mode = WAL");
  database.exec("PRAGMA synchronous = NORMAL");
  // sorting spills to memory: nothing of a session in a temporary folder
  database.exec("PRAGMA temp_store = MEMORY");
  database.exec("PRAGMA foreign_keys = ON");
}

function checkReadable(database: DatabaseSync, path: string): void {
  database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  database.exec("PRAGMA temp_store = MEMORY");
  const version = storeVersion(database, path);
  if (version === 0) {
    throw new StoreError(`Store "${path}" is empty; "run" or "parse --db" fill it`);
  }
  if (version < STORE_VERSION) {
    throw new StoreError(
      `Store "${path}" is of version ${version}, this shellscope reads ${STORE_VERSION}; ` +
        `open it once for writing (any "run" or "classify") to bring it up`,
    );
  }
}

const BUSY = 5;
const READ_ONLY = 8;
const CORRUPT = 11;
const CANT_OPEN = 14;
const NOT_A_DATABASE = 26;

/** SQLite's own primary result code, or null. */
function codeOf(error: unknown): number | null {
  const code = error instanceof Error ? (error as { errcode?: unknown }).errcode : undefined;
  return typeof code === "number" ? code & 0xff : null;
}

function storeError(error: unknown, path: string): unknown {
  const problem = PROBLEMS[codeOf(error) ?? -1];
  if (error instanceof StoreError || problem === undefined) return error;
  return new StoreError(`Store "${path}" ${problem}`, { cause: error });
}

const PROBLEMS: Record<number, string> = {
  [BUSY]: "is being written by another process; try again when it is done",
  [READ_ONLY]: "can't be written: check its rights and those of its folder",
  [CORRUPT]: "is damaged; restore it from a copy, or remove it and run again",
  [CANT_OPEN]: "can't be opened: check its rights and those of its folder",
  [NOT_A_DATABASE]: "is no SQLite database; name another file",
};
