// Each bad input that logs of API calls are known for, through the verb that a person calls.
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { gzipSync } from "node:zlib";
import { openBigQueryServer } from "../sources/loopback/bigquery_server.ts";
import { serveToken } from "../sources/loopback/google_token.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const MANY = 100_000;
/** Of a table: DuckDB, here in the place of BigQuery, needs memory as their square. */
const MANY_ROWS = 1500;
/** 10 KB with control characters. */
const LONG = `'; DROP TABLE sessions; --\u0000\u001b[31m\u202e"],["${"a".repeat(10_240)}`;

type Change = { principal?: string | null; time?: string; id?: string };

function entry({ principal = "ana@example.com", time = "2026-03-10T09:00:00.25Z", id }: Change) {
  return {
    ...{ insertId: id, timestamp: time },
    logName: "projects/p/logs/cloudaudit.googleapis.com%2Factivity",
    protoPayload: {
      "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
      ...{ serviceName: "compute.googleapis.com", methodName: "v1.compute.instances.get" },
      authenticationInfo: principal === null ? {} : { principalEmail: principal },
      requestMetadata: { callerIp: "203.0.113.9", callerSuppliedUserAgent: "gcloud/1" },
    },
  };
}

function record(
  { principal = "arn:aws:iam::1:user/ana", time = "2026-03-10T09:00:07Z", id }: Change,
) {
  return {
    ...{ eventTime: time, eventID: id, eventSource: "ec2.amazonaws.com", eventName: "Describe" },
    ...{ awsRegion: "eu-west-1", sourceIPAddress: "203.0.113.9", recipientAccountId: "1" },
    userIdentity: principal === null ? { type: "IAMUser" } : { type: "IAMUser", arn: principal },
  };
}

const CHANGES: readonly Change[] = [
  { id: "nobody", principal: null },
  { id: "never", time: "soon" },
  { id: "later", time: "2087-01-01T00:00:00Z" },
  { id: "long", principal: LONG },
  ...Array.from({ length: MANY }, (_, i) => ({ id: `call-${i}` })),
];

const GCP_FILE = "gcp/cloudaudit.googleapis.com/activity/2026/03/10/09:00:00_09:59:59_S0.json";
const AWS_FILE = "aws/AWSLogs/1/CloudTrail/eu-west-1/2026/03/10/" +
  "1_CloudTrail_eu-west-1_20260310T0905Z_x.json.gz";

async function writeLogs(folder: string): Promise<void> {
  for (const file of [GCP_FILE, AWS_FILE]) {
    await Deno.mkdir(join(folder, dirname(file)), { recursive: true });
  }
  const lines = CHANGES.map((change) => `${JSON.stringify(entry(change))}\n`);
  await Deno.writeTextFile(join(folder, GCP_FILE), lines.join(""));
  // a column of times can't hold what is none
  const typed = lines.filter((_, i) => CHANGES[i]!.id !== "never");
  const rows = typed.slice(0, typed.length - MANY + MANY_ROWS).join("");
  await Deno.writeTextFile(join(folder, "table.json"), rows);
  const records = JSON.stringify({ Records: CHANGES.map(record) });
  await Deno.writeFile(join(folder, AWS_FILE), gzipSync(records));
}

interface Called {
  status: number;
  said: string;
}

