import assert from "node:assert/strict";
import type { Check } from "../../../lib/pipeline/doctor/check.ts";
import { inFolder } from "../../sources/archive_folder.ts";
import {
  type AthenaEnd,
  type AthenaFault,
  type AthenaRequest,
  openAthenaServer,
} from "../../sources/loopback/athena_server.ts";
import { type S3Fault, type S3Request, startS3Server } from "../../sources/loopback/s3_server.ts";
import { type TrailMetadata, trailTable } from "../../sources/loopback/trail_table.ts";
import { clientsOf, TRAIL_BUCKET, TRAIL_NAME, writeSmallTrail } from "../api/cloudtrail_places.ts";
import { assertCheck, examineSource, type Expected, on, withoutCredentials } from "../examined.ts";

const NOW = new Date("2026-03-10T09:16:00Z");
const PARTITIONS = { account: "account", region: "region", day: "timestamp" };

interface AwsCase {
  /** Beside what a table's or a bucket's configuration has. */
  source?: Record<string, unknown>;
  table?: Record<string, unknown>;
  /** Whether the table's days are registered, not projected. */
  isRegistered?: boolean;
  /** What lies in the newest file. */
  content?: unknown;
  without?: string[];
  metadata?: (metadata: TrailMetadata) => TrailMetadata | null;
  athena?: (request: AthenaRequest) => AthenaFault | null;
  end?: AthenaEnd;
  s3?: (request: S3Request) => S3Fault | null;
  credentials?: undefined;
  now?: Date;
}

/** All checks of a table of Athena, or with `archive` in the source of a bucket. */
async function examineAws(setting: AwsCase = {}): Promise<Check[]> {
  const { source = {}, table = {}, content, now = NOW, end } = setting;
  return await inFolder(async (folder) => {
    await writeSmallTrail(folder, content);
    const { without = [], metadata = (found: TrailMetadata) => found } = setting;
    const day = { ...{ name: "timestamp", type: "string" }, of: (day: string) => day };
    await using athena = await openAthenaServer({
      events: trailTable(folder, {
        ...{ name: TRAIL_NAME, without, metadata },
        day: setting.isRegistered ? day : { ...day, format: "yyyy/MM/dd" },
      }),
      ...(setting.athena && { fault: setting.athena }),
      ...(end && { end: () => end }),
    });
    await using s3 = await startS3Server({ bucket: TRAIL_BUCKET, folder });
    if (setting.s3) s3.fault = setting.s3;
    const clients = clientsOf({ athena, s3 });
    const without_ = "credentials" in setting ? { credentials: undefined } : {};
    const { region: _, ...bucket } = clients.s3!;
    return await examineSource({
      kind: "aws",
      ...("archive" in source ? { region: "eu-west-1" } : {
        athena: {
          ...{ region: "eu-west-1", workgroup: "research", database: "logs", table: TRAIL_NAME },
          ...{ output: "s3://results-x/", partitions: PARTITIONS, ...table },
        },
      }),
      ...source,
    }, { athena: { ...clients.athena, ...without_ }, s3: { ...bucket, ...without_ }, now });
  });
}

const BUCKET = { archive: `s3://${TRAIL_BUCKET}/AWSLogs` };
const OF_FILES = ["bucket", "files", "object", "delivery"];

Deno.test("examine() finds nothing wrong with CloudTrail's table and bucket", async () => {
  const table = await examineAws();
  assert.deepEqual(table.map(({ check, state }) => [check, state]), [
    ...["credentials", "region", "workgroup"].map((check) => [check, "ok"]),
    ["scan limit", "warning"],
    ...["columns", "partitions", "query", ...OF_FILES].map((check) => [check, "ok"]),
  ]);
  assertCheck(table, ["partitions", "ok", /account, region, timestamp, projected/], "table");
  const bucket = await examineAws({ source: BUCKET });
  assert.deepEqual(bucket.map(({ check, state }) => [check, state]), [
    ...["credentials", "region", ...OF_FILES].map((check) => [check, "ok"]),
  ]);
  for (const checks of [table, bucket]) {
    assertCheck(checks, ["bucket", "ok", /1 folders: 1 accounts, 1 regions/], "bucket");
    const lag = /newest file: 6 minutes ago; its calls were made 8 to 10 minutes before/;
    assertCheck(checks, ["delivery", "ok", lag], "delivery");
  }
});

function refused(operation: string, type: string, message = "") {
  return (request: AthenaRequest): AthenaFault | null =>
    request.operation === operation ? { kind: "error", status: 400, type, message } : null;
}

const denied = (action: string) =>
  `User: arn:aws:iam::111122223333:user/ana is not authorized to perform: ${action} on resource: x`;
const failedWith = (reason: string): AwsCase => ({ end: { state: "FAILED", reason } });

