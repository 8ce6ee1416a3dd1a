/** A column of the Parquet files: its name, and its type as Polars names it. */
export interface TableColumn {
  name: string;
  type: string;
}

/** Types of columns by the name that Polars gives them. */
const TYPES: readonly [RegExp, { athena: string; bigQuery: string }][] = [
  [/Datetime/, { athena: "timestamp", bigQuery: "TIMESTAMP" }],
  [/Int64/, { athena: "bigint", bigQuery: "INT64" }],
  [/Float64/, { athena: "double", bigQuery: "FLOAT64" }],
  [/Bool/, { athena: "boolean", bigQuery: "BOOL" }],
  [/String|Utf8/, { athena: "string", bigQuery: "STRING" }],
];

function typeOf({ name, type }: TableColumn, engine: "athena" | "bigQuery"): string {
  const found = TYPES.find(([pattern]) => pattern.test(type));
  if (found === undefined) throw new TypeError(`Column ${name} has the type ${type}`);
  return found[1][engine];
}

/** Statements for Athena that make a table of partitioned files; the bucket is to be filled in. */
export function athenaTable(columns: readonly TableColumn[]): string {
  const lines = columns.map((column) => `  \`${column.name}\` ${typeOf(column, "athena")}`);
  return `-- Copy the folders date=… to the bucket, put its name below, and run both; the second again
-- after each copy.
CREATE EXTERNAL TABLE IF NOT EXISTS sessions (
${lines.join(",\n")}
)
PARTITIONED BY (\`date\` date, \`substrate\` string)
STORED AS PARQUET
LOCATION 's3://BUCKET/PREFIX/';

MSCK REPAIR TABLE sessions;
`;
}

/** A statement for BigQuery that makes a table of partitioned files; names are to be filled in. */
export function bigQueryTable(columns: readonly TableColumn[]): string {
  const lines = columns.map((column) => `  \`${column.name}\` ${typeOf(column, "bigQuery")}`);
  return `-- Copy the folders date=… to the bucket, put its name and the dataset's below, and run this once.
CREATE OR REPLACE EXTERNAL TABLE \`DATASET.sessions\` (
${lines.join(",\n")}
)
WITH PARTITION COLUMNS (\`date\` DATE, \`substrate\` STRING)
OPTIONS (
  format = 'PARQUET',
  uris = ['gs://BUCKET/PREFIX/date=*'],
  hive_partition_uri_prefix = 'gs://BUCKET/PREFIX'
);
`;
}
