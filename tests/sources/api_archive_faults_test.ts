// What is broken, hostile or odd in archives of API calls: counted, and never at the cost of the rest.
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import fc from "../property.ts";
import { awsArchive } from "../../lib/sources/aws/archive.ts";
import { gcpArchive } from "../../lib/sources/gcp/archive.ts";
import { inOrder, readMinutes } from "./api_minutes.ts";
import { inFolder } from "./archive_folder.ts";

const NOW = new Date("2026-03-12T00:00:00Z");
const WINDOW = { since: new Date("2026-03-10T00:00:00Z"), until: new Date("2026-03-11T00:00:00Z") };
const MARKER = "zq7marker";

function entry(id: number | string, more: Record<string, unknown> = {}, payload = {}) {
  return {
    insertId: `i${id}`,
    logName: "projects/p/logs/cloudaudit.googleapis.com%2Factivity",
    timestamp: "2026-03-10T09:00:00.250Z",
    protoPayload: {
      "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
      serviceName: "compute.googleapis.com",
      methodName: "v1.compute.instances.get",
      resourceName: `projects/p/zones/z/instances/${MARKER}`,
      authenticationInfo: { principalEmail: "ana@example.com" },
      requestMetadata: { callerIp: "203.0.113.9", callerSuppliedUserAgent: "gcloud/1" },
      request: { secret: MARKER },
      status: { message: MARKER },
      ...payload,
    },
    ...more,
  };
}

function record(id: number | string, more: Record<string, unknown> = {}) {
  return {
    eventTime: "2026-03-10T09:00:07Z",
    eventID: `e${id}`,
    eventSource: "ec2.amazonaws.com",
    eventName: "DescribeInstances",
    awsRegion: "eu-west-1",
    sourceIPAddress: "203.0.113.9",
    userAgent: "aws-cli/2",
    userIdentity: { type: "IAMUser", arn: "arn:aws:iam::1:user/ana", accessKeyId: "AKIA1" },
    requestParameters: { secret: MARKER },
    errorMessage: MARKER,
    resources: [{ ARN: `arn:aws:s3:::${MARKER}`, type: "AWS::S3::Bucket" }],
    recipientAccountId: "1",
    ...more,
  };
}

const lines = (values: readonly unknown[]) =>
  values.map((value) => typeof value === "string" ? value : JSON.stringify(value)).join("\n") +
  "\n";
const records = (values: readonly unknown[]) => JSON.stringify({ Records: values });

const HOUR = "2026/03/10/09:00:00_09:59:59_S0";
const DELIVERY =
  "AWSLogs/1/CloudTrail/eu-west-1/2026/03/10/1_CloudTrail_eu-west-1_20260310T0905Z_x";

async function readFiles(
  cloud: "gcp" | "aws",
  files: Readonly<Record<string, string | Uint8Array>>,
  options: { salt?: string } = {},
) {
  return await inFolder(async (folder) => {
    for (const [name, content] of Object.entries(files)) {
      const path = `${folder}/${name}`;
      await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
      if (typeof content === "string") await Deno.writeTextFile(path, content);
      else await Deno.writeFile(path, content);
    }
    await using source = (cloud === "gcp" ? gcpArchive : awsArchive)(folder, { now: NOW });
    const read = await readMinutes(source, { window: WINDOW, ...options });
    return {
      ...read,
      names: Object.values(read.uris).flat().map((uri) => uri.slice(folder.length)),
    };
  });
}

Deno.test("archives keep 1,000 of 100,000 calls of one minute, and count the rest", async () => {
  const ids = Array.from({ length: 100_000 }, (_, id) => id);
  const gcp = await readFiles("gcp", { [`${HOUR}.json`]: lines(ids.map((id) => entry(id))) });
  const aws = await readFiles("aws", {
    [`${DELIVERY}.json.gz`]: gzipSync(records(ids.map((id) => record(id)))),
  });
  for (const { minutes, calls, skips } of [gcp, aws]) {
    assert.equal(minutes.length, 1);
    assert.deepEqual([minutes[0]!.calls.length, minutes[0]!.callsOmitted], [1000, 99_000]);
    assert.deepEqual([calls, skips], [100_000, {}]);
  }
});

