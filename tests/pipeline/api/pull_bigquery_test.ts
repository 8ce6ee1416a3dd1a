import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { configSchema } from "../../../lib/config/config.ts";
import { planApiSource, pullApiSource } from "../../../lib/pipeline/api/pull_api_source.ts";
import { openStore, type Store } from "../../../lib/store/store.ts";
import { LOOPBACK_AUTH, openBigQueryServer } from "../../sources/loopback/bigquery_server.ts";
import { eager } from "../../sources/eager.ts";

const FIXTURES = fileURLToPath(
  new URL("../../../fixtures/gcp/cloudaudit.googleapis.com", import.meta.url),
);
const WINDOW = { since: new Date("2026-03-10T00:00:00Z"), until: new Date("2026-03-13T00:00:00Z") };
const NOW = new Date("2026-03-20T00:00:00Z");
const NO_WAIT = eager(2);

function source(bigquery: Record<string, unknown> = {}) {
  const config = configSchema.parse({
    sources: [{
      kind: "gcp",
      bigquery: {
        ...{ project: "p", dataset: "audit_logs", location: "EU", maxBytesBilled: "1GiB" },
        ...{ streams: ["activity", "data_access"], ...bigquery },
      },
    }],
  }).sources[0]!;
  if (config.kind !== "gcp") throw new TypeError("not gcp");
  return config;
}

const openServer = () =>
  openBigQueryServer({
    tables: ["activity", "data_access"].map((stream) => ({
      id: `cloudaudit_googleapis_com_${stream}`,
      files: [`${FIXTURES}/${stream}/*/*/*/*.json`],
    })),
    pageRows: 50,
  });

const options = (endpoint: string) => ({
  ...{ ...WINDOW, idleSeconds: 600, foldSeconds: 2, now: () => NOW, runId: null },
  bigquery: { apiEndpoint: endpoint, authClient: LOOPBACK_AUTH, retry: NO_WAIT },
});

function sessionsOf(store: Store): unknown[] {
  return store.database.prepare(
    "SELECT session_id, principal, driver, started_at, ended_at FROM sessions ORDER BY session_id",
  ).all();
}

Deno.test("pullApiSource() makes of BigQuery the sessions that it makes of the archive", async () => {
  await using server = await openServer();
  using pulled = openStore(":memory:");
  const { days, bytesScanned } = await pullApiSource(pulled, source(), options(server.endpoint));
  assert.deepEqual([days, bytesScanned], [3, 3 * 10_485_760]);
  using archived = openStore(":memory:");
  const archive = configSchema.parse({ sources: [{ kind: "gcp", archive: FIXTURES }] }).sources[0]!;
  if (archive.kind !== "gcp") throw new TypeError("not gcp");
  await pullApiSource(archived, archive, options(server.endpoint));
  assert.ok(sessionsOf(pulled).length > 20);
  assert.deepEqual(sessionsOf(pulled), sessionsOf(archived));
});

Deno.test("pullApiSource() goes on with BigQuery where a pull failed, and asks no day twice", async () => {
  await using server = await openServer();
  using whole = openStore(":memory:");
  await pullApiSource(whole, source(), options(server.endpoint));
  const calm = server.jobs.length;
  using broken = openStore(":memory:");
  server.fault = ({ operation }) =>
    operation === "results" && server.jobs.length === calm + 2
      ? { kind: "error", status: 403, reason: "quotaExceeded" }
      : null;
  await assert.rejects(pullApiSource(broken, source(), options(server.endpoint)), /quota/);
  server.fault = () => null;
  await pullApiSource(broken, source(), options(server.endpoint));
  assert.deepEqual(sessionsOf(broken), sessionsOf(whole));
  assert.equal(server.jobs.length, calm + 4);
});

Deno.test("planApiSource() shows bytes and money, and starts no job", async () => {
  await using server = await openServer();
  using store = openStore(":memory:");
  const plan = await planApiSource(store, source(), options(server.endpoint));
  assert.deepEqual(plan, {
    ...{ days: 3, objects: 6, bytes: 3_000_000, scannedAtMost: 3 * 2 * 10_485_760, unknown: null },
    cost: "less than 0.01 USD at 6.25 USD a TiB",
  });
  assert.equal(server.jobs.length, 0);
});
