import assert from "node:assert/strict";
import { QueryError } from "../../lib/model/errors.ts";
import type { SchemaField } from "../../lib/sources/bigquery.ts";
import { gcpArchive } from "../../lib/sources/gcp/archive.ts";
import { type AuditDataset, gcpBigQuery } from "../../lib/sources/gcp/bigquery_source.ts";
import { inOrder, readMinutes } from "./api_minutes.ts";
import { EXPORT_SCHEMA, type ExportTable } from "./gcp/export_tables.ts";
import {
  type BigQueryFault,
  LOOPBACK_AUTH,
  openBigQueryServer,
} from "./loopback/bigquery_server.ts";
import { eager } from "./eager.ts";

const FIXTURES = new URL("../../fixtures/gcp/cloudaudit.googleapis.com/", import.meta.url).pathname;
const WINDOW = { since: new Date("2026-03-10T00:00:00Z"), until: new Date("2026-03-13T00:00:00Z") };

const DATASET: AuditDataset = {
  ...{ project: "p", dataset: "audit_logs", location: "EU", tables: "partitioned" },
  ...{ maxBytesBilled: 50 * 2 ** 30, streams: ["activity", "data_access"] },
};

const table = (stream: string): ExportTable => ({
  id: `cloudaudit_googleapis_com_${stream}`,
  files: [`${FIXTURES}${stream}/*/*/*/*.json`],
});
const PARTITIONED = [table("activity"), table("data_access")];

const DAYS = ["10", "11", "12"];
const DAILY = ["activity", "data_access"].flatMap((stream) =>
  DAYS.map((day): ExportTable => ({
    id: `cloudaudit_googleapis_com_${stream}_202603${day}`,
    files: [`${FIXTURES}${stream}/2026/03/${day}/*.json`],
  }))
);

/** What the archive gives of the same entries. */
async function fromArchive() {
  await using archive = gcpArchive(FIXTURES, { now: new Date("2026-04-01T00:00:00Z") });
  return await readMinutes(archive, { window: WINDOW });
}

for (const [layout, tables] of [["partitioned", PARTITIONED], ["daily", DAILY]] as const) {
  Deno.test(`gcpBigQuery() gives the rows of the archive out of ${layout} tables`, async () => {
    await using server = await openBigQueryServer({ tables, pageRows: 100 });
    await using source = gcpBigQuery({ ...DATASET, tables: layout }, {
      ...{ apiEndpoint: server.endpoint, authClient: LOOPBACK_AUTH },
    });
    const read = await readMinutes(source, { window: WINDOW });
    const expected = await fromArchive();
    assert.deepEqual(inOrder(read.minutes), inOrder(expected.minutes));
    assert.equal(read.skips["entry was delivered more than once"], 47);
    assert.ok(
      server.jobs.every(({ maximumBytesBilled, location }) =>
        maximumBytesBilled === String(DATASET.maxBytesBilled) && location === "EU"
      ),
    );
  });
}

const NO_WAIT = eager(4);
const SMALL = [{ ...table("activity"), files: [`${FIXTURES}activity/2026/03/10/09*.json`] }];
const ACTIVITY: AuditDataset = { ...DATASET, streams: ["activity"] };

