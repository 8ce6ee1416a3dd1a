import type { SchemaField } from "../../../lib/sources/bigquery.ts";
import { type ArchiveEngine, openArchiveEngine } from "../../../lib/sources/duckdb.ts";
import { positional } from "../../../lib/sources/named_query.ts";
import type { QueryRow } from "../../../lib/sources/query_engine.ts";
import { parseQueryFile } from "../../../lib/sources/query_file.ts";
import schemaFile from "./export_schema.json" with { type: "json" };

/** The columns of a sink's table as they are written down. */
export const EXPORT_SCHEMA: SchemaField[] = schemaFile.fields;

/** A table that a sink might have written. */
export interface ExportTable {
  id: string;
  /** Files of log entries, a JSON object a line. */
  files: string[];
  /** {@link EXPORT_SCHEMA}. */
  schema?: SchemaField[];
  /** Column of its partitions, `timestamp`; null: time of arrival; "none": it has none. */
  partitionedBy?: string | null | "none";
}

/** Tables of one dataset in DuckDB, and BigQuery's text executed on them. */
export class ExportTables implements AsyncDisposable {
  #made = new Set<string>();
  private constructor(
    private readonly engine: ArchiveEngine,
    readonly tables: readonly ExportTable[],
  ) {}

  static async open(tables: readonly ExportTable[]): Promise<ExportTables> {
    return new ExportTables(await openArchiveEngine({ dialect: "bigquery" }), tables);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine[Symbol.asyncDispose]();
  }

  /** Rows of a query in BigQuery's dialect, with its named values. */
  async rows(sql: string, values: Readonly<Record<string, string>>): Promise<QueryRow[]> {
    const text = this.#translated(sql);
    for (const { id } of this.tables) if (text.includes(`"${id}"`)) await this.#make(id);
    const rows: QueryRow[] = [];
    const query = positional({ name: "query", sql: text, parameters: [] });
    for await (const batch of this.engine.query(query, values)) rows.push(...batch);
    return rows;
  }

  // What DuckDB spells otherwise. The functions are macros of lib/sources/bigquery_macros.sql.
  #translated(sql: string): string {
    return sql
      .replace(/`[^`]*\.([^`.]+)_\*`/g, (_, prefix: string) => this.#together(prefix))
      .replace(/`(?:[^`]*\.)?([^`.]+)`/g, '"$1"')
      .replace(/FROM UNNEST\(([\w.]+)\) AS (\w+)/g, "FROM (SELECT UNNEST($1) AS $2)")
      .replace(/FROM UNNEST\(([\w.]+)\)/g, "FROM (SELECT UNNEST($1, recursive := true))");
  }

  #together(prefix: string): string {
    const parts = this.tables.filter(({ id }) => id.startsWith(`${prefix}_`)).map(({ id }) =>
      `SELECT *, '${id.slice(prefix.length + 1)}' AS _TABLE_SUFFIX FROM "${id}"`
    );
    return `(${parts.join(" UNION ALL ")})`;
  }

  async #make(id: string): Promise<void> {
    if (this.#made.has(id)) return;
    this.#made.add(id);
    const { files, schema = EXPORT_SCHEMA } = this.tables.find((table) => table.id === id)!;
    const named = schema.map((field) =>
      field.name === "protopayload_auditlog" ? { ...field, name: "protoPayload" } : field
    );
    const columns = named.map((field) => `"${field.name}": '${duckType(field)}'`).join(", ");
    const selected = named.map(({ name }) =>
      name === "protoPayload" ? `"protoPayload" AS protopayload_auditlog` : `"${name}"`
    );
    this.engine.setList("export_files", files);
    await this.engine.run(parseQueryFile(
      "export table",
      `CREATE TABLE "${id}" AS SELECT ${selected.join(", ")}
       FROM read_json(getvariable('export_files'), format = 'newline_delimited', records = true,
         ignore_errors = true, columns = {${columns}})
       WHERE "timestamp" IS NOT NULL`,
    ));
  }
}

function duckType({ type, mode, fields }: SchemaField): string {
  const one = type === "RECORD"
    ? `STRUCT(${fields!.map((field) => `"${field.name}" ${duckType(field)}`).join(", ")})`
    : {
      STRING: "VARCHAR",
      INTEGER: "BIGINT",
      BOOLEAN: "BOOLEAN",
      TIMESTAMP: "TIMESTAMPTZ",
    }[type!]!;
  return mode === "REPEATED" ? `${one}[]` : one;
}
