import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { configSchema } from "../../../lib/config/config.ts";
import { examine } from "../../../lib/pipeline/doctor/doctor.ts";
import type { Check } from "../../../lib/pipeline/doctor/check.ts";
import type { S3Options } from "../../../lib/sources/s3.ts";
import { inFolder } from "../../sources/archive_folder.ts";
import { assertCheck, examineSource, type Expected, on, withoutCredentials } from "../examined.ts";
import {
  type S3Fault,
  type S3Request,
  type S3ServerOptions,
  startS3Server,
} from "../../sources/loopback/s3_server.ts";

const FIXTURES = fileURLToPath(new URL("../../../fixtures", import.meta.url));
const BUCKET = "longterm-x";
const CREDENTIALS = { accessKeyId: "test", secretAccessKey: "test" };

interface S3Case {
  recordings?: Record<string, unknown>;
  server?: Partial<S3ServerOptions>;
  fault?: (request: S3Request) => S3Fault | null;
  s3?: S3Options;
}

async function examineS3({ recordings, server, fault, s3 }: S3Case = {}): Promise<Check[]> {
  const served = { bucket: BUCKET, folder: join(FIXTURES, "teleport"), ...server };
  await using loopback = await startS3Server(served);
  if (fault) loopback.fault = fault;
  return await examineSource(
    {
      kind: "teleport",
      events: { archive: join(FIXTURES, "teleport/events") },
      recordings: { s3: `s3://${BUCKET}/sessions`, region: "eu-west-1", ...recordings },
    },
    {
      s3: {
        ...{ endpoint: loopback.endpoint, pathStyle: true, credentials: CREDENTIALS },
        ...s3,
      },
    },
  );
}

Deno.test("examine() finds nothing wrong with a bucket that can be read", async () => {
  const checks = await examineS3({ server: { versioning: "Enabled", encryption: "aws:kms" } });
  assert.deepEqual(checks.filter(({ state }) => state !== "ok"), []);
  assert.deepEqual(checks.map(({ check }) => check), [
    ...["events", "events file"],
    ...["credentials", "region", "bucket", "recording", "encryption", "versioning"],
  ]);
});

const KMS = "not authorized to perform: kms:Decrypt on resource: arn:aws:kms:eu-west-1:1:key/k";
const S3_CASES: readonly [what: string, S3Case, Expected][] = [
  ["no list permission", { fault: on("ListObjectsV2", 403, "AccessDenied") }, [
    ...["bucket", "failed"] as const,
    /allow s3:ListBucket/,
  ]],
  ["too busy for long", { fault: on("ListObjectsV2", 503, "SlowDown") }, [
    ...["bucket", "failed"] as const,
    /SlowDown.*check the network and the endpoint/,
  ]],
  ["gone meanwhile", { fault: on("Get", 404, "NoSuchKey") }, [
    ...["recording", "failed"] as const,
    /run the check again/,
  ]],
  ["refused for no known reason", { fault: on("Get", 400, "Odd") }, [
    ...["recording", "failed"] as const,
    /Odd.*check the address/,
  ]],
  ["no such bucket", { fault: on("ListObjectsV2", 404, "NoSuchBucket") }, [
    ...["bucket", "failed"] as const,
    /no bucket.*check the name/,
  ]],
  ["expired", { fault: on("ListObjectsV2", 400, "ExpiredToken") }, [
    ...["bucket", "failed"] as const,
    /ExpiredToken.*aws sso login/,
  ]],
  [
    "another region",
    {
      fault: on("ListObjectsV2", 400, "AuthorizationHeaderMalformed", {
        extra: "<Region>us-east-2</Region>",
      }),
    },
    ["bucket", "failed", /lies in us-east-2 > set that as `region`/],
  ],
  ["nothing below the prefix", { recordings: { s3: `s3://${BUCKET}/elsewhere` } }, [
    ...["bucket", "failed"] as const,
    /no <id>.tar below .*check the prefix/,
  ]],
  ["no get permission", { fault: on("Get", 403, "AccessDenied") }, [
    ...["recording", "failed"] as const,
    /allow s3:GetObject/,
  ]],
  ["no key permission", { fault: on("Get", 403, "AccessDenied", { message: KMS }) }, [
    ...["recording", "failed"] as const,
    /allow kms:Decrypt on the KMS key arn:aws:kms:eu-west-1:1:key\/k/,
  ]],
  [
    "archived",
    {
      fault: on("Get", 403, "InvalidObjectState", {
        extra: "<StorageClass>GLACIER</StorageClass>",
      }),
    },
    ["recording", "failed", /GLACIER > restore it \(s3:RestoreObject\)/],
  ],
  ["no head permission", { fault: on("Head", 403, "AccessDenied") }, [
    ...["encryption", "failed"] as const,
    /allow s3:GetObject/,
  ]],
  ["not encrypted", {}, ["encryption", "warning", /s3:PutEncryptionConfiguration/]],
  ["not versioned", {}, ["versioning", "warning", /Off > .*s3:PutBucketVersioning/]],
  ["not versioned, though wanted", { recordings: { oldestVersion: true } }, [
    ...["versioning", "failed"] as const,
    /oldestVersion.*s3:PutBucketVersioning/,
  ]],
  ["no version permission", { fault: on("GetBucketVersioning", 403, "AccessDenied") }, [
    ...["versioning", "warning"] as const,
    /allow s3:GetBucketVersioning/,
  ]],
  [
    "no version permission, though needed",
    {
      recordings: { oldestVersion: true },
      fault: on("GetBucketVersioning", 403, "AccessDenied"),
    },
    ["versioning", "failed", /allow s3:GetBucketVersioning/],
  ],
];

