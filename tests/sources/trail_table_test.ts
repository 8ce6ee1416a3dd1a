// The customer's own table: its names, columns and partitions, by what its queries give.
import assert from "node:assert/strict";
import type { TableMetadata } from "@aws-sdk/client-athena";
import { QueryError } from "../../lib/model/errors.ts";
import { awsArchive } from "../../lib/sources/aws/archive.ts";
import { type AthenaTrailOptions, awsAthena } from "../../lib/sources/aws/athena_source.ts";
import { type HiveType, parseHiveType } from "../../lib/sources/aws/hive_type.ts";
import { trailQuery } from "../../lib/sources/aws/trail_table.ts";
import type { TrailPartitions } from "../../lib/sources/aws/trail_partitions.ts";
import { clientsOf, copyWhole } from "../pipeline/api/cloudtrail_places.ts";
import { inOrder, readMinutes } from "./api_minutes.ts";
import { inFolder } from "./archive_folder.ts";
import { type AthenaServer, openAthenaServer } from "./loopback/athena_server.ts";
import { startS3Server } from "./loopback/s3_server.ts";
import { type TrailMetadata, trailTable, type TrailTableOptions } from "./loopback/trail_table.ts";

const FIXTURES = new URL("../../fixtures/aws", import.meta.url).pathname;
const NOW = new Date("2026-04-01T00:00:00Z");
const WINDOW = { since: new Date("2026-03-10T00:00:00Z"), until: new Date("2026-03-12T00:00:00Z") };
const NAME = "ct-logs";

function sourceOf(
  server: AthenaServer,
  partitions: TrailPartitions,
  options: Partial<AthenaTrailOptions> = {},
) {
  const { athena } = clientsOf({ athena: server });
  return awsAthena({
    ...{ region: "eu-west-1", workgroup: "research", database: "logs", table: NAME },
    ...{ output: "s3://results-x/", partitions },
  }, { ...options, athena: athena!, now: NOW });
}

const iso = (day: string) => day.replaceAll("/", "-");
const TABLES: readonly [what: string, Omit<TrailTableOptions, "name">, TrailPartitions][] = [
  ["projected", {
    day: { name: "timestamp", type: "string", of: (day) => day, format: "yyyy/MM/dd" },
  }, { account: "account", region: "region", day: "timestamp" }],
  ["projected in ISO's form", {
    day: { name: "dt", type: "string", of: iso, format: "yyyy-MM-dd" },
  }, { day: "dt" }],
  ["registered", { day: { name: "day", type: "string", of: (day) => day } }, {
    ...{ region: "region", day: "day" },
  }],
  ["registered in ISO's form", { day: { name: "day", type: "string", of: iso } }, { day: "day" }],
  ["registered as dates", { day: { name: "day", type: "date", of: iso } }, { day: "day" }],
  ["registered in three parts", {
    day: { name: "day", type: "string", of: (day) => day.slice(8) },
    parts: true,
  }, { year: "year", month: "month", day: "day" }],
];

Deno.test("awsAthena() gives the minutes of the archive, however the days of a table are spelled", async () => {
  await inFolder(async (folder) => {
    await copyWhole(FIXTURES, folder);
    await using archive = awsArchive(folder, { now: NOW });
    const expected = await readMinutes(archive, { window: WINDOW });
    for (const [what, options, partitions] of TABLES) {
      const table = trailTable(folder, { name: NAME, ...options });
      await using server = await openAthenaServer({ events: table, pageRows: 40 });
      await using source = sourceOf(server, partitions);
      const read = await readMinutes(source, { window: WINDOW });
      assert.deepEqual(inOrder(read.minutes), inOrder(expected.minutes), what);
      assert.deepEqual(read.skips, expected.skips, what);
      // what is asked for is a value, and no value is in the text
      const [run] = server.executions;
      assert.doesNotMatch(run!.sql.replace(/--.*/g, ""), /2026|5a17/, what);
      assert.ok(run!.values.includes("5a17"), what);
      // no payload is asked for, and none comes
      assert.doesNotMatch(run!.sql, /requestparameters|additionaleventdata/i, what);
      assert.ok(!JSON.stringify(read.minutes).includes("zq7marker"), what);
      // the days of the window and the one behind it are read, no more
      const days = run!.values.filter((value) => /^2026.03.\d\d$/.test(value)).map(iso);
      assert.deepEqual([...new Set(days)].sort(), ["2026-03-10", "2026-03-11", "2026-03-12"], what);
    }
  });
});