Deno.test("archives keep principals of 10 KB apart, bounded, and run nothing of them", async () => {
  const long = (end: string) =>
    `'; DROP TABLE x; --\u0000\u001b[31m\u202e"],["${"a".repeat(10_240)}${end}`;
  const email = (end: string) => ({ authenticationInfo: { principalEmail: long(end) } });
  const gcp = await readFiles("gcp", {
    [`${HOUR}.json`]: lines([entry(1, {}, email("1")), entry(2, {}, email("2")), entry(3)]),
  });
  const arn = (end: string) => ({ userIdentity: { type: "IAMUser", arn: long(end) } });
  const aws = await readFiles("aws", {
    [`${DELIVERY}.json.gz`]: gzipSync(
      records([record(1, arn("1")), record(2, arn("2")), record(3)]),
    ),
  });
  for (const { minutes } of [gcp, aws]) {
    const names = minutes.map(({ principal }) => principal.name);
    assert.equal(new Set(names).size, 3);
    assert.ok(names.every((name) => name.length <= 512));
    assert.equal(names.filter((name) => name.startsWith("'; DROP TABLE x; --")).length, 2);
  }
});

Deno.test("gcpArchive() counts entries it can't use by reason", async () => {
  const { calls, skips, names } = await readFiles("gcp", {
    [`${HOUR}.json`]: lines([
      entry(1),
      entry(1),
      entry(2, {}, { authenticationInfo: {} }),
      entry(3, { timestamp: "soon" }),
      entry(4, { timestamp: "2087-01-01T00:00:00Z" }),
      entry(5, { timestamp: "2026-03-10T15:00:00Z" }),
      entry(6, {}, { "@type": "type.googleapis.com/other" }),
      { insertId: "i7", textPayload: MARKER },
      entry(8, {}, { serviceName: 7, methodName: { a: 1 } }),
      "no json",
      '{"insertId":"cut',
      "[1,2]",
      "",
    ]),
    "2026/03/10/10:00:00_10:59:59_S[0].json.gz": gzipSync(lines([
      entry(9, { timestamp: "2026-03-10 10:00:00.5" }),
    ])),
  });
  assert.deepEqual(skips, {
    "entry was delivered more than once": 1,
    "entry without a principal": 1,
    "entry without a time": 1,
    "entry of a clock far in the future": 1,
    "entry lies outside the hour of its file": 1,
    "payload of another type": 1,
    "entry without an audit payload": 1,
    "line is no log entry": 3,
  });
  assert.equal(calls, 3);
  assert.ok(names.every((name) => name === "" || name === `/${HOUR}.json`));
});

Deno.test("awsArchive() counts records it can't use by reason", async () => {
  const { calls, skips } = await readFiles("aws", {
    [`${DELIVERY}.json.gz`]: gzipSync(records([
      record(1),
      record(1),
      record(2, { userIdentity: null }),
      record(3, { eventTime: "soon" }),
      record(4, { eventTime: "2087-01-01T00:00:00Z" }),
      record(5, { eventTime: "2026-03-01T00:00:00Z" }),
      record(6, { userIdentity: "root", resources: "none", userAgent: { a: 1 } }),
      { some: "thing" },
      7,
    ])),
    "digests/CloudTrail-Digest/2026/03/10/d.json.gz": gzipSync("{}"),
  });
  assert.deepEqual(skips, {
    "entry was delivered more than once": 1,
    "record has no identity": 2,
    "record has no time": 1,
    "record is of a later day than its file": 1,
    "record is of an earlier day than its file": 1,
    "entry is no CloudTrail record": 2,
  });
  assert.equal(calls, 1);
});