for (const [what, setting, expected] of S3_CASES) {
  Deno.test(`examine() of a bucket says what mends it: ${what}`, async () => {
    assertCheck(await examineS3(setting), expected, what);
  });
}

Deno.test("examine() of a bucket that holds something else says so", async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(join(folder, "sessions"));
    await Deno.writeTextFile(join(folder, "sessions/a.tar"), "this is no recording at all");
    const checks = await examineS3({ server: { folder } });
    assertCheck(checks, ["recording", "failed", /no recording of Teleport's > check/], "text");
  });
});

Deno.test("examine() of a bucket of encrypted recordings says who can read them", async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(join(folder, "sessions"));
    // version 2, sizes, and the flag of an encrypted part
    const header = new DataView(new ArrayBuffer(32));
    header.setBigUint64(0, 2n);
    header.setUint8(24, 1);
    await Deno.writeFile(join(folder, "sessions/a.tar"), new Uint8Array(header.buffer));
    const checks = await examineS3({ server: { folder } });
    assertCheck(checks, ["recording", "warning", /encrypted > .*Auth alone/], "encrypted");
  });
});

Deno.test("examine() says how to name a source, where none is named", async () => {
  const checks = await Array.fromAsync(examine(configSchema.parse({ sources: [] })));
  assertCheck(checks, ["sources", "failed", /`deno task shellscope init`/], "no sources");
});

Deno.test("examine() says how to get credentials and a region, where there are none", async () => {
  await withoutCredentials(async () => {
    const setting = { s3: { credentials: undefined, region: undefined } };
    const checks = await examineS3({ ...setting, recordings: { region: undefined } });
    assertCheck(checks, ["credentials", "failed", /aws sso login/], "S3");
    assertCheck(checks, ["region", "failed", /AWS_REGION/], "S3");
    const athena = await examineAthena({ credentials: undefined });
    assertCheck(athena, ["credentials", "failed", /AWS_PROFILE/], "Athena");
    Deno.env.set("AWS_ACCESS_KEY_ID", "test");
    Deno.env.set("AWS_SECRET_ACCESS_KEY", "test");
    const found = await examineS3(setting);
    assertCheck(found, ["credentials", "ok", /from: environment variables/], "environment");
  });
});