const TABLE_CASES: readonly [what: string, AwsCase, Expected][] = [
  ["no permission on the workgroup", { athena: refused("GetWorkGroup", "AccessDeniedException") }, [
    ...["workgroup", "failed"] as const,
    /allow athena:GetWorkGroup on workgroup\/research/,
  ]],
  ["no permission on the table", {
    athena: refused("GetTableMetadata", "AccessDeniedException"),
  }, ["table", "failed", /allow athena:GetTableMetadata, glue:GetDatabase and glue:GetTable/]],
  ["no such table", { table: { table: "other" } }, [
    ...["table", "failed"] as const,
    /check `database` and `table`/,
  ]],
  ["missing columns", { without: ["eventid", "useridentity"] }, [
    ...["columns", "failed"] as const,
    /no useridentity.type, .*eventid as text.* > check `database`.*make it anew/,
  ]],
  ["an older table", { without: ["sessioncredentialfromconsole", "resources"] }, [
    ...["columns", "warning"] as const,
    /no sessioncredentialfromconsole, resources\[\].arn, .* > make the table anew/,
  ]],
  ["a partition of another name", { table: { partitions: { ...PARTITIONS, day: "dt" } } }, [
    ...["partitions", "failed"] as const,
    /"dt" is no partition of it: it has account, region, timestamp > set `partitions.day`/,
  ]],
  ["no partitions", {
    table: { partitions: { day: "timestamp" } },
    metadata: (found) => ({ ...found, PartitionKeys: [] }),
  }, ["partitions", "failed", /it has none > set `partitions.day`, or make .*bill all of it/]],
  ["no partition of accounts", { table: { partitions: { account: "acct", day: "timestamp" } } }, [
    ...["partitions", "failed"] as const,
    /"acct" is no partition .* > set `partitions.account`, or leave it away/,
  ]],
  ["accounts that each query must name", { metadata: injected("account") }, [
    ...["partitions", "failed"] as const,
    /injected: each query .* > list the accounts to be read under `accounts`/,
  ]],
  ["another partition that each query must name", {
    table: { partitions: { day: "timestamp" } },
    metadata: injected("region"),
  }, [
    "partitions",
    "failed",
    /"region" is projected as injected.* > project it as a date or a list/,
  ]],
  ["days in another form", {
    metadata: (found) => ({
      ...found,
      Parameters: { ...found.Parameters, "projection.timestamp.format": "dd.MM.yy" },
    }),
  }, ["partitions", "failed", /the form dd.MM.yy > .*projection.timestamp.format .*UpdateTable/]],
  ["days as numbers", {
    metadata: (found) => ({
      ...found,
      PartitionKeys: found.PartitionKeys.map((key) => ({ ...key, Type: "int" })),
    }),
  }, ["partitions", "failed", /of the type int > make it a string .*`year` and `month`/]],
  ...(["StartQueryExecution", "GetQueryExecution", "GetQueryResults"] as const).map((
    operation,
  ): [string, AwsCase, Expected] => [
    `no permission: ${operation}`,
    { athena: refused(operation, "AccessDeniedException", denied(`athena:${operation}`)) },
    ["query", "failed", new RegExp(`> allow athena:${operation} on workgroup/research`)],
  ]),
  ["no permission to query, without words", {
    athena: refused("StartQueryExecution", "AccessDeniedException"),
  }, [
    "query",
    "failed",
    /> allow athena:StartQueryExecution, .* glue:GetPartitions .*s3:PutObject/,
  ]],
  ["no partitions to be had", failedWith(denied("glue:GetPartitions")), [
    ...["query", "failed"] as const,
    /> allow glue:GetPartitions on logs.cloudtrail_logs/,
  ]],
  ["no key", failedWith(denied("kms:Decrypt")), [
    ...["query", "failed"] as const,
    /> allow kms:Decrypt on the key/,
  ]],
  ["results that can't be written", failedWith("Access denied when writing output to url: s3"), [
    ...["query", "failed"] as const,
    /results can't be written > allow s3:GetBucketLocation, s3:PutObject, .* on s3:\/\/results-x\//,
  ]],
  ["Lake Formation", failedWith("Insufficient Lake Formation permission(s): Required Select"), [
    ...["query", "failed"] as const,
    /> grant SELECT and DESCRIBE on logs.cloudtrail_logs/,
  ]],
  ["columns of other types", failedWith("TYPE_MISMATCH: line 9:3: Unexpected parameters"), [
    ...["query", "failed"] as const,
    /TYPE_MISMATCH.* > make the table anew/,
  ]],
  ["the newest day registered", { isRegistered: true }, [
    ...["newest partition", "ok"] as const,
    /2026\/03\/10/,
  ]],
  ["days that nobody registered", { isRegistered: true, now: new Date("2026-03-12T09:00:00Z") }, [
    ...["newest partition", "warning"] as const,
    /2026\/03\/10 > register the days since \(ALTER TABLE/,
  ]],
  ["no day registered", { isRegistered: true, content: { Records: [] } }, [
    ...["newest partition", "failed"] as const,
    /none of the last 7 days is registered > register the days/,
  ]],
  ["a table without a place", {
    metadata: (found) => ({
      ...found,
      Parameters: { ...found.Parameters, location: "", "storage.location.template": "" },
    }),
  }, ["bucket", "warning", /does not say where .* > make the table anew/]],
];

function injected(name: string): (metadata: TrailMetadata) => TrailMetadata {
  return (found) => ({
    ...found,
    Parameters: { ...found.Parameters, [`projection.${name}.type`]: "injected" },
  });
}

for (const [what, setting, expected] of TABLE_CASES) {
  Deno.test(`examine() of CloudTrail's table says what mends it: ${what}`, async () => {
    assertCheck(await examineAws(setting), expected, what);
  });
}

const KMS = "not authorized to perform: kms:Decrypt on resource: arn:aws:kms:eu-west-1:1:key/k";
const ARCHIVED = { extra: "<StorageClass>GLACIER</StorageClass>" };
const FILE_CASES: readonly [what: string, AwsCase, Expected][] = [
  ["no list permission", { s3: on("ListObjectsV2", 403, "AccessDenied") }, [
    ...["bucket", "failed"] as const,
    /> allow s3:ListBucket/,
  ]],
  ["no such bucket", { s3: on("ListObjectsV2", 404, "NoSuchBucket") }, [
    ...["bucket", "failed"] as const,
    /> check the name/,
  ]],
  ["no listing of the days", {
    s3: (request) =>
      /\/2026\//.test(request.key) ? on("ListObjectsV2", 403, "AccessDenied")(request) : null,
  }, ["files", "failed", /> allow s3:ListBucket/]],
  ["nothing logged", { now: new Date("2026-03-20") }, [
    ...["files", "failed"] as const,
    /none of the last 3 days > start logging .*cloudtrail:StartLogging/,
  ]],
  ["no get permission", { s3: on("Get", 403, "AccessDenied") }, [
    ...["object", "failed"] as const,
    /> allow s3:GetObject/,
  ]],
  ["no key permission", { s3: on("Get", 403, "AccessDenied", { message: KMS }) }, [
    ...["object", "failed"] as const,
    /> allow kms:Decrypt on the KMS key arn:aws:kms/,
  ]],
  ["archived", { s3: on("Get", 403, "InvalidObjectState", ARCHIVED) }, [
    ...["object", "failed"] as const,
    /GLACIER > restore it \(s3:RestoreObject\)/,
  ]],
  ["gone meanwhile", { s3: on("Get", 404, "NoSuchKey") }, [
    ...["object", "failed"] as const,
    /> it was removed meanwhile/,
  ]],
  ["another log", { content: [{ lines: 1, of: "another log" }] }, [
    ...["object", "failed"] as const,
    /no records of CloudTrail are in it > check that the address/,
  ]],
  ["late", { now: new Date("2026-03-10T13:10:00Z") }, [
    ...["delivery", "warning"] as const,
    /newest file: 240 minutes ago.* > .*cloudtrail:GetTrailStatus/,
  ]],
];

for (const [what, setting, expected] of FILE_CASES) {
  Deno.test(`examine() of a trail's bucket says what mends it: ${what}`, async () => {
    assertCheck(await examineAws({ ...setting, source: BUCKET }), expected, what);
    assertCheck(await examineAws(setting), expected, `${what}, below a table`);
  });
}

Deno.test("examine() of a bucket without a trail says which address is wanted", async () => {
  const elsewhere = await examineAws({ source: { archive: `s3://${TRAIL_BUCKET}/other` } });
  assertCheck(
    elsewhere,
    ["bucket", "failed", /no CloudTrail tree below .* > .*holds AWSLogs/],
    "s3",
  );
  const accounts = await examineAws({ source: { ...BUCKET, accounts: ["999988887777"] } });
  assertCheck(accounts, ["bucket", "failed", /for these accounts .* > .*`accounts`/], "accounts");
});

Deno.test("examine() of CloudTrail says how to get credentials, where there are none", async () => {
  await withoutCredentials(async () => {
    const table = await examineAws({ credentials: undefined });
    assertCheck(table, ["credentials", "failed", /aws sso login/], "table");
    const source = { ...BUCKET, region: undefined };
    const bucket = await examineAws({ credentials: undefined, source });
    assertCheck(bucket, ["credentials", "failed", /aws sso login/], "bucket");
    assertCheck(bucket, ["region", "failed", /beside `archive`, or AWS_REGION/], "bucket");
  });
});
