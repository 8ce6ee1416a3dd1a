import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { configSchema } from "../../../lib/config/config.ts";
import { examine } from "../../../lib/pipeline/doctor/doctor.ts";
import type { Check } from "../../../lib/pipeline/doctor/check.ts";
import { inFolder } from "../../sources/archive_folder.ts";
import { assertCheck, type Expected } from "../examined.ts";
import type { ExportTable } from "../../sources/gcp/export_tables.ts";
import {
  type BigQueryFault,
  type BigQueryRequest,
  LOOPBACK_AUTH,
  openBigQueryServer,
} from "../../sources/loopback/bigquery_server.ts";
import { eager } from "../../sources/eager.ts";

const FIXTURES = fileURLToPath(new URL("../../../fixtures", import.meta.url));
const NOW = new Date("2026-03-13T08:00:00Z");
const ACTIVITY: ExportTable = {
  id: "cloudaudit_googleapis_com_activity",
  files: [`${FIXTURES}/gcp/cloudaudit.googleapis.com/activity/2026/03/12/*.json`],
};
const DAILY: ExportTable = { ...ACTIVITY, id: `${ACTIVITY.id}_20260312` };

interface BigQueryCase {
  bigquery?: Record<string, unknown>;
  tables?: ExportTable[];
  fault?: (request: BigQueryRequest) => BigQueryFault | null;
  bytes?: number;
  authClient?: typeof LOOPBACK_AUTH;
}

async function examineBigQuery(
  { bigquery, tables = [ACTIVITY], fault, bytes, authClient = LOOPBACK_AUTH }: BigQueryCase = {},
): Promise<Check[]> {
  await using server = await openBigQueryServer({ tables, location: "EU" });
  if (fault !== undefined) server.fault = fault;
  if (bytes !== undefined) server.bytes = bytes;
  const source = {
    kind: "gcp",
    bigquery: {
      ...{ project: "logging-prod", dataset: "audit_logs", location: "EU" },
      ...{ maxBytesBilled: "50GiB", ...bigquery },
    },
  };
  const checks = await Array.fromAsync(examine(configSchema.parse({ sources: [source] }), {
    ...{ now: NOW, retry: eager(2) },
    bigquery: { apiEndpoint: server.endpoint, authClient },
  }));
  assert.equal(server.jobs.length, 0);
  return checks;
}

Deno.test("examine() finds nothing wrong with a dataset that can be read", async () => {
  for (const [tables, layout] of [[[ACTIVITY], "partitioned"], [[DAILY], "daily"]] as const) {
    const checks = await examineBigQuery({ tables: [...tables], bigquery: { tables: layout } });
    assert.deepEqual(checks.map(({ check, state }) => `${check} ${state}`), [
      ...["credentials ok", "jobs ok", "dataset ok", "activity ok", "scan ok"],
    ]);
    assert.match(checks.at(-1)!.found, /^yesterday: 977 KiB, less than 0\.01 USD/);
  }
});

const denied = (operation: string, isReal = true) => (request: BigQueryRequest) => {
  const text = JSON.stringify(request.body);
  if (
    request.operation !== operation || (operation === "dry run") && isReal === /SELECT 1/.test(text)
  ) {
    return null;
  }
  return { kind: "error" as const, status: 403, reason: "accessDenied" };
};

