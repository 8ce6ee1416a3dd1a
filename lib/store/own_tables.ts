import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "../model/errors.ts";
import { TABLES } from "./tables.ts";

/**
 * Throws a {@link StoreError} for a store with something else in a table's place, or with triggers:
 * of a file from elsewhere either may run without end. Tables that somebody has put beside ours are
 * let be.
 */
export function checkOwnTables(database: DatabaseSync, path: string): void {
  const rows = database.prepare(
    `SELECT name, tbl_name AS "table" FROM sqlite_schema
     WHERE type = 'trigger' OR (type IN ('table', 'view') AND name IN (SELECT value FROM json_each(?))
       AND (type = 'view' OR sql NOT GLOB 'CREATE TABLE *' OR sql NOT GLOB '*) STRICT*'))`,
  ).all(JSON.stringify(Object.keys(TABLES)));
  const [other] = rows;
  if (other === undefined) return;
  throw new StoreError(
    `Store "${path}" can't be read: its table "${
      String(other["table"]).slice(0, 80)
    }" is not as shellscope makes it; ask where the file comes from, or make the store anew`,
  );
}
