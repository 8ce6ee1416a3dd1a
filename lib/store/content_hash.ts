import { createHash } from "node:crypto";
import { returnArrays } from "./frame.ts";
import type { Store } from "./store.ts";

/** Tables that tell how a store came to be, not what it says. */
const NOT_CONTENT = ["runs", "pulls", "key_check", "label_history", "llm_calls"];
/** Columns that hold when something was written, or where it was read from. */
const NOT_SAID = new Set([
  "updated_at",
  "set_at",
  "called_at",
  "sent_at",
  "pulled_at",
  "uri",
  "note_id",
]);

/**
 * SHA-256 over all that a store says of its sessions, in hex: two stores have the same where one
 * pull of the same data by the same rules made them, whenever and from whichever folder. Reads the
 * whole store: about a second for 100,000 sessions.
 */
export function contentHash(store: Store): string {
  const { database } = store;
  const hash = createHash("sha256");
  const tables = database.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
  ).all().map((row) => String(row["name"])).filter((name) => !NOT_CONTENT.includes(name));
  for (const table of tables) {
    const columns = database.prepare("SELECT name FROM pragma_table_info(?) ORDER BY name")
      .all(table).map((row) => String(row["name"])).filter((name) => !NOT_SAID.has(name));
    const names = columns.map((name) => `"${name}"`).join(", ");
    const rows = database.prepare(`SELECT ${names} FROM "${table}" ORDER BY ${names}`);
    returnArrays(rows);
    hash.update(`\n${table}(${columns})\n`);
    for (const row of rows.iterate()) hash.update(`${JSON.stringify(row)}\n`);
  }
  return hash.digest("hex");
}
