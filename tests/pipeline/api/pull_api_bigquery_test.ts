import assert from "node:assert/strict";
import { planApi, pullApi } from "../../../lib/pipeline/api/pull_api.ts";
import type { ApiSource } from "../../../lib/sources/api_source.ts";
import { gcpArchive } from "../../../lib/sources/gcp/archive.ts";
import { gcpBigQuery } from "../../../lib/sources/gcp/bigquery_source.ts";
import { openStore, type Store } from "../../../lib/store/store.ts";
import { LOOPBACK_AUTH, openBigQueryServer } from "../../sources/loopback/bigquery_server.ts";

const FIXTURES =
  new URL("../../../fixtures/gcp/cloudaudit.googleapis.com/", import.meta.url).pathname;
const STREAMS = ["activity", "data_access"] as const;
const TABLES = STREAMS.map((stream) => ({
  id: `cloudaudit_googleapis_com_${stream}`,
  files: [`${FIXTURES}${stream}/*/*/*/*.json`],
}));
const NOW = new Date("2026-03-14T12:00:00Z");
const OPTIONS = {
  ...{ idleSeconds: 600, foldSeconds: 2, runId: null, now: () => NOW },
  ...{ since: new Date("2026-03-10T00:00:00Z"), until: new Date("2026-03-13T00:00:00Z") },
};

function bigQuery(apiEndpoint: string, maxBytesBilled = 2 ** 40): ApiSource {
  return gcpBigQuery({
    ...{ project: "p", dataset: "audit_logs", location: "EU", tables: "partitioned" },
    ...{ maxBytesBilled, streams: STREAMS },
  }, { apiEndpoint, authClient: LOOPBACK_AUTH });
}

function sessionsOf(store: Store): unknown[] {
  return store.database.prepare("SELECT * FROM session_frame ORDER BY subject_id").all()
    .map(({ updated_at: _, ...row }) => row);
}

Deno.test("a log pulled out of BigQuery by days gives the sessions of its archive", async () => {
  await using server = await openBigQueryServer({ tables: TABLES, pageRows: 500 });
  await using source = bigQuery(server.endpoint);
  using store = openStore(":memory:");
  const pulled = await pullApi(store, source, OPTIONS);
  assert.ok(pulled.sessions > 40);
  assert.deepEqual([pulled.days, pulled.bytesScanned! > 0], [3, true]);
  const pulls = store.database.prepare("SELECT outcome, bytes_scanned AS bytes FROM pulls").all();
  assert.deepEqual(pulls.map(({ outcome }) => outcome), ["done", "done", "done"]);
  assert.ok(pulls.every(({ bytes }) => Number(bytes) > 0));

  using other = openStore(":memory:");
  await using archive = gcpArchive(FIXTURES, { now: NOW });
  await pullApi(other, archive, { ...OPTIONS, daysPerPiece: 100 });
  assert.deepEqual(sessionsOf(store), sessionsOf(other));

  // days that are over for two days are not asked, nor paid for, again
  const jobs = server.jobs.length;
  assert.deepEqual(
    (await planApi(store, source, OPTIONS)).map(({ since }) => since.toISOString()),
    [
      "2026-03-12T00:00:00.000Z",
    ],
  );
  await pullApi(store, source, OPTIONS);
  assert.equal(store.database.prepare("SELECT count(*) AS n FROM pulls").get()!.n, 4);
  assert.ok(server.jobs.length > jobs);
});

Deno.test("a pull that would cost more than allowed is refused, and noted", async () => {
  await using server = await openBigQueryServer({ tables: TABLES, pageRows: 500 });
  await using source = bigQuery(server.endpoint, 1);
  using store = openStore(":memory:");
  await assert.rejects(() => pullApi(store, source, OPTIONS), /maxBytesBilled/);
  const [pull] = store.database.prepare("SELECT outcome, detail FROM pulls").all();
  assert.equal(pull!.outcome, "failed");
  assert.match(String(pull!.detail), /ask for a shorter window or raise it/);
  assert.equal(store.database.prepare("SELECT count(*) AS n FROM call_minutes").get()!.n, 0);
});
