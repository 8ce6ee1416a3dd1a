import { createHash } from "node:crypto";
import { inSteps } from "../model/hear_signal.ts";
import { eachRow } from "./each_row.ts";
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

/** Characters hashed at a time. */
const PIECE = 64 * 1024;

/**
 * SHA-256 over all that a store says of its sessions, in hex: two stores have the same where one
 * pull of the same data by the same rules made them, whenever and from whichever folder. Reads the
 * whole store, a row at a time: about ten seconds for 100,000 sessions. Throws the reason of `signal`.
 */
export async function contentHash(
  store: Store,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<string> {
  return await inSteps(hashInSteps(store), signal);
}

function* hashInSteps(store: Store): Generator<void, string> {
  const { database } = store;
  const hash = createHash("sha256");
  const tables = database.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
  ).all().map((row) => String(row["name"])).filter((name) => !NOT_CONTENT.includes(name));
  let text = "";
  for (const table of tables) {
    const { columns, order } = readingOf(store, table);
    const rows = eachRow(store, `SELECT ${columns} FROM "${table}" ORDER BY ${order}`);
    text += `\n${table}(${columns})\n`;
    for (const row of rows) {
      text += `${JSON.stringify(Object.values(row))}\n`;
      if (text.length < PIECE) continue;
      hash.update(text);
      text = "";
      yield;
    }
  }
  return hash.update(text).digest("hex");
}

/** What of a table is read, in which order: by its key, which needs no sorting, if that is said. */
function readingOf({ database }: Store, table: string): { columns: string; order: string } {
  const columns = database.prepare("SELECT name, pk FROM pragma_table_info(?) ORDER BY name")
    .all(table).map(({ name, pk }) => ({ name: String(name), pk: Number(pk) }));
  const key = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
  const said = columns.filter(({ name }) => !NOT_SAID.has(name));
  const isSaid = key.length > 0 && key.every(({ name }) => !NOT_SAID.has(name));
  const [names, order] = [said, isSaid ? key : said]
    .map((of) => of.map(({ name }) => `"${name}"`).join(", "));
  return { columns: names!, order: order! };
}
