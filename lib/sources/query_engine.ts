import type { QueryFile } from "./query_file.ts";

/** A cell as queries hand it out: no bigint, no engine's own types. */
export type QueryValue = string | number | boolean | null;
export type QueryRow = Record<string, QueryValue>;

/** What runs the query files: Athena, or DuckDB over a local archive. */
export interface QueryEngine {
  /**
   * Runs a query file; rows come in batches. Values are bound, never put into the text. Throws a
   * `QueryError` where the query can't be run, and for integers beyond 2^53 and types without a
   * plain form.
   */
  query(query: QueryFile, values?: Readonly<Record<string, string>>): AsyncGenerator<QueryRow[]>;
  /** Stops the queries that have not ended, where they would go on by themselves. */
  stopRunning?(): Promise<void>;
}
