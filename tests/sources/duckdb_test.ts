import assert from "node:assert/strict";
import { join } from "node:path";
import { QueryError } from "../../lib/model/errors.ts";
import { type ArchiveEngine, openArchiveEngine } from "../../lib/sources/duckdb.ts";
import type { QueryRow } from "../../lib/sources/query_engine.ts";
import { parseQueryFile } from "../../lib/sources/query_file.ts";
import { inFolder } from "./archive_folder.ts";

async function rows(engine: ArchiveEngine, sql: string, ...values: string[]) {
  const names = values.map((_, i) => `v${i}`);
  const query = parseQueryFile("test.sql", `-- parameters: ${names.join(", ")}\n${sql}`);
  const all: QueryRow[] = [];
  const bound = Object.fromEntries(values.map((value, i) => [`v${i}`, value]));
  for await (const batch of engine.query(query, bound)) all.push(...batch);
  return all;
}

/** Expressions, and what Trino's documentation says they give. */
const AS_TRINO: [expression: string, value: string | number | boolean | null][] = [
  [`json_extract_scalar('{"a":"x"}', '$.a')`, "x"],
  [`json_extract_scalar('{"a":"1e3"}', '$.a')`, "1e3"],
  [`json_extract_scalar('{"a":12}', '$.a')`, "12"],
  [`json_extract_scalar('{"a":12345678901234567890123}', '$.a')`, "12345678901234567890123"],
  [`json_extract_scalar('{"a":true}', '$.a')`, "true"],
  [`json_extract_scalar('{"a":null}', '$.a')`, null],
  [`json_extract_scalar('{"a":{"b":1}}', '$.a')`, null],
  [`json_extract_scalar('{"a":[1,2]}', '$.a')`, null],
  [`json_extract_scalar('{"a":["x","y"]}', '$.a[1]')`, "y"],
  [`json_extract_scalar('{"a":{"b":1}}', '$.a.b')`, "1"],
  [`json_extract_scalar('{"a":1}', '$.b')`, null],
  [`json_extract_scalar('{"addr.local":"10.0.0.5:22"}', '$["addr.local"]')`, "10.0.0.5:22"],
  [`json_extract_scalar('{"a":{"b.c":1}}', '$.a["b.c"]')`, "1"],
  [`json_extract_scalar('{"a":"{not json}"}', '$.a')`, "{not json}"],
  [`json_extract_scalar('{"a":"[1"}', '$.a')`, "[1"],
  [`json_extract_scalar('{"a":""}', '$.a')`, ""],
  [`json_extract_scalar('{"a":', '$.a')`, null],
  [`json_extract_scalar('', '$.a')`, null],
  [`json_extract_scalar('[1]', '$.a')`, null],
  [`json_extract_scalar(NULL, '$.a')`, null],
  [`date_diff('hour', timestamp '2026-03-01 00:59:00', timestamp '2026-03-01 01:01:00')`, 0],
  [`date_diff('day', timestamp '2026-03-01 12:00:00', timestamp '2026-03-03 11:00:00')`, 1],
  [`date_diff('second', timestamp '2026-03-01 00:00:00', timestamp '2026-03-01 00:01:00')`, 60],
  [`to_unixtime(timestamp '2026-03-01 00:00:00.250')`, 1772323200.25],
  [`to_unixtime(from_iso8601_timestamp('2026-03-01T01:00:00+01:00'))`, 1772323200],
  [`7 / 2`, 3],
  [`-7 / 2`, -3],
  [`7.0 / 2`, 3.5],
  [`cardinality(split('a,b,c', ','))`, 3],
  [`element_at(split('a,b,c', ','), 2)`, "b"],
  [`element_at(split('a,b,c', ','), 9)`, null],
  [`array_join(split('a,b,c', ','), '+')`, "a+b+c"],
  [`regexp_like('anna@example.com', '^[a-z]+@')`, true],
  [`regexp_like('anna', 'nn')`, true],
  [`CAST(hour(timestamp '2026-03-01 09:00:00') AS bigint)`, 9],
];