const FORMS: [form: string, gcp: Record<string, string | Uint8Array>][] = [
  ["one JSON array", { "logs.json": JSON.stringify([entry(1), entry(2)], null, 2) }],
  ["objects over lines", {
    "a.json": [1, 2].map((id) => JSON.stringify(entry(id), null, 1)).join(),
  }],
  ["a byte order mark", { "a.jsonl": `\ufeff${lines([entry(1), entry(2)])}` }],
  ["gzip without its ending", { "a.json": gzipSync(lines([entry(1), entry(2)])) }],
  ["plain with gzip's ending", { "a.json.gz": lines([entry(1), entry(2)]) }],
  ["an array in gzip", { "a.json.gz": gzipSync(JSON.stringify([entry(1), entry(2)])) }],
  ["a line that is cut", { "a.json": `${lines([entry(1), entry(2)])}{"insertId":"i3",` }],
];

for (const [form, files] of FORMS) {
  Deno.test(`gcpArchive() reads ${form}`, async () => {
    const { calls } = await readFiles("gcp", files);
    assert.equal(calls, 2);
  });
}

const AWS_FORMS: [form: string, files: Record<string, string | Uint8Array>][] = [
  ["plain JSON", { "a.json": records([record(1), record(2)]) }],
  ["JSON over lines", { "a.json": JSON.stringify({ Records: [record(1), record(2)] }, null, 2) }],
  ["a record a line", { "a.json": lines([record(1), record(2)]) }],
  ["an array", { "a.json": JSON.stringify([record(1), record(2)]) }],
  ["an organisation's trail below a prefix", {
    "p/o-abc/AWSLogs/o-abc/1/CloudTrail/us-east-1/2026/03/11/1_CloudTrail_us-east-1_20260311T0005Z_y.json.gz":
      gzipSync(records([1, 2].map((id) => record(id, { eventTime: "2026-03-10T23:59:58Z" })))),
  }],
  ["files without their folders", {
    "1_CloudTrail_us-east-1_20260310T0905Z_y.json.gz": gzipSync(records([record(1), record(2)])),
  }],
  ["delivered files that somebody laid out anew", {
    [`${DELIVERY}1.json.gz`]: gzipSync(JSON.stringify({ Records: [record(1)] }, null, 2)),
    [`${DELIVERY}2.json.gz`]: gzipSync(records([record(2)])),
  }],
  ["a delivered file with a record a line", {
    [`${DELIVERY}.json.gz`]: gzipSync(
      `{"Records":[${JSON.stringify(record(1))},\n${JSON.stringify(record(2))}]}\n`,
    ),
  }],
  ["records larger than the engine takes", {
    [`${DELIVERY}.json.gz`]: gzipSync(records([
      record(1, { responseElements: { big: "x".repeat(18 * 1024 * 1024) } }),
      record(2),
      record(3, { requestParameters: { big: "y".repeat(3 * 1024 * 1024) } }),
    ])),
  }],
];

for (const [form, files] of AWS_FORMS) {
  Deno.test(`awsArchive() reads ${form}`, async () => {
    const { calls, skips } = await readFiles("aws", files);
    const isLarge = form.startsWith("records larger");
    assert.equal(calls, 2);
    assert.deepEqual(skips, isLarge ? { "entry is larger than 4 MiB": 1 } : {});
  });
}