async function run(
  folder: string,
  { sources, env = {} }: { sources: readonly string[]; env?: Record<string, string> },
): Promise<Called> {
  const config = join(folder, "shellscope.yaml");
  const listed = sources.map((source) => `  - ${source}\n`).join("");
  await Deno.writeTextFile(config, `store: ./s.sqlite\nsources:\n${listed}`);
  await Deno.remove(join(folder, "s.sqlite")).catch(() => {});
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "lib/cli/main.ts", "run", "--config", config, "--out", folder],
      ...["--since", "2026-03-10", "--until", "2026-03-11"],
    ],
    env: { NO_COLOR: "1", ...env },
  }).output();
  const decoder = new TextDecoder();
  return { status: code, said: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** All calls of the store, and the principals of its sessions. */
function stored(folder: string): { calls: number; principals: string[] } {
  using store = new DatabaseSync(join(folder, "s.sqlite"), { readOnly: true });
  assert.equal(store.prepare("PRAGMA integrity_check").get()!.integrity_check, "ok");
  const { calls } = store.prepare(
    "SELECT sum(json_array_length(calls) + calls_omitted) AS calls FROM call_minutes",
  ).get()!;
  const rows = store.prepare("SELECT principal FROM sessions ORDER BY principal").all();
  return { calls: Number(calls), principals: rows.map(({ principal }) => String(principal)) };
}

/** Besides `calls` of one person, one of somebody with a long name, in each of some logs. */
function assertStored(
  folder: string,
  { said, calls, logs }: { said: string; calls: number; logs: number },
): void {
  const found = stored(folder);
  assert.equal(found.calls, logs * (calls + 1), said);
  assert.equal(found.principals.length, 2 * logs);
  assert.ok(found.principals.every((name) => name.length <= 512));
  const long = found.principals.filter((name) => name.startsWith("'; DROP TABLE sessions"));
  assert.equal(long.length, logs);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(said, /[\u0000\u001b\u202e]/);
}

const FROM_BIGQUERY = (dataset: string) =>
  `{ kind: gcp, bigquery: { project: p, dataset: ${dataset}, location: EU, ` +
  "maxBytesBilled: 1GiB, streams: [activity] } }";

Deno.test("bad input of API logs is counted or refused by run, with nothing lost beside it", async (t) => {
  using folder = temporaryFolder();
  await writeLogs(folder.path);
  const id = "cloudaudit_googleapis_com_activity";
  const files = [join(folder.path, "table.json")];
  await using token = serveToken();
  const from = (server: { endpoint: string }) => ({
    BIGQUERY_EMULATOR_HOST: server.endpoint,
    GCE_METADATA_HOST: token.host,
  });

  await t.step("in folders", async () => {
    const sources = ["{ kind: gcp, archive: ./gcp }", "{ kind: aws, archive: ./aws }"];
    const { status, said } = await run(folder.path, { sources });
    assert.equal(status, 0, said);
    assert.match(said, /gcp: entry without a principal +1\n/);
    assert.match(said, /gcp: entry without a time +1\n/);
    assert.match(said, /gcp: entry of a clock far in the future +1\n/);
    assert.match(said, /aws: record has no identity +1\n/);
    assert.match(said, /aws: record has no time +1\n/);
    assert.match(said, /aws: record is of a later day than its file +1\n/);
    assertStored(folder.path, { said, calls: MANY, logs: 2 });
  });

  await t.step("in BigQuery", async () => {
    await using server = await openBigQueryServer({ tables: [{ id, files }] });
    const sources = [FROM_BIGQUERY("audit_logs")];
    const { status, said } = await run(folder.path, { sources, env: from(server) });
    assert.equal(status, 0, said);
    assert.match(said, /gcp: entry without a principal +1\n/);
    assertStored(folder.path, { said, calls: MANY_ROWS, logs: 1 });
  });

  await t.step("a dataset that is not there, a table without partitions", async () => {
    const tables = [{ id, files, partitionedBy: "none" as const }];
    await using server = await openBigQueryServer({ tables });
    const sources = [FROM_BIGQUERY("nowhere"), FROM_BIGQUERY("audit_logs")];
    const { status, said } = await run(folder.path, { sources, env: from(server) });
    assert.equal(status, 3, said);
    assert.match(said, /look at the dataset "nowhere".*it is not there; check `project`/);
    assert.match(said, /it has no partitions, so that each query would read and bill all of it/);
    assert.equal(server.jobs.length, 0);
  });
});