/** Athena's answers about a workgroup and a table, each replaceable by a refusal. */
interface AthenaCase {
  workgroup?: object;
  /** null: nothing is known of it. */
  table?: object | null;
  refused?: Record<string, string>;
  credentials?: undefined;
}

const COLUMNS = ["uid", "session_id", "event_type", "event_time", "event_data", "user"].map((
  Name,
) => ({
  Name,
  Type: Name === "event_time" ? "timestamp" : "string",
}));
const TABLE = {
  Name: "teleport_events",
  Columns: COLUMNS,
  PartitionKeys: [{ Name: "event_date", Type: "date" }],
  Parameters: {
    "projection.enabled": "true",
    "projection.event_date.type": "date",
    "projection.event_date.format": "yyyy-MM-dd",
    "projection.event_date.range": "NOW-4YEARS,NOW",
    "storage.location.template": "s3://longterm-x/events/${event_date}/",
  },
};

async function examineAthena(setting: AthenaCase = {}): Promise<Check[]> {
  const { workgroup = {}, table = {}, refused = {} } = setting;
  const limit = { BytesScannedCutoffPerQuery: 50_000_000_000 };
  const answers: Record<string, object> = {
    GetWorkGroup: {
      WorkGroup: { Name: "x", State: "ENABLED", Configuration: limit, ...workgroup },
    },
    GetTableMetadata: table === null ? {} : { TableMetadata: { ...TABLE, ...table } },
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const operation = request.headers.get("x-amz-target")?.split(".")[1] ?? "";
    const error = refused[operation];
    const body = error === undefined ? answers[operation] : { __type: error, message: error };
    return Response.json(body, { status: error === undefined ? 200 : 400 });
  });
  try {
    return await examineSource({
      kind: "teleport",
      events: {
        athena: {
          ...{ region: "eu-west-1", workgroup: "teleport_events_x", database: "teleport_events_x" },
          ...{ table: "teleport_events", output: "s3://transient-x/query_results" },
        },
      },
    }, {
      athena: {
        endpoint: `http://127.0.0.1:${server.addr.port}`,
        ...("credentials" in setting ? {} : { credentials: CREDENTIALS }),
      },
    });
  } finally {
    await server.shutdown();
  }
}

Deno.test("examine() finds nothing wrong with Teleport's own table", async () => {
  const checks = await examineAthena();
  assert.deepEqual(checks.map(({ check, state }) => [check, state]), [
    ...["credentials", "region", "workgroup", "scan limit", "columns", "partitions"]
      .map((check) => [check, "ok"]),
    ["recordings", "skipped"],
  ]);
});

