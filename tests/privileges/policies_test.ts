import assert from "node:assert/strict";
import { join } from "node:path";
import { parse } from "yaml";
import { type ApiSourceConfig, configSchema } from "../../lib/config/config.ts";
import { planApiSource, pullApiSource } from "../../lib/pipeline/api/pull_api_source.ts";
import { openStore } from "../../lib/store/store.ts";
import { shellscope } from "../cli/harness.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { copyWhole } from "../pipeline/api/cloudtrail_places.ts";
import { examineSource } from "../pipeline/examined.ts";
import { type AthenaServer, openAthenaServer } from "../sources/loopback/athena_server.ts";
import { LOOPBACK_AUTH, openBigQueryServer } from "../sources/loopback/bigquery_server.ts";
import { type S3Server, startS3Server } from "../sources/loopback/s3_server.ts";
import { teleportTable } from "../sources/loopback/teleport_table.ts";
import { trailTable } from "../sources/loopback/trail_table.ts";
import { KIT } from "./task.ts";

/**
 * The policies of sources, held against every request that checks, plans and pulls of the README's
 * example make: each request is allowed, and nothing is that no request needs.
 */

const README = await Deno.readTextFile(join(KIT, "README.md"));
const FIXTURES = join(KIT, "fixtures");
const WINDOW = ["--since", "2026-03-10", "--until", "2026-03-13"];
const ACCOUNT = "111122223333";

/** One statement of a policy of AWS. */
interface Statement {
  Effect: "Allow";
  Action: string | string[];
  Resource: string | string[];
  Condition?: { StringLike: { "s3:prefix": string | string[] } };
}

/** What a request must be allowed; `prefix` is what a listing asks for. */
interface Need {
  action: string;
  resource: string;
  prefix?: string;
}

async function policyOf(source: string): Promise<Statement[]> {
  const text = await Deno.readTextFile(join(KIT, "lib/sources", source, "policy.json"));
  return JSON.parse(text).Statement;
}

/** The sources of the README's example that are in a cloud. */
function exampleSource(kind: string, where: (source: Source) => boolean): Source {
  const [, example] = /^```yaml\n(sources:\n[^]*?)^```/m.exec(README)!;
  const { sources } = parse(example!);
  const found = (sources as Source[]).find((source) => source["kind"] === kind && where(source));
  assert.ok(found, `the README's example has such a source of kind ${kind}`);
  return found;
}

// deno-lint-ignore no-explicit-any -- the configuration's schema reads it anew
type Source = Record<string, any>;

const listOf = (texts: string | string[]) => [texts].flat();

function isLike(text: string, pattern: string): boolean {
  const escaped = pattern.split("*").map((part) => part.replace(/[.?+^$|(){}[\]\\]/g, "\\$&"));
  return new RegExp(`^${escaped.join(".*")}$`).test(text);
}

/** Whether a statement allows what is needed, by one of its resources. */
function allows({ Resource, Action, Condition }: Statement, need: Need): boolean {
  const prefixes = Condition?.StringLike["s3:prefix"];
  return listOf(Action).includes(need.action) &&
    listOf(Resource).some((pattern) => isLike(need.resource, pattern)) &&
    (prefixes === undefined ||
      need.prefix !== undefined && listOf(prefixes).some((it) => isLike(need.prefix!, it)));
}

/** Both ways: whatever is needed is allowed, and each action and resource is needed. */
function assertLeast(policy: readonly Statement[], needs: readonly Need[]): void {
  const told = (need: Need) => JSON.stringify(need);
  const refused = needs.filter((need) => !policy.some((statement) => allows(statement, need)));
  assert.deepEqual([...new Set(refused.map(told))], [], "requests that the policy refuses");
  const idle = policy.flatMap((statement) => {
    const used = needs.filter((need) => allows(statement, need));
    return [
      ...listOf(statement.Action).filter((action) => !used.some((need) => need.action === action)),
      ...listOf(statement.Resource).filter((pattern) =>
        !used.some(({ resource }) => isLike(resource, pattern))
      ),
    ];
  });
  assert.deepEqual(idle, [], "what the policy allows and nobody needs");
}

/** A table of Athena, as the configuration names it. */
interface Table {
  region: string;
  workgroup: string;
  database: string;
  table: string;
  output: string;
}

