import { StoreError } from "../model/errors.ts";
import type { Store } from "./store.ts";
import { TABLES } from "./tables.ts";

/** The longest record that a source reads: no text of a store is longer. */
const MAX_TEXT_BYTES = 4 * 1024 * 1024;

/** What is never written to columns of each type. SQLite tells lengths without reading the texts. */
const UNFIT: Readonly<Record<string, (column: string) => string>> = {
  TEXT: (column) => `octet_length(${column}) > ${MAX_TEXT_BYTES}`,
  INTEGER: (column) => `${column} NOT BETWEEN -${MOST} AND ${MOST}`,
};
const MOST = Number.MAX_SAFE_INTEGER;

/**
 * Throws a {@link StoreError} where a store from elsewhere holds what shellscope never writes: texts
 * of more than 4 MiB, of which a merge would make many copies, or integers that a number can't hold.
 */
export function checkValues(from: Store): void {
  for (const table of Object.keys(TABLES)) {
    const columns = from.statement("SELECT name, type FROM pragma_table_info(?)").all(table);
    for (const [type, unfit] of Object.entries(UNFIT)) {
      const conditions = columns.filter((column) => column["type"] === type)
        .map(({ name }) => unfit(String(name)));
      // false: of a table without such columns
      const where = ["false", ...conditions].join(" OR ");
      if (from.statement(`SELECT 1 FROM ${table} WHERE ${where} LIMIT 1`).get() === undefined) {
        continue;
      }
      const what = type === "TEXT" ? "texts of more than 4 MiB" : "numbers above 2^53";
      throw new StoreError(
        `Store "${from.path}" can't be merged: its table "${table}" holds ${what}, which ` +
          "shellscope never writes; ask where the file comes from, or make the store anew",
      );
    }
  }
}
