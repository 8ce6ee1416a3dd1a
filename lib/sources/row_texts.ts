import type { QueryRow } from "./query_engine.ts";
import type { QueryFile } from "./query_file.ts";

/**
 * A query of DuckDB that gives each row as one JSON array of these columns, which
 * {@link rowOfText} reads. Each text that DuckDB hands over is a buffer of its own to JavaScript,
 * and a dozen a row cost more than one that is parsed. Integers beyond 2^53 are not told apart:
 * for rows whose numbers a schema judges.
 */
export function rowTexts(query: QueryFile, columns: readonly string[]): QueryFile {
  const row = `CAST(json_array(${columns.join(", ")}) AS VARCHAR)`;
  return { ...query, sql: `SELECT ${row} AS found FROM (\n${query.sql}\n)` };
}

/** The row in such a text. */
export function rowOfText(text: string, columns: readonly string[]): QueryRow {
  const values: QueryRow[string][] = JSON.parse(text);
  const row: QueryRow = {};
  for (let at = 0; at < columns.length; at++) row[columns[at]!] = values[at] ?? null;
  return row;
}
