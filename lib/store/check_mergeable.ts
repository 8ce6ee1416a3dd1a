import { StoreError } from "../model/errors.ts";
import { checkValues } from "./fit_values.ts";
import type { Store } from "./store.ts";
import { TABLES } from "./tables.ts";

/**
 * Throws a {@link StoreError} where a store can't be taken into another: its tables are not those
 * that shellscope makes, they hold values that it never writes, or the two were made with different
 * keys. One without a key takes the other's.
 */
export function checkMergeable(into: Store, from: Store): void {
  checkTables(into, from);
  checkValues(from);
  checkKeys(into, from);
}

// A view in a table's place may give rows without end.
function checkTables(into: Store, from: Store): void {
  const [ours, theirs] = [into, from].map((store) => {
    const rows = store.statement("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").all();
    return new Map(rows.map(({ name, sql }) => [name, sql]));
  }) as [Map<unknown, unknown>, Map<unknown, unknown>];
  const other = Object.keys(TABLES).find((table) => ours.get(table) !== theirs.get(table));
  if (other === undefined) return;
  throw new StoreError(
    `Store "${from.path}" can't be merged: its table "${other}" is not as shellscope makes it; ask ` +
      "where the file comes from, or make the store anew",
  );
}

function checkKeys(into: Store, from: Store): void {
  const [ours, theirs] = [into, from].map((store) =>
    store.statement("SELECT hash FROM key_check").get()?.["hash"]
  );
  if (theirs === undefined || ours === theirs) return;
  if (ours === undefined) {
    into.statement("INSERT INTO key_check (only, hash) VALUES (1, ?)").run(theirs!);
    return;
  }
  throw new StoreError(
    `Store "${from.path}" was made with another key than "${into.path}", so the same names have ` +
      `other hashes in it; give every machine a copy of one key file (<store>.key) before it runs`,
  );
}
