import type { SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
import { storeError } from "./database_file.ts";

/** One row of a result. */
export type ResultRow = Record<string, SQLOutputValue>;

/**
 * A prepared statement of a store. Its parameters are `?` only, and every text among them goes
 * through {@link storableText}: what was written is found again by the same text. Throws a
 * `StoreError` where the file can't be read or written.
 */
export class Statement {
  constructor(readonly prepared: StatementSync, readonly path: string) {}

  /** The first row, or undefined. */
  get(...params: SQLInputValue[]): ResultRow | undefined {
    try {
      return this.prepared.get(...params.map(storableValue));
    } catch (error) {
      throw storeError(error, this.path);
    }
  }

  /** Every row, held at once. */
  all(...params: SQLInputValue[]): ResultRow[] {
    try {
      return this.prepared.all(...params.map(storableValue));
    } catch (error) {
      throw storeError(error, this.path);
    }
  }

  /** Writes; says how many rows changed. */
  run(...params: SQLInputValue[]): { changes: number | bigint; lastInsertRowid: number | bigint } {
    try {
      return this.prepared.run(...params.map(storableValue));
    } catch (error) {
      throw storeError(error, this.path);
    }
  }
}

/**
 * A text as the store keeps it: U+FFFD in place of NUL, behind which `node:sqlite` reads no
 * further, and of halves of surrogate pairs, which UTF-8 can't hold.
 */
export function storableText(text: string): string {
  return UNSTORABLE.test(text) ? text.toWellFormed().replaceAll("\0", "\ufffd") : text;
}

const UNSTORABLE = /[\0\ud800-\udfff]/;

/** The same of any value. */
export function storableValue(value: SQLInputValue): SQLInputValue {
  return typeof value === "string" ? storableText(value) : value;
}
