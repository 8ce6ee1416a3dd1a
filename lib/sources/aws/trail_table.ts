import type { TableMetadata } from "@aws-sdk/client-athena";
import { QueryError } from "../../model/errors.ts";
import { type AthenaEngine, athenaTable } from "../athena.ts";
import { quotedName } from "../athena_values.ts";
import { marksIn, type QueryFile, readQueryFile } from "../query_file.ts";
import { parseS3Uri, type S3Location } from "../s3.ts";
import type { ApiWindow } from "../api_source.ts";
import { minutesValues } from "./window_values.ts";
import { trailColumns, withoutAbsent } from "./trail_columns.ts";
import { type TrailPartitions, trailPartitions } from "./trail_partitions.ts";
import type { TrailScope } from "./trail_tree.ts";

/** CloudTrail's table in Athena: `athena` of the configuration. */
export interface TrailTable {
  region: string;
  workgroup: string;
  database: string;
  table: string;
  /** `s3://…` for results. */
  output: string;
  partitions: TrailPartitions;
}

/** CloudTrail's table, as the query files name it. */
export const TRAIL_TABLE = "cloudtrail_events";

const MINUTES = readQueryFile(new URL("./minutes.sql", import.meta.url));
const FROM = `FROM ${TRAIL_TABLE}\n`;

/** How a table of a customer is asked for its minutes. */
export interface TrailQuery {
  query: QueryFile;
  /** Values that are of the configuration, beside those of a window. */
  values: Record<string, string>;
  /** Fields that are NULL for want of a column. */
  absent: string[];
  /** What the partitions are. */
  told: string;
  /** Asks for the days, as `2026/03/10`, that are registered; null: days are projected. */
  days: QueryFile | null;
}

/** What the catalogue says of the table. Throws a `QueryError`. */
export async function trailMetadata(
  engine: AthenaEngine,
  { database, table, workgroup }: TrailTable,
): Promise<TableMetadata> {
  const found = await athenaTable(engine, { database, table, workgroup });
  if (found !== undefined) return found;
  throw new QueryError(
    `Athena knows nothing of the table ${database}.${table}; check \`database\` and \`table\``,
  );
}

/**
 * `minutes.sql` over a customer's table, with its names and partitions. Throws a `QueryError` that
 * says which columns are missing, or what is the matter with the partitions.
 */
export function trailQuery(
  metadata: TableMetadata,
  { database, table, partitions, scope }:
    & Pick<TrailTable, "database" | "table" | "partitions">
    & { scope: TrailScope },
): TrailQuery {
  const name = `${database}.${table}`;
  const { selected, missing, absent } = trailColumns(metadata);
  if (missing.length > 0) {
    throw new QueryError(
      `Cannot read the table ${name}: it has no ${missing.join(", ")} as text, so it is no table ` +
        "of CloudTrail's logs; check `database` and `table`, or make it anew with the columns that " +
        "CloudTrail's console gives it",
    );
  }
  const asked = trailPartitions(metadata, { partitions, scope });
  if ("problem" in asked) {
    const message = `Cannot read the table ${name}: ${asked.problem}; ${asked.advice}`;
    throw new QueryError(message, null, { cause: "partitions" });
  }
  const sql = withoutAbsent(MINUTES.sql, absent);
  const at = sql.indexOf(FROM);
  const from = `FROM (
  SELECT ${selected.join(", ")}, ${asked.day} AS "day"
  FROM ${TRAIL_TABLE}
  WHERE ${asked.where}
)\n`;
  const before = marksIn(sql.slice(0, at));
  return {
    query: {
      name: MINUTES.name,
      sql: sql.slice(0, at) + from + sql.slice(at + FROM.length),
      parameters: MINUTES.parameters.toSpliced(before, 0, ...asked.parameters),
    },
    values: asked.values,
    absent,
    told: asked.told,
    days: asked.isRegistered
      ? {
        name: "registered partitions",
        sql: `SELECT DISTINCT ${asked.day} AS "day" FROM "${unquoted(table)}$partitions"
WHERE ${asked.where}`,
        parameters: asked.parameters,
      }
      : null,
  };
}

/** The days of a window that are registered, the one behind it too; null: days are projected. */
export async function registeredDays(
  engine: AthenaEngine,
  { days, values }: TrailQuery,
  window: ApiWindow,
): Promise<Set<string> | null> {
  if (days === null) return null;
  const found = new Set<string>();
  const asked = { ...values, ...minutesValues(window, { salt: "00" }) };
  for await (const rows of engine.query(days, asked)) {
    for (const { day } of rows) found.add(String(day));
  }
  return found;
}

function unquoted(table: string): string {
  return quotedName(table).slice(1, -1);
}

/** Where the table's files lie: what stands before the first variable of its template, or all of it. */
export function trailLocation({ Parameters = {} }: TableMetadata): S3Location | null {
  const template = Parameters["storage.location.template"] ?? Parameters["location"] ?? "";
  return parseS3Uri(template.split("${", 1)[0]!);
}
