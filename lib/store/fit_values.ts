import { StoreError } from "../model/errors.ts";
import { isLabelKey, isLabelValue } from "../model/label.ts";
import { columnForm } from "./column_forms.ts";
import { eachRow } from "./each_row.ts";
import { isStoredJson, type JsonColumn } from "./stored_json.ts";
import type { Store } from "./store.ts";
import { TABLES } from "./tables.ts";

/** The longest record that a source reads: no text of a store is longer. */
const MAX_TEXT_BYTES = 4 * 1024 * 1024;
/** The largest number that a count can have; nothing that is measured comes near it. */
const MOST = Number.MAX_SAFE_INTEGER;
/** Tables with many rows of a subject that say the same few things: each is looked at once. */
const REPETITIVE: readonly string[] = ["labels", "label_history", "rule_hits"];

/**
 * Throws a {@link StoreError} where a store from elsewhere holds what shellscope never writes: rows
 * that its own rules forbid or that belong to nothing, texts of more than 4 MiB, of which a merge
 * would make many copies, numbers above 2^53, and whatever has another form than its column.
 */
export function checkValues(from: Store): void {
  for (const table of Object.keys(TABLES)) {
    const what = misfit(from, table);
    if (what === null) continue;
    throw new StoreError(
      `Store "${from.path}" can't be merged: its table "${table}" holds ${what}, which ` +
        "shellscope never writes; ask where the file comes from, or make the store anew",
    );
  }
}

function misfit(from: Store, table: string): string | null {
  const columns = from.statement("SELECT name, type FROM pragma_table_info(?)").all(table)
    .map(({ name, type }) => ({ name: String(name), isText: type === "TEXT" }));
  const holds = (conditions: readonly string[]) =>
    // false: of a table without such columns
    from.statement(`SELECT 1 FROM ${table} WHERE ${["false", ...conditions].join(" OR ")} LIMIT 1`)
      .get() !== undefined;
  const [texts, numbers] = [true, false].map((isText) =>
    columns.filter((column) => column.isText === isText).map(({ name }) => name)
  ) as [string[], string[]];
  // SQLite tells lengths without reading the texts
  if (holds(texts.map((name) => `octet_length("${name}") > ${MAX_TEXT_BYTES}`))) {
    return "texts of more than 4 MiB";
  }
  if (holds(numbers.map((name) => `"${name}" NOT BETWEEN -${MOST} AND ${MOST}`))) {
    return "numbers above 2^53";
  }
  if (from.statement(`PRAGMA integrity_check(${table})`).all()[0]?.["integrity_check"] !== "ok") {
    return "rows that its own rules forbid";
  }
  if (from.statement(`PRAGMA foreign_key_check(${table})`).get() !== undefined) {
    return "rows that belong to nothing";
  }
  const column = texts.find((name) => isUnfit(from, table, name));
  return column === undefined ? null : `something else than it should in column "${column}"`;
}

function isUnfit(from: Store, table: string, column: string): boolean {
  const form = columnForm(table, column);
  const texts = `SELECT ${REPETITIVE.includes(table) ? "DISTINCT" : ""} "${column}" AS text
    FROM ${table} WHERE "${column}" IS NOT NULL`;
  const some = (condition: string, ...params: string[]) =>
    from.statement(
      // materialized: SQLite would put the condition to every row, before it leaves any out
      `WITH texts AS MATERIALIZED (${texts}) SELECT 1 FROM texts WHERE ${condition} LIMIT 1`,
    ).get(...params) !== undefined;
  const anyUnlike = (fits: (text: string) => boolean) => {
    for (const { text } of eachRow(from, texts)) if (!fits(String(text))) return true;
    return false;
  };
  switch (form?.is) {
    case "time":
      // made again of what SQLite reads in it
      return some(`strftime('%Y-%m-%dT%H:%M:%fZ', text) IS NOT text`);
    case "day":
      return some(`date(text) IS NOT text`);
    case "hash":
      return some(`text GLOB '*[^0-9a-f]*'`);
    case "word":
      return some(`text NOT IN (SELECT value FROM json_each(?))`, JSON.stringify(form.of));
    case "json":
      return anyUnlike((text) => isStoredJson(`${table}.${column}` as JsonColumn, text));
    case "label-key":
      return anyUnlike(isLabelKey);
    case "label-value":
      return anyUnlike(isLabelValue);
    default:
      return false;
  }
}