/** The same over a map of the JSON's first level, as a view of the archive gives it. */
const FROM_A_MAP: [json: string, path: string, value: string | null][] = [
  ['{"a":"x"}', "$.a", "x"],
  ['{"a":"\\u00e9\\n\\"\\u0000"}', "$.a", 'é\n"\0'],
  ['{"a":12345678901234567890123}', "$.a", "12345678901234567890123"],
  ['{"a":true}', "$.a", "true"],
  ['{"a":null}', "$.a", null],
  ['{"a":{"b":"c"}}', "$.a", null],
  ['{"a":{"b":"c"}}', "$.a.b", "c"],
  ['{"a":{"b.c":"d"}}', '$.a["b.c"]', "d"],
  ['{"a":["x","y"]}', "$.a", null],
  ['{"a":["x","y"]}', "$.a[1]", "y"],
  ['{"a":"x"}', "$.a.b", null],
  ['{"a":1}', "$.b", null],
  ['{"addr.local":"x"}', '$["addr.local"]', "x"],
  ['{"a":"{x"}', "$.a", "{x"],
  ['{"a":"1","a":"2"}', "$.a", "1"],
];

Deno.test("json_extract_scalar() reads a map of the first level as it reads text", async () => {
  await using engine = await openArchiveEngine();
  for (const [json, path, value] of FROM_A_MAP) {
    const map = `from_json(?, '"MAP(VARCHAR, JSON)"')`;
    const sql = `SELECT json_extract_scalar(${map}, '${path}') AS of_map,
      json_extract_scalar(CAST(? AS varchar), '${path}') AS of_text`;
    assert.deepEqual(
      await rows(engine, sql, json, json),
      [{ of_map: value, of_text: value }],
      json,
    );
  }
});

Deno.test("openArchiveEngine() computes as Trino does", async () => {
  await using engine = await openArchiveEngine();
  for (const [expression, value] of AS_TRINO) {
    const [row] = await rows(engine, `SELECT ${expression} AS value`);
    assert.deepEqual(row, { value }, expression);
  }
});

Deno.test("ArchiveEngine.query() binds values and never reads them as SQL", async () => {
  await using engine = await openArchiveEngine();
  const hostile = `'; DROP TABLE x; -- \u202E\u0000 "`;
  const sql =
    `SELECT ? AS a, CAST(? AS timestamp) = timestamp '2026-03-01 10:00:00.5' AS b, ? AS c`;
  assert.deepEqual(await rows(engine, sql, hostile, "2026-03-01 10:00:00.500", "?"), [
    { a: hostile, b: true, c: "?" },
  ]);
});

Deno.test("ArchiveEngine.query() streams batches, and queries run beside each other", async () => {
  await using engine = await openArchiveEngine();
  const query = parseQueryFile("range.sql", "SELECT range AS n FROM range(50000)");
  const batches = engine.query(query);
  const first = await batches.next();
  assert.ok(!first.done && first.value.length < 50000);
  assert.deepEqual(await rows(engine, "SELECT 1 AS n"), [{ n: 1 }]);
  let count = first.value.length;
  for await (const batch of batches) count += batch.length;
  assert.equal(count, 50000);
});

Deno.test("ArchiveEngine.query() refuses integers beyond 2^53 and types without a plain form", async () => {
  await using engine = await openArchiveEngine();
  assert.deepEqual(await rows(engine, "SELECT 9007199254740991 AS n"), [{ n: 9007199254740991 }]);
  for (const value of ["9007199254740993", "date '2026-03-01'", "[1, 2]"]) {
    await assert.rejects(rows(engine, `SELECT ${value} AS n`), QueryError);
  }
});