/** A source of one small table and the server behind it. */
async function open(
  dataset: Partial<AuditDataset> = {},
  tables: readonly ExportTable[] = SMALL,
) {
  const server = await openBigQueryServer({ tables, pageRows: 10 });
  const source = gcpBigQuery({ ...ACTIVITY, ...dataset }, {
    ...{ apiEndpoint: server.endpoint, authClient: LOOPBACK_AUTH, retry: NO_WAIT },
  });
  return {
    server,
    source,
    [Symbol.asyncDispose]: async () => {
      await source[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

Deno.test("gcpBigQuery() tries again what passes, and starts no job twice", async () => {
  await using pair = await open();
  const { server, source } = pair;
  const calm = await readMinutes(source, { window: WINDOW });
  const faults: Record<string, BigQueryFault[]> = {
    table: [{ kind: "error", status: 503, reason: "backendError" }],
    "dry run": [{ kind: "error", status: 403, reason: "rateLimitExceeded" }, { kind: "cut" }],
    insert: [{ kind: "lost" }, { kind: "error", status: 429, reason: "rateLimitExceeded" }],
    results: [{ kind: "error", status: 500, reason: "internalError" }, { kind: "cut" }],
  };
  server.fault = ({ operation }) => faults[operation]?.shift() ?? null;
  server.looks = 2;
  const stormy = await readMinutes(source, { window: WINDOW });
  assert.deepEqual(inOrder(stormy.minutes), inOrder(calm.minutes));
  assert.equal(server.jobs.length, 2);
});

Deno.test("gcpBigQuery() refuses a window above the cap before a job is started", async () => {
  await using pair = await open({ maxBytesBilled: 2 ** 30 });
  const { server, source } = pair;
  server.bytes = 3 * 2 ** 30;
  await assert.rejects(readMinutes(source, { window: WINDOW }), (error) => {
    assert.ok(error instanceof QueryError);
    assert.match(error.message, /scan 3\.0 GiB \(about 0\.02 USD .*`maxBytesBilled` is 1\.0 GiB/);
    return true;
  });
  assert.equal(server.jobs.length, 0);
});

Deno.test("gcpBigQuery() cancels its job when it is stopped", async () => {
  await using pair = await open();
  const { server, source } = pair;
  server.looks = 1e9;
  const abort = new AbortController();
  server.fault = ({ operation, number }) => {
    if (operation === "results" && number > 8) abort.abort(new Error("stopped by hand"));
    return null;
  };
  const options = { salt: "5a17", onSkip: () => {}, signal: abort.signal };
  await assert.rejects(Array.fromAsync(source.minutes(WINDOW, options)), /stopped by hand/);
  assert.deepEqual(server.jobs.map(({ cancelled }) => cancelled), [true]);
});

Deno.test("gcpBigQuery() reads tables that lack the columns nobody has used yet", async () => {
  const without = (fields: SchemaField[], names: string[]): SchemaField[] =>
    fields.filter(({ name }) => !names.includes(name!)).map((field) =>
      field.fields === undefined ? field : { ...field, fields: without(field.fields, names) }
    );
  for (
    const names of [
      ["serviceAccountDelegationInfo", "serviceAccountKeyName", "principalSubject"],
      ["firstPartyPrincipal"],
      ["status", "authorizationInfo", "requestMetadata", "resource"],
      ["insertId", "labels", "granted", "code"],
    ]
  ) {
    const schema = without(EXPORT_SCHEMA, names);
    await using pair = await open({}, SMALL.map((one) => ({ ...one, schema })));
    const { calls } = await readMinutes(pair.source, { window: WINDOW });
    assert.ok(calls > 0, names.join());
  }
});

const REFUSED: [name: string, dataset: Partial<AuditDataset>, tables: ExportTable[], RegExp][] = [
  [
    "a dataset that is not there",
    { dataset: "nowhere" },
    SMALL,
    /look at the dataset "nowhere".*it is not there; check `project`.*notFound/,
  ],
  [
    "a table without partitions",
    {},
    [{ ...SMALL[0]!, partitionedBy: "none" }],
    /it has no partitions, so that each query would read and bill all of it/,
  ],
  [
    "a table partitioned by arrival",
    {},
    [{ ...SMALL[0]!, partitionedBy: null }],
    /partitioned by the time of arrival, not by timestamp/,
  ],
  ["the other layout", {}, DAILY, /there is no such table; set `tables: daily`/],
  ["the other layout", { tables: "daily" }, SMALL, /set `tables: partitioned`/],
  [
    "a stream that is not written",
    { streams: ["policy"] },
    SMALL,
    /take "policy" out of `streams`/,
  ],
  [
    "a table that is no audit log",
    {},
    [{ ...SMALL[0]!, schema: [{ name: "timestamp", type: "TIMESTAMP" }] }],
    /it has no logName, protopayload_auditlog\.methodName.*so it is no audit log/,
  ],
  ["another location", { location: "US" }, SMALL, /check `project`, `dataset`, `location`/],
];

for (const [name, dataset, tables, message] of REFUSED) {
  Deno.test(`gcpBigQuery() refuses ${name} (${tables[0]!.id.slice(26)})`, async () => {
    await using pair = await open(dataset, tables);
    await assert.rejects(readMinutes(pair.source, { window: WINDOW }), (error) => {
      assert.ok(error instanceof QueryError);
      assert.match(error.message, message);
      return true;
    });
    assert.equal(pair.server.jobs.length, 0);
  });
}

Deno.test("gcpBigQuery() plans days, partitions, bytes and money, and starts no job", async () => {
  await using pair = await open({ tables: "daily", streams: ["activity", "data_access"] }, DAILY);
  const { server, source } = pair;
  server.bytes = 5 * 2 ** 40;
  const until = new Date("2026-03-20T00:00:00Z");
  const plan = await source.plan!([WINDOW, { since: WINDOW.until, until }]);
  assert.deepEqual(plan, {
    ...{ days: 10, objects: 6, bytes: 5 * 2 ** 40, scannedAtMost: 5 * 2 ** 40, unknown: null },
    cost: "about 31.25 USD at 6.25 USD a TiB",
  });
  assert.equal(server.jobs.length, 0);
});

Deno.test("gcpBigQuery() binds values and sends none in the text", async () => {
  await using pair = await open();
  const principal = `'; DROP TABLE x; -- \u202e@example.com`;
  await readMinutes(pair.source, { window: WINDOW, principal, salt: "feedfacefeed" });
  const [job] = pair.server.jobs;
  assert.equal(job!.values.principal, principal);
  assert.ok(!job!.sql.includes("DROP TABLE") && !job!.sql.includes("feedface"));
});
