// The text that is sent to BigQuery, by a parser of its dialect and the written-down schema.
import assert from "node:assert/strict";
import { cstVisitor, parse, type ParserOptions, type Program } from "sql-parser-cst";
import type { SchemaField } from "../../../lib/sources/bigquery.ts";
import { minutesQuery } from "../../../lib/sources/gcp/audit_tables.ts";
import { NEEDED_COLUMNS, OPTIONAL_COLUMNS } from "../../../lib/sources/gcp/export_columns.ts";
import { EXPORT_SCHEMA } from "./export_tables.ts";

const BIGQUERY: ParserOptions = { dialect: "bigquery", paramTypes: ["@name"] };

/** Functions of GoogleSQL that the text may call; DuckDB knows others. */
const FUNCTIONS =
  ("array array_agg array_length array_to_string byte_length coalesce concat count div farm_fingerprint " +
    "generate_uuid logical_and min nullif regexp_contains regexp_replace safe_offset sha256 split " +
    "strpos substr to_hex unix_micros unnest").split(" ");

const stream = (days: string[] | null, schema: readonly SchemaField[] = EXPORT_SCHEMA) => ({
  stream: "activity" as const,
  from: "`p.d.cloudaudit_googleapis_com_activity`",
  ...{ schema, days },
});

function parsed(sql: string): Program {
  return parse(sql, BIGQUERY);
}

Deno.test("the parser knows BigQuery's dialect from DuckDB's and Trino's", () => {
  assert.ok(parsed("SELECT STRING_AGG(DISTINCT a, ',' ORDER BY a), b[SAFE_OFFSET(0)].c FROM `t`"));
  for (const other of ["a::INT64", "7 // 2", "try_cast(a AS INT64)", "list_transform(a, x -> x)"]) {
    assert.throws(() => parsed(`SELECT ${other} FROM t`), other);
  }
});

Deno.test("minutesQuery() is BigQuery's text, whichever columns the tables have", () => {
  const bare = EXPORT_SCHEMA.filter(({ name }) =>
    ["timestamp", "logName", "protopayload_auditlog"].includes(name!)
  ).map((field) =>
    field.fields === undefined ? field : { ...field, fields: field.fields.slice(0, 2) }
  );
  const texts = [
    [stream(null)],
    [stream(["20260310"])],
    [stream(null), stream(null, bare)],
    [stream(["20260310"], bare)],
  ];
  for (const tables of texts) {
    const called = new Set<string>();
    cstVisitor({
      func_call: ({ name }) => {
        if (name.type === "identifier") called.add(name.name.toLowerCase());
      },
    })(parsed(minutesQuery(tables).sql));
    assert.ok(called.has("array_agg"));
    assert.deepEqual([...called].filter((name) => !FUNCTIONS.includes(name)), []);
  }
});

/** All paths of a schema: `protopayload_auditlog.status.code`. */
function pathsOf(fields: readonly SchemaField[], before = ""): string[] {
  return fields.flatMap(({ name, fields }) => [
    `${before}${name}`,
    ...pathsOf(fields ?? [], `${before}${name}.`),
  ]);
}

Deno.test("minutesQuery() reads columns of the written-down schema, and export_columns.ts names all", () => {
  const flatten = Deno.readTextFileSync(
    new URL("../../../lib/sources/gcp/flatten_bigquery.sql", import.meta.url),
  ).replace(/--.*$/gm, "").replace(/\[SAFE_OFFSET\(0\)\]\s*/g, "").replace(/'[^']*'/g, "");
  const paths = pathsOf(EXPORT_SCHEMA);
  const read = new Set(
    [...flatten.matchAll(/\b(?:protopayload_auditlog|resource)(?:\.\w+)+/g)].map(([path]) => path),
  );
  for (const column of ["insertId", "logName", "timestamp"]) {
    if (flatten.includes(column)) read.add(column);
  }
  // what is read of the elements of a list stands in a query of its own
  read.delete("protopayload_auditlog.authorizationInfo");
  read.add("protopayload_auditlog.authorizationInfo.granted");
  const named = [...NEEDED_COLUMNS, ...OPTIONAL_COLUMNS.map(({ path }) => path)];
  assert.deepEqual([...read].sort(), [...named].sort());
  assert.deepEqual(named.filter((path) => !paths.includes(path)), []);
});

Deno.test("minutesQuery() reads no request, no response and no error text", () => {
  const { sql } = minutesQuery([stream(null)]);
  assert.doesNotMatch(sql, /requestJson|responseJson|metadataJson|servicedata|status\.message/i);
});