Deno.test("awsAthena() takes some accounts and regions of a table, and one principal", async () => {
  await inFolder(async (folder) => {
    await copyWhole(FIXTURES, folder);
    const day = { name: "timestamp", type: "string", of: (day: string) => day };
    await using server = await openAthenaServer({
      events: trailTable(folder, { name: NAME, day }),
    });
    const partitions = { account: "account", region: "region", day: "timestamp" };
    const read = async (options: Partial<AthenaTrailOptions>, principal?: string) => {
      await using source = sourceOf(server, partitions, options);
      return await readMinutes(source, { window: WINDOW, ...(principal && { principal }) });
    };
    const [whole, one, other, none] = [
      await read({}),
      await read({ accounts: ["444455556666"] }),
      await read({ accounts: ["111122223333"], regions: ["eu-west-1"] }),
      await read({ regions: ["us-east-1"] }),
    ];
    assert.ok(one.calls > 0 && other.calls > 0);
    assert.deepEqual([one.calls + other.calls, none.calls], [whole.calls, 0]);
    const name = whole.minutes[0]!.principal.name;
    const own = await read({}, name);
    assert.ok(own.calls > 0 && own.calls < whole.calls);
    assert.ok(own.minutes.every(({ principal }) => principal.name === name));
  });
});

Deno.test("awsAthena() reads a table that lacks what may be absent, and says so", async () => {
  await inFolder(async (folder) => {
    await copyWhole(FIXTURES, folder);
    const without = ["resources", "sessioncredentialfromconsole", "responseelements"];
    await using server = await openAthenaServer({
      events: trailTable(folder, { name: NAME, without }),
    });
    await using source = sourceOf(server, { day: "timestamp" });
    assert.match((await source.notes!()).join(), /has no responseelements, sessioncred.*unknown/);
    const read = await readMinutes(source, { window: WINDOW });
    await using archive = awsArchive(folder, { now: NOW });
    const expected = await readMinutes(archive, { window: WINDOW });
    assert.equal(read.calls, expected.calls);
    assert.ok(read.minutes.every(({ issued, console }) => issued.length === 0 && !console));
    assert.ok(expected.minutes.some(({ issued }) => issued.length > 0));
    assert.ok(read.minutes.every(({ calls }) => calls.every((call) => call.resourceHash === null)));
  });
});

Deno.test("awsAthena() takes earlier results for settled days, where none can be registered late", async () => {
  await inFolder(async (folder) => {
    await copyWhole(FIXTURES, folder);
    const day = { name: "timestamp", type: "string", of: (day: string) => day };
    for (
      const [format, reused] of [["yyyy/MM/dd", [false, true]], [null, [false, false]]] as const
    ) {
      const table = trailTable(folder, { name: NAME, day: { ...day, ...(format && { format }) } });
      await using server = await openAthenaServer({ events: table });
      for (let i = 0; i < 2; i++) {
        await using source = sourceOf(server, { day: "timestamp" });
        await readMinutes(source, { window: WINDOW });
      }
      const runs = server.executions.filter(({ sql }) => !sql.includes("$partitions"));
      assert.deepEqual(runs.map(({ reused }) => reused), reused, String(format));
    }
  });
});

Deno.test("awsAthena() counts the days that nobody registered in the catalogue", async () => {
  await inFolder(async (folder) => {
    await copyWhole(FIXTURES, folder);
    await using server = await openAthenaServer({ events: trailTable(folder, { name: NAME }) });
    await using source = sourceOf(server, { day: "timestamp" });
    const window = { since: WINDOW.since, until: new Date("2026-03-15T00:00:00Z") };
    const { skips } = await readMinutes(source, { window });
    assert.equal(skips["day has no partition in the catalogue"], 2);
  });
});

