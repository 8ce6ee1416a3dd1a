import type { QueryRow } from "./query_engine.ts";
import type { QueryFile } from "./query_file.ts";

/**
 * A query of DuckDB with each row as one JSON text, which {@link rowOfText} reads. Each text that
 * DuckDB hands over is a buffer of its own to JavaScript, and a dozen a row cost more than one that
 * is parsed. Integers beyond 2^53 are not told apart: for rows whose numbers a schema judges.
 */
export function rowTexts(query: QueryFile): QueryFile {
  const sql = `SELECT CAST(to_json(found) AS VARCHAR) AS found FROM (\n${query.sql}\n) AS found`;
  return { ...query, sql };
}

/** The row in a row of {@link rowTexts}. */
export function rowOfText({ found }: QueryRow): QueryRow {
  return JSON.parse(String(found));
}
