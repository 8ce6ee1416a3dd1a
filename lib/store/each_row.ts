import type { SQLInputValue } from "node:sqlite";
import { StoreError } from "../model/errors.ts";
import type { ResultRow } from "./statement.ts";
import type { Store } from "./store.ts";

/**
 * The rows of a query one by one, for what is too much to hold. They are counted first, since the
 * iterator of `node:sqlite` ends in silence at a fault (Deno 2.9.6): throws a {@link StoreError}
 * where not all of them come. What the query reads must not be written meanwhile.
 */
export function* eachRow(
  store: Store,
  sql: string,
  ...params: SQLInputValue[]
): Generator<ResultRow> {
  let left = Number(store.statement(`SELECT count(*) AS n FROM (${sql})`).get(...params)!["n"]);
  for (const row of store.database.prepare(sql).iterate(...params)) {
    left--;
    yield row;
  }
  if (left <= 0) return;
  throw new StoreError(
    `Store "${store.path}" can't be read to its end; restore it from a copy, or remove it and run ` +
      "again",
  );
}