/** What requests to Athena need, with what Athena does in the caller's name for a query. */
function needsOfAthena(
  { requests }: AthenaServer,
  { region, workgroup, database, table, output, data, isRegistered }: Table & {
    /** Bucket and prefix of the table's files. */
    data: [bucket: string, prefix: string];
    /** Whether its days are partitions of the catalogue, not projected. */
    isRegistered: boolean;
  },
): Need[] {
  const [, results, below] = /^s3:\/\/([^/]+)\/?(.*?)\/?$/.exec(output)!;
  const object = [results, below, "x.csv"].filter(Boolean).join("/");
  const glue = (action: string, ...names: string[]) =>
    names.map((name): Need => ({
      action: `glue:${action}`,
      resource: `arn:aws:glue:${region}:${ACCOUNT}:${name}`,
    }));
  const names = [`table/${database}/${table}`, `database/${database}`, "catalog"];
  const look = [...glue("GetDatabase", ...names.slice(1)), ...glue("GetTable", ...names)];
  const s3 = (action: string, path: string, prefix?: string): Need => ({
    ...{ action: `s3:${action}`, resource: `arn:aws:s3:::${path}` },
    ...prefix !== undefined && { prefix },
  });
  const query = [
    ...look,
    ...isRegistered ? glue("GetPartitions", ...names) : [],
    s3("GetBucketLocation", results!),
    s3("ListBucket", results!, below),
    ...["PutObject", "GetObject", "AbortMultipartUpload"].map((action) => s3(action, object)),
    s3("GetBucketLocation", data[0]),
    s3("ListBucket", data[0], data[1]),
    s3("GetObject", `${data[0]}/${data[1]}x`),
  ];
  return requests.flatMap(({ operation }): Need[] => {
    const own = (resource: string): Need => ({
      action: `athena:${operation}`,
      resource: `arn:aws:athena:${region}:${ACCOUNT}:${resource}`,
    });
    if (operation === "GetTableMetadata") return [own("datacatalog/AwsDataCatalog"), ...look];
    const needs = [own(`workgroup/${workgroup}`)];
    return operation === "StartQueryExecution" ? [...needs, ...query] : needs;
  });
}