const ATHENA_CASES: readonly [what: string, AthenaCase, Expected][] = [
  ["no permission on the workgroup", { refused: { GetWorkGroup: "AccessDeniedException" } }, [
    ...["workgroup", "failed"] as const,
    /allow athena:GetWorkGroup on workgroup\/teleport_events_x/,
  ]],
  ["no such workgroup", { refused: { GetWorkGroup: "InvalidRequestException" } }, [
    ...["workgroup", "failed"] as const,
    /check the name, and `region`/,
  ]],
  ["expired", { refused: { GetWorkGroup: "ExpiredTokenException" } }, [
    ...["workgroup", "failed"] as const,
    /aws sso login/,
  ]],
  ["unknown key", { refused: { GetWorkGroup: "UnrecognizedClientException" } }, [
    ...["workgroup", "failed"] as const,
    /AWS_PROFILE or the access key/,
  ]],
  ["throttled for long", { refused: { GetWorkGroup: "ThrottlingException" } }, [
    ...["workgroup", "failed"] as const,
    /try again/,
  ]],
  ["disabled", { workgroup: { State: "DISABLED" } }, [
    ...["workgroup", "failed"] as const,
    /enable it \(athena:UpdateWorkGroup\)/,
  ]],
  ["no scan limit", { workgroup: { Configuration: {} } }, [
    ...["scan limit", "warning"] as const,
    /BytesScannedCutoffPerQuery/,
  ]],
  ["no permission on the table", { refused: { GetTableMetadata: "AccessDeniedException" } }, [
    ...["table", "failed"] as const,
    /allow athena:GetTableMetadata, glue:GetDatabase and glue:GetTable/,
  ]],
  ["no such table", { refused: { GetTableMetadata: "MetadataException" } }, [
    ...["table", "failed"] as const,
    /check `database` and `table`/,
  ]],
  ["a table without an answer", { table: null }, [
    ...["table", "failed"] as const,
    /check `database` and `table`/,
  ]],
  ["another table", { table: { Columns: COLUMNS.slice(2) } }, [
    ...["columns", "failed"] as const,
    /uid is missing, session_id is missing > .*teleport_events/,
  ]],
  ["times as text", { table: { Columns: COLUMNS.map((c) => ({ ...c, Type: "string" })) } }, [
    ...["columns", "failed"] as const,
    /event_time has another type/,
  ]],
  ["no partition key", { table: { PartitionKeys: [] } }, [
    ...["partitions", "failed"] as const,
    /event_date is no partition key/,
  ]],
  ...Object.keys(TABLE.Parameters).map((
    property,
  ): [string, AthenaCase, Expected] => [
    `no ${property}`,
    { table: { Parameters: { ...TABLE.Parameters, [property]: "" } } },
    [
      "partitions",
      "failed",
      new RegExp(`${property.replaceAll(".", "\\.")} is not .*\\(glue:UpdateTable\\)`),
    ],
  ]),
];

for (const [what, setting, expected] of ATHENA_CASES) {
  Deno.test(`examine() of Athena says what mends it: ${what}`, async () => {
    assertCheck(await examineAthena(setting), expected, what);
  });
}

Deno.test("examine() of local folders says what mends them", async () => {
  await inFolder(async (folder) => {
    const path = (name: string) => join(folder, name);
    for (const name of ["empty", "casts", "sessions", "events/2026-03-10"]) {
      await Deno.mkdir(path(name), { recursive: true });
    }
    await Deno.mkdir(path("linked/2026-03-10"), { recursive: true });
    await Deno.symlink(path("gone"), path("linked/2026-03-10/a.parquet"));
    await Deno.writeTextFile(path("casts/a.cast"), "this is no cast");
    await Deno.writeTextFile(path("sessions/a.tar"), "this is no recording");
    await Deno.writeTextFile(path("events/2026-03-10/a.parquet"), "this is no Parquet file");
    const teleport = (events: string, recordings: string) => ({
      kind: "teleport",
      events: { archive: path(events) },
      recordings: { folder: path(recordings) },
    });
    const cases: [source: unknown, Expected][] = [
      [teleport("gone", "sessions"), ["events", "failed", /check the path/]],
      [teleport("empty", "sessions"), ["events", "failed", /YYYY-MM-DD/]],
      [teleport("events", "sessions"), ["events file", "failed", /no whole Parquet .*sync it/]],
      [teleport("linked", "sessions"), ["events file", "failed", /no such file.*check the path/]],
      [teleport("events", "gone"), ["recordings", "failed", /no such file.*check the path/]],
      [teleport("events", "empty"), ["recordings", "failed", /no <id>.tar/]],
      [teleport("events", "sessions"), ["recording", "failed", /no recording of Teleport's/]],
      [{ kind: "teleport", events: { log: path("gone") } }, ["events", "failed", /check the path/]],
      [{ kind: "teleport", events: { log: path("empty") } }, [
        ...["events", "failed"] as const,
        /var\/lib\/teleport\/log/,
      ]],
      [{ kind: "recordings", folder: path("gone") }, ["recordings", "failed", /check the path/]],
      [{ kind: "recordings", folder: path("empty") }, ["recordings", "failed", /no recording in/]],
      [{ kind: "recordings", folder: path("casts") }, ["recording", "failed", /remove it/]],
    ];
    for (const [source, expected] of cases) {
      assertCheck(await examineSource(source), expected, JSON.stringify(source));
    }
  });
});