Deno.test("ArchiveEngine.query() reports faults without the content they are about", async () => {
  await using engine = await openArchiveEngine();
  const faults = [
    `SELECT CAST('zq7secret' AS integer) AS n`,
    `SELECT CAST('{zq7secret' AS json) AS n`,
    `SELECT count(*) AS n FROM read_parquet('/nowhere/zq7secret.parquet')`,
    `SELECT zq7secret`,
  ];
  for (const sql of faults) {
    await assert.rejects(rows(engine, sql), (error) => {
      assert.ok(error instanceof QueryError);
      assert.match(error.message, /Cannot run the query "test.sql".*"[A-Z].* Error"/);
      assert.ok(!String(Deno.inspect(error, { depth: 9 })).includes("zq7secret"), sql);
      return true;
    });
  }
});

Deno.test("openArchiveEngine() neither fetches nor loads extensions", async () => {
  await using engine = await openArchiveEngine();
  const [row] = await rows(
    engine,
    `SELECT string_agg(name || '=' || value, ' ' ORDER BY name) AS settings FROM duckdb_settings()
     WHERE name IN ('autoinstall_known_extensions', 'autoload_known_extensions', 'TimeZone')`,
  );
  assert.deepEqual(row, {
    settings: "TimeZone=UTC autoinstall_known_extensions=false autoload_known_extensions=false",
  });
});

Deno.test("openArchiveEngine() spills into a private folder and removes it at closing", async () => {
  let spill: string;
  {
    await using engine = await openArchiveEngine({ memoryBytes: 40 * 1024 * 1024, threads: 1 });
    spill = engine.spillFolder;
    assert.equal((await Deno.stat(spill)).mode! & 0o777, 0o700);
    const query = parseQueryFile(
      "spill.sql",
      "SELECT md5(CAST(range AS varchar)) AS hash FROM range(1500000) ORDER BY hash",
    );
    const batches = engine.query(query);
    await batches.next();
    assert.ok([...Deno.readDirSync(spill)].length > 0, "nothing was spilled");
    await batches.return(undefined);
  }
  await assert.rejects(Deno.stat(spill), Deno.errors.NotFound);
});

Deno.test("openArchiveEngine() empties a spill folder that a killed run left, and no other", async () => {
  await inFolder(async (folder) => {
    const spillFolder = join(folder, "sessions.sqlite.spill");
    await Deno.mkdir(spillFolder);
    await Deno.writeTextFile(join(spillFolder, "left.tmp"), "x");
    {
      await using engine = await openArchiveEngine({ spillFolder });
      assert.deepEqual([...Deno.readDirSync(engine.spillFolder)], []);
    }
    await assert.rejects(Deno.stat(spillFolder), Deno.errors.NotFound);
    await assert.rejects(openArchiveEngine({ spillFolder: folder }), TypeError);
  });
});

Deno.test("openArchiveEngine() goes on behind a file that breaks DuckDB", async () => {
  await inFolder(async (folder) => {
    await using engine = await openArchiveEngine();
    const path = join(folder, "deep.parquet");
    // more levels than it can count
    const deep = "[".repeat(128) + "1" + "]".repeat(128);
    await rows(engine, `COPY (SELECT ${deep} AS a) TO '${path}' (FORMAT parquet)`);
    engine.setList("files", [path]);
    const all = rows(
      engine,
      "SELECT CAST(a AS varchar) AS a FROM read_parquet(getvariable('files'))",
    );
    await assert.rejects(all, QueryError);
    assert.deepEqual(await rows(engine, "SELECT 7 / 2 AS whole"), [{ whole: 3 }]);
    assert.deepEqual(await rows(engine, "SELECT len(getvariable('files')) AS n"), [{ n: 1 }]);
  });
});

Deno.test("a signal stops what runs, and nothing begins after it", async () => {
  const stop = new AbortController();
  await using engine = await openArchiveEngine({ signal: stop.signal });
  const endless = rows(
    engine,
    "SELECT sum(a.range * b.range) AS n FROM range(10000000) a, range(10000000) b",
  );
  setTimeout(() => stop.abort(new DOMException("enough", "AbortError")), 20);
  await assert.rejects(endless, { name: "AbortError", message: "enough" });
  await assert.rejects(rows(engine, "SELECT 1 AS n"), { name: "AbortError" });
});
