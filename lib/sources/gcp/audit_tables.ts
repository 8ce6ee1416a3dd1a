import { QueryError } from "../../model/errors.ts";
import type { BigQueryEngine, SchemaField, TableFacts } from "../bigquery.ts";
import { type NamedQueryFile, readNamedQueryFile } from "../named_query.ts";
import { flattenText, missingColumns } from "./export_columns.ts";

/** What an organisation's sink writes; each has a table, or a table a day. */
export type AuditStream = "activity" | "data_access" | "system_event" | "policy";

/** One table a stream, partitioned by time; or one a stream and day. */
export type TableLayout = "partitioned" | "daily";

const PREFIX = "cloudaudit_googleapis_com_";
const MINUTES = readNamedQueryFile(new URL("./minutes.sql", import.meta.url));
const FLATTEN = Deno.readTextFileSync(new URL("./flatten_bigquery.sql", import.meta.url));

/** The tables of one stream, found. */
export interface StreamTables {
  stream: AuditStream;
  /** What stands behind FROM: a table, or all that begin so. */
  from: string;
  schema: readonly SchemaField[];
  /** Days that have a table of their own, `20260310`; null: one table has all. */
  days: readonly string[] | null;
}

/** The name of a stream's table; in the daily layout that of one day, `20260310`. */
export function auditTable(stream: AuditStream, day?: string): string {
  return `${PREFIX}${stream}${day === undefined ? "" : `_${day}`}`;
}

/**
 * Finds the tables of a stream. Throws a `QueryError` where there are none, where they lack columns
 * of an audit log, or where a table has no partitions: every query would read all of it.
 */
export async function streamTables(
  engine: BigQueryEngine,
  stream: AuditStream,
  layout: TableLayout,
): Promise<StreamTables> {
  const { project, dataset } = engine.options;
  const name = `${dataset}.${auditTable(stream)}`;
  if (layout === "partitioned") {
    const table = await engine.table(auditTable(stream));
    if (table === null) throw await missing(engine, stream, layout);
    checkColumns(name, table.schema);
    if (table.partitionedBy !== "timestamp") throw unpartitioned(name, table);
    const from = `\`${project}.${dataset}.${auditTable(stream)}\``;
    return { stream, from, schema: table.schema, days: null };
  }
  const days = await dailyTables(engine, stream);
  const newest = days.at(-1);
  if (newest === undefined) throw await missing(engine, stream, layout);
  // of tables that are read together, BigQuery takes the newest one's schema
  const table = await engine.table(auditTable(stream, newest));
  checkColumns(`${name}_${newest}`, table?.schema ?? []);
  const from = `\`${project}.${dataset}.${auditTable(stream)}_*\``;
  return { stream, from, schema: table?.schema ?? [], days };
}

/** The days that have a table of this stream, in order: `20260310`. */
export async function dailyTables(engine: BigQueryEngine, stream: AuditStream): Promise<string[]> {
  const prefix = `${auditTable(stream)}_`;
  const ids = await engine.tableIds(prefix);
  return ids.map((id) => id.slice(prefix.length)).filter((day) => /^\d{8}$/.test(day));
}

/** `minutes.sql` over the tables of some streams. */
export function minutesQuery(tables: readonly StreamTables[]): NamedQueryFile {
  const entries = tables.map(({ from, schema, days }) => {
    const flat = flattenText(FLATTEN, schema).replace("FROM `audit_table`", () => `FROM ${from}`);
    return days === null ? flat : `${flat}${OF_DAYS}`;
  });
  const sql = MINUTES.sql.replace(
    "FROM cloudaudit_entries",
    () => `FROM (\n${entries.join("\nUNION ALL\n")}\n)`,
  ).replace(/ARRAY_IN_ORDER\((\w+)\) AS/, IN_ORDER);
  const days = tables.some(({ days }) => days !== null) ? ["first_day", "last_day"] : [];
  return {
    name: MINUTES.name,
    sql,
    parameters: [...MINUTES.parameters, "since", "until", ...days],
  };
}

// Of an array what the macro of the same name makes of a list on DuckDB.
const IN_ORDER = "ARRAY(SELECT DISTINCT text FROM UNNEST($1) AS text ORDER BY text) AS";
const OF_DAYS = "  AND _TABLE_SUFFIX BETWEEN @first_day AND @last_day\n";

function checkColumns(name: string, schema: readonly SchemaField[]): void {
  const missing = missingColumns(schema);
  if (missing.length === 0) return;
  throw new QueryError(
    `Cannot read the table "${name}": it has no ${missing.join(", ")}, so it is no audit log; ` +
      "check `dataset` and `tables` in the configuration",
  );
}

function unpartitioned(name: string, { partitionedBy }: TableFacts): QueryError {
  const how = partitionedBy === undefined
    ? "it has no partitions"
    : `it is partitioned by ${partitionedBy ?? "the time of arrival"}, not by timestamp`;
  return new QueryError(
    `Cannot read the table "${name}": ${how}, so that each query would read and bill all of it; ` +
      "make the sink anew with partitioned tables, or set `tables: daily` where there is one a day",
  );
}

async function missing(
  engine: BigQueryEngine,
  stream: AuditStream,
  layout: TableLayout,
): Promise<QueryError> {
  const { dataset } = engine.options;
  const name = `${dataset}.${auditTable(stream)}${layout === "daily" ? "_YYYYMMDD" : ""}`;
  const other: TableLayout = layout === "daily" ? "partitioned" : "daily";
  const hasOther = other === "daily"
    ? (await dailyTables(engine, stream)).length > 0
    : await engine.table(auditTable(stream)) !== null;
  const advice = hasOther
    ? `set \`tables: ${other}\`: the dataset has that layout`
    : `take "${stream}" out of \`streams\`, or have the sink write it`;
  return new QueryError(`Cannot read "${name}": there is no such table; ${advice}`);
}