const CASES: readonly [what: string, BigQueryCase, Expected][] = [
  [
    "no credentials",
    {
      authClient: {
        getRequestHeaders: () =>
          Promise.reject(new Error("Could not load the default credentials.")),
      },
    },
    ["credentials", "failed", /none were found > .*application-default login/],
  ],
  [
    "expired credentials",
    { authClient: { getRequestHeaders: () => Promise.reject(new Error("invalid_grant")) } },
    ["credentials", "failed", /expired or were revoked > .*application-default login/],
  ],
  ["no permission to query", { fault: denied("dry run", false) }, [
    ...["jobs", "failed"] as const,
    /grant bigquery\.jobs\.create on the project logging-prod \(roles\/bigquery\.jobUser\)/,
  ]],
  ["no permission to see the dataset", { fault: denied("dataset") }, [
    ...["dataset", "failed"] as const,
    /grant bigquery\.datasets\.get on the dataset audit_logs \(roles\/bigquery\.metadataViewer\)/,
  ]],
  ["no permission to see tables", { fault: denied("table") }, [
    ...["activity", "failed"] as const,
    /grant bigquery\.tables\.get .*roles\/bigquery\.metadataViewer/,
  ]],
  [
    "no permission to list tables",
    { fault: denied("tables"), tables: [DAILY], bigquery: { tables: "daily" } },
    ["activity", "failed", /bigquery\.tables\.list/],
  ],
  ["no permission to read rows", { fault: denied("dry run") }, [
    ...["scan", "failed"] as const,
    /grant bigquery\.tables\.getData .*roles\/bigquery\.dataViewer/,
  ]],
  ["no such dataset", { bigquery: { dataset: "nowhere" } }, [
    ...["dataset", "failed"] as const,
    /notFound > check `project` and `dataset`/,
  ]],
  ["another location", { bigquery: { location: "US" } }, [
    ...["dataset", "failed"] as const,
    /lies in EU > set `location: EU`/,
  ]],
  ["no such table", { bigquery: { streams: ["policy"] } }, [
    ...["policy", "failed"] as const,
    /there is no such table > take "policy" out of `streams`/,
  ]],
  ["the other layout", { tables: [DAILY] }, [
    ...["activity", "failed"] as const,
    /> set `tables: daily`/,
  ]],
  ["both layouts", { tables: [ACTIVITY, DAILY] }, [
    ...["activity", "warning"] as const,
    /older entries lie in tables of a day > `tables: daily`/,
  ]],
  ["no partitions", { tables: [{ ...ACTIVITY, partitionedBy: "none" }] }, [
    ...["activity", "failed"] as const,
    /it has no partitions.*> make the sink anew|bill all of it > make the sink anew/,
  ]],
  ["no audit log", { tables: [{ ...ACTIVITY, schema: [] }] }, [
    ...["activity", "failed"] as const,
    /it has no timestamp, .*> check `dataset` and `tables`/,
  ]],
  ["a day above the cap", { bytes: 60 * 2 ** 30 }, [
    ...["scan", "failed"] as const,
    /60\.0 GiB, about 0\.37 USD.*more than maxBytesBilled, 50\.0 GiB > raise `maxBytesBilled`/,
  ]],
  [
    "no network",
    { fault: () => ({ kind: "error", status: 503, reason: "backendError" }) },
    ["jobs", "failed", /backendError/],
  ],
];

for (const [what, options, expected] of CASES) {
  Deno.test(`examine() says what mends BigQuery: ${what}`, async () => {
    assertCheck(await examineBigQuery(options), expected, what);
  });
}

async function examineArchive(kind: string, archive: string): Promise<Check[]> {
  const config = configSchema.parse({ sources: [{ kind, archive }] });
  return await Array.fromAsync(examine(config, { now: NOW }));
}

Deno.test("examine() reads the last days of an archive of API calls", async () => {
  for (const kind of ["gcp", "aws"]) {
    const checks = await examineArchive(kind, `${FIXTURES}/${kind}`);
    assertCheck(checks, ["archive", "ok", /\d+ files, 2026-03-\d\d to 2026-03-1\d/], kind);
    assertCheck(
      checks,
      ["entries", "warning", /calls; left out: .*delivered more than once/],
      kind,
    );
  }
});

Deno.test("examine() says what mends an archive of API calls", async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/empty`);
    await Deno.mkdir(`${folder}/other/2026/03/12`, { recursive: true });
    await Deno.writeTextFile(`${folder}/other/2026/03/12/09:00:00_09:59:59_S0.json`, '{"a":1}\n');
    for (const kind of ["gcp", "aws"]) {
      const layout = kind === "gcp"
        ? /> name a copy of the sink's/
        : /> name a copy of the trail's/;
      const at = (name: string) => examineArchive(kind, `${folder}/${name}`);
      assertCheck(
        await at("nowhere"),
        ["archive", "failed", /no such file.*> check `archive`/],
        kind,
      );
      assertCheck(await at("empty"), ["archive", "failed", layout], kind);
      assertCheck(await at("other"), ["entries", "failed", layout], kind);
    }
  });
});

Deno.test("examine() says that archives of Google's logs in buckets must be copied", async () => {
  const s3 = await examineArchive("gcp", "s3://copy/of-logs");
  assertCheck(s3, ["archive", "failed", /can't be read yet > copy it .*`aws s3 sync`/], "s3");
  const gs = await examineArchive("gcp", "gs://sink");
  assertCheck(
    gs,
    ["archive", "failed", /can't be read yet > copy it .*`gcloud storage rsync/],
    "gs",
  );
});
