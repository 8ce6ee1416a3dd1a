import type { DatabaseSync } from "node:sqlite";
import { openToRead, openToWrite, storeError } from "./database_file.ts";
import { storeKey } from "./key_file.ts";
import { checkReadable, migrate } from "./migrations.ts";
import { checkOwnTables } from "./own_tables.ts";
import { Statement } from "./statement.ts";

/** An open `sessions.sqlite`. Close it with `using`. */
export interface Store extends Disposable {
  /** The path it was opened under; `:memory:` is a store that lives and dies with the process. */
  readonly path: string;
  /** The connection itself, for queries of one's own. */
  readonly database: DatabaseSync;
  /** Whether writing throws. */
  readonly readOnly: boolean;
  /** The clock behind `updated_at` and the labels of ingestion. */
  readonly now: () => Date;
  /**
   * 32 bytes for keyed hashes and nothing else, kept in `<store>.key` (mode 0600), made at first
   * use. Throws a {@link StoreError} when the file is not the one this store's hashes were made
   * with, or is missing where none can be made.
   */
  readonly key: Uint8Array;
  /** A prepared statement, made once a text. */
  statement(sql: string): Statement;
  /**
   * Runs `body` in one transaction, which is rolled back when `body` throws. A call inside another
   * joins it. `body` must be synchronous.
   */
  transaction<T>(body: () => T): T;
  /**
   * The same of a body that does its work in steps. Between them this process must write nothing else
   * to the store. Left before the end (`return()`), it is rolled back.
   */
  transactionInSteps<T>(body: () => Generator<void, T>): Generator<void, T>;
}

/** How a store is opened: to be written, unless told, by the system's clock. */
export interface OpenOptions {
  /** Opens a store as it is: nothing is created, migrated or written. */
  readOnly?: boolean;
  /** The clock; the system's unless told. */
  now?: () => Date;
}

/**
 * Opens a store, creates it where there is none, and brings it to this version. Throws a
 * {@link StoreError} for a file that is no store, is damaged, is of a newer version, or has something
 * else in its tables' places.
 */
export function openStore(path: string, options: OpenOptions = {}): Store {
  const readOnly = options.readOnly ?? false;
  const database = readOnly ? openToRead(path) : openToWrite(path);
  try {
    checkOwnTables(database, path);
    if (readOnly) checkReadable(database, path);
    else migrate(database, path);
    return new OpenStore(path, database, { readOnly, now: options.now ?? (() => new Date()) });
  } catch (error) {
    database.close();
    throw storeError(error, path);
  }
}

class OpenStore implements Store {
  readonly #statements = new Map<string, Statement>();
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

  statement(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = new Statement(this.database.prepare(sql), this.path);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  transaction<T>(body: () => T): T {
    if (this.#inTransaction) return body();
    this.#begin();
    try {
      const result = body();
      if (result instanceof Promise) throw new TypeError("A transaction's body must not be async");
      this.statement("COMMIT").run();
      return result;
    } catch (error) {
      throw storeError(error, this.path);
    } finally {
      this.#end();
    }
  }

  *transactionInSteps<T>(body: () => Generator<void, T>): Generator<void, T> {
    if (this.#inTransaction) return yield* body();
    this.#begin();
    try {
      const result = yield* body();
      this.statement("COMMIT").run();
      return result;
    } catch (error) {
      throw storeError(error, this.path);
    } finally {
      this.#end();
    }
  }

  #begin(): void {
    try {
      this.statement(this.readOnly ? "BEGIN" : "BEGIN IMMEDIATE").run();
    } catch (error) {
      throw storeError(error, this.path);
    }
    this.#inTransaction = true;
  }

  /** Takes back what was not committed; a full disk ends the transaction by itself. */
  #end(): void {
    this.#inTransaction = false;
    // a closed store has taken it back already
    if (this.database.isOpen && this.database.isTransaction) this.database.exec("ROLLBACK");
  }

  [Symbol.dispose](): void {
    this.#statements.clear();
    if (this.database.isOpen) this.database.close();
  }
}