Deno.test("awsAthena() refuses a table that lacks what is needed, before it asks for anything", async () => {
  await inFolder(async (folder) => {
    await copyWhole(FIXTURES, folder);
    const events = trailTable(folder, { name: NAME, without: ["eventid", "errorcode"] });
    await using server = await openAthenaServer({ events });
    await using source = sourceOf(server, { day: "timestamp" });
    await assert.rejects(
      () => readMinutes(source, { window: WINDOW }),
      (error) =>
        error instanceof QueryError &&
        /logs\.ct-logs: it has no errorcode, eventid as text.*check `database`/.test(error.message),
    );
    assert.equal(server.executions.length, 0);
  });
});

Deno.test("awsAthena() plans by the table's files, and starts no query", async () => {
  await inFolder(async (folder) => {
    await copyWhole(FIXTURES, folder);
    await using server = await openAthenaServer({ events: trailTable(folder, { name: NAME }) });
    await using s3 = await startS3Server({ bucket: "trail-x", folder });
    const { s3: client } = clientsOf({ s3 });
    await using source = sourceOf(server, { day: "timestamp" }, { s3: client! });
    const plan = await source.plan!([WINDOW]);
    const { bytes } = plan;
    assert.ok(bytes! > 10_000);
    assert.deepEqual(plan, {
      // two folders of regions, three days each
      ...{ days: 2, queries: 1, partitions: 6, objects: 78, bytes, scannedAtMost: bytes },
      ...{ cost: "less than 0.01 USD at 5 USD a TB", unknown: null },
    });
    assert.equal(server.executions.length, 0);
    s3.fault = () => ({ kind: "error", status: 403, code: "AccessDenied" });
    const blind = await source.plan!([WINDOW]);
    assert.match(String(blind.unknown), /allow s3:ListBucket/);
    assert.deepEqual([blind.days, blind.queries, blind.bytes], [2, 1, null]);
  });
});

Deno.test("trailQuery() puts names into quotes and takes no other text for one", () => {
  const found = trailTable("/", { name: NAME }).metadata(NAME) as TrailMetadata & TableMetadata;
  const day = "timestamp";
  const scope = {};
  const { query } = trailQuery(found, {
    database: "logs",
    table: NAME,
    partitions: { day },
    scope,
  });
  assert.match(query.sql, /"timestamp" BETWEEN CAST\(\? AS varchar\)/);
  const hostile = 'day" = day OR "x';
  const keys = [{ Name: hostile, Type: "string" }];
  assert.throws(
    () =>
      trailQuery({ ...found, PartitionKeys: keys }, {
        ...{ database: "logs", table: NAME, partitions: { day: hostile }, scope },
      }),
    QueryError,
  );
});

const plain = (name: string): HiveType => ({ kind: "plain", name });
const struct = (fields: Record<string, HiveType>): HiveType => ({
  kind: "struct",
  fields: new Map(Object.entries(fields)),
});
const TYPES: readonly [text: string, type: HiveType][] = [
  ["string", plain("string")],
  ["varchar(20)", plain("varchar")],
  ["struct<a:string,B:int>", struct({ a: plain("string"), b: plain("int") })],
  [
    "array<struct<ARN:string, tags:map<string,array<string>>, n:decimal(10,2), z:string>>",
    {
      kind: "array",
      of: struct({
        ...{ arn: plain("string"), tags: plain("map"), n: plain("decimal"), z: plain("string") },
      }),
    },
  ],
  [
    "struct<a:struct<b:string>,c:string>",
    struct({
      a: struct({ b: plain("string") }),
      c: plain("string"),
    }),
  ],
  ["struct<a:string", struct({ a: plain("string") })],
  ["struct<", struct({})],
  ["", plain("")],
];

Deno.test("parseHiveType() reads the catalogue's types, also such as break off", () => {
  for (const [text, type] of TYPES) assert.deepEqual(parseHiveType(text), type, text);
  parseHiveType("struct<a:".repeat(10_000));
});