/** What requests to S3 need. */
function needsOfS3({ requests }: S3Server): Need[] {
  return requests.map(({ operation, bucket, key, versionId }): Need => {
    const [ofBucket, ofObject] = [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/${key}`];
    switch (operation) {
      case "ListObjectsV2":
        return { action: "s3:ListBucket", resource: ofBucket, prefix: key };
      case "ListObjectVersions":
        return { action: "s3:ListBucketVersions", resource: ofBucket, prefix: key };
      case "GetBucketVersioning":
        return { action: "s3:GetBucketVersioning", resource: ofBucket };
      case "Head":
      case "Get": {
        const action = versionId === null ? "s3:GetObject" : "s3:GetObjectVersion";
        return { action, resource: ofObject };
      }
    }
  });
}

/** Checks, plans and pulls a source by the command line, clouds being on the loopback address. */
async function goThrough(
  folder: string,
  { source, athena, s3 }: { source: Source; athena?: AthenaServer; s3: S3Server },
): Promise<void> {
  const config = join(folder, `${crypto.randomUUID()}.yaml`);
  await Deno.writeTextFile(
    config,
    JSON.stringify({ store: `${config}.sqlite`, sources: [source] }),
  );
  const env = {
    ...{ AWS_ENDPOINT_URL_S3: s3.endpoint, AWS_REGION: "eu-west-1" },
    ...athena && { AWS_ENDPOINT_URL_ATHENA: athena.endpoint },
    ...{ AWS_ACCESS_KEY_ID: "AKIATEST", AWS_SECRET_ACCESS_KEY: "secret" },
    AWS_EC2_METADATA_DISABLED: "true",
  };
  for (const [name, value] of Object.entries(env)) Deno.env.set(name, value);
  try {
    const pull = ["pull", source["kind"], ...WINDOW];
    await shellscope("doctor", "--config", config);
    for (const verb of [[...pull, "--dry-run"], pull]) {
      const { status, err } = await shellscope(...verb, "--config", config);
      // some of the fixtures' recordings and files are broken
      assert.ok(status === 0 || status === 3, err);
    }
    if (athena === undefined) return;
    // a query that nobody waits for any more is stopped
    athena.fault = ({ operation }) =>
      operation === "GetQueryExecution"
        ? { kind: "error", status: 400, type: "InvalidRequestException" }
        : null;
    const { status } = await shellscope(...pull, "--force", "--config", config);
    assert.equal(status, 1);
  } finally {
    for (const name of Object.keys(env)) Deno.env.delete(name);
  }
}

/** A few objects are cut at first: reading goes on in the version that it began with. */
function cutSome(s3: S3Server): void {
  const cut = new Set<string>();
  s3.fault = ({ operation, key }) => {
    if (operation !== "Get" || cut.has(key) || cut.size === 3) return null;
    cut.add(key);
    return { kind: "cut", afterBytes: 100 };
  };
}

Deno.test("the policy for Teleport's storage is what its source needs, and no more", async () => {
  using folder = temporaryFolder();
  const source = exampleSource("teleport", ({ events }) => "athena" in events);
  const bucket = new URL(source["recordings"].s3).hostname;
  const table = teleportTable(join(FIXTURES, "teleport/events"), source["events"].athena.table);
  const metadata = (name: string) =>
    JSON.parse(
      JSON.stringify(table.metadata(name)).replaceAll("s3://longterm/", `s3://${bucket}/`),
    );
  await using athena = await openAthenaServer({ events: { ...table, metadata } });
  await using s3 = await startS3Server({
    ...{ bucket, folder: join(FIXTURES, "teleport"), versioning: "Enabled" },
  });
  cutSome(s3);
  await goThrough(folder.path, { source, athena, s3 });
  assertLeast(await policyOf("teleport"), [
    ...needsOfAthena(athena, {
      ...source["events"].athena,
      ...{ data: [bucket, "events/"], isRegistered: false },
    }),
    ...needsOfS3(s3),
  ]);
  assert.ok(s3.requests.length > 60 && athena.executions.length >= 5);
});

Deno.test("the policy for CloudTrail is what a table and a bucket need, and no more", async () => {
  using folder = temporaryFolder();
  const table = exampleSource("aws", (source) => "athena" in source);
  const { accounts: _, ...bucketSource } = exampleSource(
    "aws",
    ({ archive }) => archive?.startsWith("s3:"),
  );
  const { hostname: bucket } = new URL(bucketSource["archive"]);
  const tree = join(folder.path, "tree");
  await copyWhole(join(FIXTURES, "aws"), tree);
  await using athena = await openAthenaServer({
    events: trailTable(tree, { name: table["athena"].table }),
  });
  await using s3 = await startS3Server({ bucket, folder: tree, versioning: "Enabled" });
  cutSome(s3);
  await goThrough(folder.path, { source: table, athena, s3 });
  const atTable = s3.requests.length;
  await goThrough(folder.path, { source: bucketSource, s3 });
  const ofBucket = needsOfS3(s3);
  const policy = await policyOf("aws");
  assertLeast(policy, [
    ...needsOfAthena(athena, {
      ...table["athena"],
      ...{ data: [bucket, `AWSLogs/${ACCOUNT}/CloudTrail/`], isRegistered: true },
    }),
    ...ofBucket,
  ]);
  assert.ok(s3.requests.length > atTable + 60 && athena.executions.length >= 1);
  // what the README says of a bucket without a table: its last two statements suffice
  assertLeast(policy.slice(-2), ofBucket.slice(atTable));
});

/** What BigQuery's API asks for, by the permission of each request; a job's own need none. */
const OF_BIGQUERY: Record<string, readonly string[]> = {
  ...{ insert: ["jobs.create", "tables.getData"], "dry run": ["jobs.create", "tables.getData"] },
  ...{ dataset: ["datasets.get"], table: ["tables.get"], tables: ["tables.list"] },
  ...{ results: [], job: [], cancel: [] },
};

Deno.test("the README's permissions for BigQuery are what its source needs, and no more", async () => {
  const { bigquery, ...source } = exampleSource("gcp", (source) => "bigquery" in source);
  const stream = "cloudaudit_googleapis_com_activity";
  const files = [`${FIXTURES}/gcp/cloudaudit.googleapis.com/activity/*/*/*/*.json`];
  const asked = new Set<string>();
  for (const tables of ["partitioned", "daily"]) {
    const id = tables === "daily" ? `${stream}_20260310` : stream;
    await using server = await openBigQueryServer({ tables: [{ id, files }] });
    const clients = { bigquery: { apiEndpoint: server.endpoint, authClient: LOOPBACK_AUTH } };
    const own = { ...source, bigquery: { ...bigquery, tables } };
    await examineSource(own, clients);
    const config = configSchema.parse({ sources: [own] }).sources[0] as ApiSourceConfig;
    using store = openStore(":memory:");
    const options = {
      ...{ since: new Date("2026-03-10"), until: new Date("2026-03-11"), runId: null },
      ...{ idleSeconds: 600, foldSeconds: 2, now: () => new Date("2026-03-20"), ...clients },
    };
    await planApiSource(store, config, options);
    const { calls } = await pullApiSource(store, config, options);
    assert.ok(calls > 0, tables);
    for (const { operation } of server.requests) asked.add(operation);
  }
  const listed = [...README.matchAll(/`bigquery\.(\w+\.\w+)`/g)].map(([, name]) => name);
  const needed = [...asked].flatMap((operation) => {
    assert.ok(OF_BIGQUERY[operation], operation);
    return OF_BIGQUERY[operation]!;
  });
  assert.deepEqual([...new Set(listed)].sort(), [...new Set(needed)].sort());
});

Deno.test("the README lists what the policies for AWS allow", async () => {
  const [, section] = /^### What AWS must allow\n([^]*?)^Besides/m.exec(README)!;
  const listed = [...section!.matchAll(/`((?:athena|glue|s3):\w+)`/g)].map(([, action]) => action);
  const policies = await Promise.all(["teleport", "aws"].map(policyOf));
  const allowed = policies.flat().flatMap(({ Action }) => listOf(Action));
  assert.deepEqual([...new Set(listed)].sort(), [...new Set(allowed)].sort());
});
