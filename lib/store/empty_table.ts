import type { Store } from "./store.ts";

/** Rows that are removed a step. */
const LOT = 20_000;

/** Removes all rows of a table, some a step. */
export function* emptyTable(
  store: Store,
  table: string,
  { key }: { key: string },
): Generator<void> {
  const remove = store.statement(
    `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} ORDER BY ${key} LIMIT ${LOT})`,
  );
  while (Number(remove.run().changes) === LOT) yield;
}
