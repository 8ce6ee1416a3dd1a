import type { ColumnInfo, Datum } from "@aws-sdk/client-athena";
import { QueryError } from "../model/errors.ts";
import type { QueryRow, QueryValue } from "./query_engine.ts";

const NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,127}$/;

/**
 * The name of a database or table, in Trino's quotes. Names can't be parameters of a query, so
 * anything but letters, digits, `_` and `-` is refused with a `QueryError`.
 */
export function quotedName(name: string): string {
  if (!NAME.test(name)) {
    throw new QueryError(
      `Cannot use the name ${JSON.stringify(name.slice(0, 80))} in a query: letters, digits, "_" ` +
        `and "-" only`,
    );
  }
  return `"${name}"`;
}

/** A value as Athena's execution parameters take it: a literal of SQL, which it parses itself. */
export function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** One row of a result; Athena sends every value as text, and NULL as nothing. */
export function athenaRow(
  data: readonly Datum[],
  columns: readonly ColumnInfo[],
  query: { name: string; id: string },
): QueryRow {
  const row: QueryRow = {};
  columns.forEach((column, i) => {
    row[column.Name ?? ""] = athenaValue(data[i]?.VarCharValue, column, query);
  });
  return row;
}

/** Whether a row repeats the columns' names, as the first row of a result does. */
export function isHeader(data: readonly Datum[], columns: readonly ColumnInfo[]): boolean {
  return columns.every(({ Name }, i) => data[i]?.VarCharValue === Name);
}

function athenaValue(
  text: string | undefined,
  column: ColumnInfo,
  query: { name: string; id: string },
): QueryValue {
  if (text === undefined) return null;
  switch (column.Type) {
    case "varchar":
    case "char":
    case "string":
      return text;
    case "boolean":
      return text === "true";
    case "tinyint":
    case "smallint":
    case "integer":
    case "bigint":
      if (Number.isSafeInteger(Number(text))) return Number(text);
      throw new QueryError(
        `"${query.name}" gives an integer beyond 2^53 in column "${column.Name}"`,
        query.id,
      );
    case "double":
    case "float":
    case "real":
    case "decimal":
      return Number(text);
  }
  throw new QueryError(
    `"${query.name}" gives a value without a plain form in column "${column.Name}"`,
    query.id,
  );
}
