import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { ApiSourceConfig } from "../../../lib/config/config.ts";
import type { ApiClients } from "../../../lib/pipeline/api/open_api_source.ts";
import { pullApiSource } from "../../../lib/pipeline/api/pull_api_source.ts";
import { StorageError } from "../../../lib/model/errors.ts";
import { openStore, type Store } from "../../../lib/store/store.ts";
import { inFolder } from "../../sources/archive_folder.ts";
import { realLogs } from "../../sources/api_minutes.ts";
import { openAthenaServer } from "../../sources/loopback/athena_server.ts";
import { startS3Server } from "../../sources/loopback/s3_server.ts";
import { trailTable } from "../../sources/loopback/trail_table.ts";
import {
  awsSource,
  clientsOf,
  copyWhole,
  keyedStore,
  TRAIL_BUCKET,
  TRAIL_NAME,
  trailSource,
} from "./cloudtrail_places.ts";

const FIXTURES = fileURLToPath(new URL("../../../fixtures/aws", import.meta.url));
const NOW = new Date("2026-03-20T00:00:00Z");
const WINDOWS = [["2023-07-10", "2023-07-11"], ["2026-03-10", "2026-03-13"]] as const;
const OPTIONS = { idleSeconds: 600, foldSeconds: 2, now: () => NOW, runId: null };
const ON_DAYS = { name: "timestamp", type: "string", of: (day: string) => day };

/** Pulls all windows of a source into a store. */
async function pulled(store: Store, source: ApiSourceConfig, clients: ApiClients = {}) {
  for (const [since, until] of WINDOWS) {
    const window = { since: new Date(since), until: new Date(until) };
    const { problems } = await pullApiSource(store, source, { ...OPTIONS, ...window, ...clients });
    assert.deepEqual(problems, []);
  }
}

const TABLES = [
  ...["session_frame", "sessions", "call_minutes", "session_credentials", "labels"],
];

function rowsOf(store: Store, table: string): unknown[] {
  return store.database.prepare(`SELECT * FROM ${table}`).all()
    .map(({ updated_at: _, set_at: __, source: ___, ...row }) => JSON.stringify(row)).sort();
}

function skipsOf(store: Store): unknown[] {
  return store.database.prepare(
    "SELECT reason, sum(count) AS count FROM skips GROUP BY reason ORDER BY reason",
  ).all().map((row) => ({ ...row }));
}

Deno.test("CloudTrail gives the same sessions from Athena, from S3 and from a folder, row for row", async () => {
  await inFolder(async (folder) => {
    await copyWhole(FIXTURES, folder);
    const real = await realLogs("aws");
    if (real !== null) await copyWhole(real, folder);
    const day = { ...ON_DAYS, format: "yyyy/MM/dd" };
    await using athena = await openAthenaServer({
      events: trailTable(folder, { name: TRAIL_NAME, day }),
    });
    await using s3 = await startS3Server({ bucket: TRAIL_BUCKET, folder });
    const stores = await Deno.makeTempDir({ dir: folder, prefix: "stores-" });
    using archived = await keyedStore(stores, "archived");
    using queried = await keyedStore(stores, "queried");
    using read = await keyedStore(stores, "read");
    const bucket = awsSource({ archive: `s3://${TRAIL_BUCKET}` });
    await pulled(archived, awsSource({ archive: folder }));
    await pulled(queried, trailSource(), clientsOf({ athena }));
    await pulled(read, bucket, clientsOf({ s3 }));
    assert.ok(rowsOf(archived, "sessions").length > (real === null ? 40 : 80));
    for (const store of [queried, read]) {
      for (const table of TABLES) assert.deepEqual(rowsOf(store, table), rowsOf(archived, table));
      assert.deepEqual(skipsOf(store), skipsOf(archived));
    }
    assert.ok(skipsOf(archived).length > 3);
    // digests were not read, nor days that nobody asked for
    assert.ok(s3.requests.every(({ key }) => !key.includes("Digest")));
  });
});

const WINDOW = { since: new Date("2026-03-10"), until: new Date("2026-03-13") };

function pullsOf(store: Store): unknown[] {
  return store.database.prepare(
    "SELECT substr(from_at, 1, 10) AS since, substr(until_at, 1, 10) AS until, outcome FROM pulls " +
      "ORDER BY pull_id",
  ).all().map(({ since, until, outcome }) => `${since} ${until} ${outcome}`);
}

Deno.test("a limit of bytes halves the days that Athena is asked for; done days are not asked again", async () => {
  await inFolder(async (folder) => {
    await copyWhole(FIXTURES, folder);
    await using athena = await openAthenaServer({
      events: trailTable(folder, { name: TRAIL_NAME }),
      // only single days pass, and the days behind them
      end: ({ values }) => {
        const days = values.filter((value) => /^2026\/03/.test(value));
        const [first, last] = [days[0]!, days[1]!].map((day) => Date.parse(day));
        return last! - first! > 86_400_000
          ? { state: "CANCELLED", reason: "Query cancelled! : Bytes scanned limit was exceeded" }
          : {};
      },
    });
    using store = openStore(":memory:");
    const options = { ...OPTIONS, ...WINDOW, ...clientsOf({ athena }) };
    const { days, bytesScanned } = await pullApiSource(store, trailSource(), options);
    assert.equal(days, 3);
    assert.ok(bytesScanned! > 10_000);
    assert.deepEqual(pullsOf(store), [
      ...["2026-03-10 2026-03-13 failed", "2026-03-10 2026-03-12 failed"],
      ...["2026-03-10 2026-03-11 done", "2026-03-11 2026-03-12 done", "2026-03-12 2026-03-13 done"],
    ]);
    const started = athena.executions.length;
    const again = await pullApiSource(store, trailSource(), options);
    assert.deepEqual([again.days, athena.executions.length], [0, started]);
    assert.ok(again.sessions > 40);
  });
});

Deno.test("a bucket that refuses an object fails its day; the next pull goes on there", async () => {
  await using s3 = await startS3Server({ bucket: TRAIL_BUCKET, folder: FIXTURES });
  const bucket = awsSource({ archive: `s3://${TRAIL_BUCKET}/AWSLogs` });
  const options = { ...OPTIONS, ...WINDOW, ...clientsOf({ s3 }) };
  using whole = openStore(":memory:");
  await pullApiSource(whole, bucket, options);
  using store = openStore(":memory:");
  s3.fault = ({ operation, key }) =>
    operation === "Get" && key.includes("_20260312T")
      ? { kind: "error", status: 403, code: "AccessDenied" }
      : null;
  await assert.rejects(() => pullApiSource(store, bucket, options), StorageError);
  assert.deepEqual(pullsOf(store), ["2026-03-10 2026-03-11 done", "2026-03-11 2026-03-12 failed"]);
  s3.fault = () => null;
  const requests = s3.requests.length;
  await pullApiSource(store, bucket, options);
  const keys = s3.requests.slice(requests).map(({ key }) => key);
  assert.ok(keys.length > 20 && keys.every((key) => !key.includes("/2026/03/10")));
  const ids = (of: Store) =>
    of.database.prepare("SELECT session_id FROM sessions ORDER BY 1").all().map(({ session_id }) =>
      session_id
    );
  assert.deepEqual(ids(store), ids(whole));
  assert.deepEqual(skipsOf(store), skipsOf(whole));
});