Deno.test("archives keep what of a cut file was whole", async () => {
  const noise = Array.from({ length: 2000 }, (_, id) => id);
  const whole = {
    gcp: gzipSync(lines(noise.map((id) => entry(id, { trace: `${id * 7919}` })))),
    aws: gzipSync(records(noise.map((id) => record(id, { requestID: `${id * 7919}` })))),
  };
  const gcp = await readFiles("gcp", {
    [`${HOUR}.json.gz`]: whole.gcp.subarray(0, whole.gcp.length / 2),
    "2026/03/10/10:00:00_10:59:59_S0.json": lines([
      entry("x", { timestamp: "2026-03-10T10:00:00Z" }),
    ]),
  });
  const aws = await readFiles("aws", {
    [`${DELIVERY}.json.gz`]: whole.aws.subarray(0, whole.aws.length / 2),
    [`${DELIVERY}y.json.gz`]: gzipSync(records([record("x")])),
  });
  for (const { calls, skips } of [gcp, aws]) {
    assert.ok(calls > 500 && calls < 2000, `${calls} calls`);
    // the engine ends quietly where gzipped lines end; the last of them is told
    const told = skips["file is cut or damaged"] ?? skips["line is no log entry"];
    assert.equal(told, 1);
  }
});

Deno.test("archives give no name of a resource, no payload and no error text", async () => {
  const issued = { credentials: { accessKeyId: "ASIA2", secretAccessKey: MARKER } };
  const sts = {
    eventSource: "sts.amazonaws.com",
    eventName: "AssumeRole",
    responseElements: issued,
  };
  const next = { userIdentity: { type: "AssumedRole", arn: "arn:x", accessKeyId: "ASIA2" } };
  const aws = { [`${DELIVERY}.json.gz`]: gzipSync(records([record(1, sts), record(2, next)])) };
  const gcp = { [`${HOUR}.json`]: lines([entry(1)]) };
  const reads = [await readFiles("gcp", gcp), await readFiles("aws", aws)];
  for (const { minutes } of reads) {
    assert.doesNotMatch(JSON.stringify(minutes), /zq7marker|AKIA1|ASIA2/);
    assert.match(minutes[0]!.calls[0]!.resourceHash!, /^[0-9a-f]{16}$/);
  }
  const [first, second] = reads[1]!.minutes.toSorted((a, b) => b.issued.length - a.issued.length);
  assert.deepEqual(first!.issued, [second!.credential]);
  const other = await readFiles("aws", aws, { salt: "0ther" });
  assert.ok(!other.minutes.some(({ credential }) => credential === second!.credential));
});

Deno.test("gcpArchive() never throws for lines of any bytes, and loses none between", async () => {
  const line = fc.oneof(
    fc.uint8Array({ maxLength: 40 }).map((bytes) => bytes.filter((byte) => byte !== 10)),
    fc.json({ maxDepth: 2 }).map((text) => new TextEncoder().encode(text.replaceAll("\n", " "))),
  );
  let id = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 6 }), async (noise) => {
      const parts = [];
      for (const bytes of noise) {
        parts.push(new TextEncoder().encode(lines([entry(id++)])), bytes, new Uint8Array([10]));
      }
      parts.push(new TextEncoder().encode(lines([entry(id++)])));
      const content = new Uint8Array(await new Blob(parts).arrayBuffer());
      const { calls } = await readFiles("gcp", { [`${HOUR}.json`]: content });
      assert.equal(calls, noise.length + 1);
    }),
    { numRuns: 6 },
  );
});

Deno.test("archives of one principal are a part of the whole", async () => {
  const files = {
    [`${HOUR}.json`]: lines([
      entry(1),
      entry(2, {}, {
        authenticationInfo: { principalEmail: "ben@example.com" },
      }),
    ]),
  };
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/2026/03/10`, { recursive: true });
    await Deno.writeTextFile(`${folder}/${HOUR}.json`, files[`${HOUR}.json`]!);
    await using source = gcpArchive(folder, { now: NOW });
    const all = await readMinutes(source, { window: WINDOW });
    const one = await readMinutes(source, { window: WINDOW, principal: "ben@example.com" });
    assert.deepEqual(
      inOrder(one.minutes),
      inOrder(all.minutes.filter(({ principal }) => principal.name === "ben@example.com")),
    );
    assert.equal(one.minutes.length, 1);
  });
});
