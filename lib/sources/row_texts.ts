import type { QueryRow } from "./query_engine.ts";
import type { QueryFile } from "./query_file.ts";

/**
 * A query of DuckDB that gives each row as one JSON array of these columns, which
 * {@link rowReader} reads. Each text that DuckDB hands over is a buffer of its own to JavaScript,
 * and a dozen a row cost more than one that is parsed. Integers beyond 2^53 are not told apart:
 * for rows whose numbers a schema judges.
 */
export function rowTexts(query: QueryFile, columns: readonly string[]): QueryFile {
  const row = `CAST(json_array(${columns.join(", ")}) AS VARCHAR)`;
  return { ...query, sql: `SELECT ${row} AS found FROM (\n${query.sql}\n)` };
}

/** Reads the row in such a text. */
export function rowReader(columns: readonly string[]): (text: string) => QueryRow {
  // Parsed, so that its shape is known to the engine: objects that get a dozen keys and more one
  // after the other are made, and read, several times slower.
  const empty: QueryRow = JSON.parse(
    JSON.stringify(Object.fromEntries(columns.map((column) => [column, null]))),
  );
  return (text) => {
    const values: QueryRow[string][] = JSON.parse(text);
    const row = { ...empty };
    for (let at = 0; at < columns.length; at++) row[columns[at]!] = values[at] ?? null;
    return row;
  };
}
