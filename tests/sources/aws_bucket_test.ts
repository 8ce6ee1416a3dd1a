// CloudTrail's tree in a bucket, held against the same tree in a folder.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { QueryError, StorageError } from "../../lib/model/errors.ts";
import { awsArchive, awsBucket } from "../../lib/sources/aws/archive.ts";
import { regionFolders, type TrailScope } from "../../lib/sources/aws/trail_tree.ts";
import { openS3, parseS3Uri, type S3Options } from "../../lib/sources/s3.ts";
import { clientsOf } from "../pipeline/api/cloudtrail_places.ts";
import { inOrder, readMinutes } from "./api_minutes.ts";
import { type S3Fault, type S3Server, startS3Server } from "./loopback/s3_server.ts";

const FIXTURES = fileURLToPath(new URL("../../fixtures/aws", import.meta.url));
const NOW = new Date("2026-04-01T00:00:00Z");
const DAY_MS = 86_400_000;
const DAYS = ["2026-03-10", "2026-03-11", "2026-03-12"].map((day) => {
  const since = new Date(day);
  return { since, until: new Date(since.getTime() + DAY_MS) };
});
const WINDOW = { since: DAYS[0]!.since, until: DAYS[2]!.until };

const clientOf = (server: S3Server): S3Options => clientsOf({ s3: server }).s3!;

function bucketOf(server: S3Server, scope: TrailScope = {}, uri = "s3://trail-x/AWSLogs") {
  return awsBucket(uri, { now: NOW, s3: { ...clientOf(server), ...scope } });
}

const opened = () => startS3Server({ bucket: "trail-x", folder: FIXTURES, pageSize: 7 });
const got = (server: S3Server) =>
  server.requests.filter(({ operation }) => operation === "Get").map(({ key }) => key);

Deno.test("awsBucket() gives what the folder gives, damaged files too, and reads each object once", async () => {
  await using archive = awsArchive(FIXTURES, { now: NOW });
  const expected = await readMinutes(archive, { window: WINDOW });
  await using server = await opened();
  await using whole = bucketOf(server);
  const read = await readMinutes(whole, { window: WINDOW });
  assert.deepEqual(inOrder(read.minutes), inOrder(expected.minutes));
  assert.deepEqual(read.skips, expected.skips);
  assert.ok(expected.skips["file is cut or damaged"]! > 0);

  const before = got(server).length;
  await using parts = bucketOf(server);
  const rows = [];
  const skips: Record<string, number> = {};
  for (const window of DAYS) {
    const day = await readMinutes(parts, { window });
    rows.push(...day.minutes);
    for (const [reason, count] of Object.entries(day.skips)) {
      skips[reason] = (skips[reason] ?? 0) + count;
    }
  }
  assert.deepEqual(inOrder(rows), inOrder(expected.minutes));
  assert.deepEqual(skips, expected.skips);
  const keys = got(server).slice(before);
  assert.deepEqual([keys.length, new Set(keys).size], [before, before]);
  assert.equal(await parts.span(), null);
});

Deno.test("awsBucket() lists the days of its window, and no digests", async () => {
  await using server = await opened();
  await using source = bucketOf(server);
  await readMinutes(source, { window: DAYS[0]! });
  const listed = server.requests.filter(({ operation }) => operation === "ListObjectsV2")
    .map(({ key }) => key);
  assert.ok(listed.every((key) => !key.includes("Digest")));
  const days = listed.flatMap((key) => /\d{4}\/\d{2}\/\d{2}/.exec(key)?.[0] ?? []);
  assert.deepEqual([...new Set(days)].sort(), ["2026/03/10", "2026/03/11"]);
  assert.ok(got(server).every((key) => /\/2026\/03\/1[01]\//.test(key)));

  const plan = await source.plan!([DAYS[0]!]);
  assert.deepEqual(plan, {
    ...{ days: 1, objects: got(server).length, bytes: plan.bytes, scannedAtMost: null },
    ...{ cost: "less than 0.01 USD of requests; transfer out of AWS not counted", unknown: null },
  });
});

const ORGANISATION = "AWSLogs/o-a1b2c3d4e5/444455556666/CloudTrail/eu-west-1/";
const ACCOUNT = "AWSLogs/111122223333/CloudTrail/eu-west-1/";
const ROOTS: readonly [root: string, scope: TrailScope, found: string[]][] = [
  ["", {}, [ACCOUNT, ORGANISATION]],
  ["/AWSLogs", {}, [ACCOUNT, ORGANISATION]],
  ["/AWSLogs/", {}, [ACCOUNT, ORGANISATION]],
  ["/AWSLogs/o-a1b2c3d4e5", {}, [ORGANISATION]],
  ["/AWSLogs/111122223333", {}, [ACCOUNT]],
  ["/AWSLogs/111122223333/CloudTrail", {}, [ACCOUNT]],
  ["/AWSLogs/111122223333/CloudTrail/eu-west-1", {}, [ACCOUNT]],
  ["/AWSLogs/111122223333/CloudTrail-Digest", {}, []],
  ["/elsewhere", {}, []],
  ["", { accounts: ["444455556666"] }, [ORGANISATION]],
  ["", { regions: ["eu-west-1"] }, [ACCOUNT, ORGANISATION]],
  ["", { regions: ["us-east-1"] }, []],
  ["/AWSLogs/111122223333", { accounts: ["444455556666"] }, []],
];

Deno.test("regionFolders() finds a trail's tree from any folder on the way, by account and region", async () => {
  await using server = await opened();
  using s3 = await openS3(clientOf(server));
  for (const [root, scope, expected] of ROOTS) {
    const found = await regionFolders(s3, parseS3Uri(`s3://trail-x${root}`)!, scope);
    const what = `${root} ${JSON.stringify(scope)}`;
    assert.deepEqual(found.map(({ key }) => key), expected, what);
    for (const { key, account, region } of found) {
      assert.deepEqual([key === ACCOUNT ? "111122223333" : "444455556666", "eu-west-1"], [
        ...[account, region],
      ], what);
    }
  }
});

Deno.test("awsBucket() says which address is wanted, where no trail is", async () => {
  await using server = await opened();
  await using source = bucketOf(server, {}, "s3://trail-x/elsewhere");
  await assert.rejects(
    () => readMinutes(source, { window: WINDOW }),
    (error) => error instanceof QueryError && /no CloudTrail tree.*AWSLogs/.test(error.message),
  );
});

Deno.test("awsBucket() gives the same through cut, reset and slow connections", async () => {
  await using server = await opened();
  await using calm = bucketOf(server);
  const expected = await readMinutes(calm, { window: WINDOW });
  const faults: S3Fault[] = [
    { kind: "cut", afterBytes: 100 },
    { kind: "error", status: 503, code: "SlowDown" },
    { kind: "reset" },
    { kind: "cut", afterBytes: 0 },
    { kind: "slow", pieceBytes: 300, pauseMs: 0 },
  ];
  let faulty = 0;
  // at most two of a key, in whatever order requests come: fewer than the tries that there are
  const met = new Map<string, number>();
  server.fault = ({ number, key }) => {
    const before = met.get(key) ?? 0;
    if (number % 3 !== 0 || before >= 2) return null;
    met.set(key, before + 1);
    return faults[faulty++ % faults.length]!;
  };
  await using source = bucketOf(server);
  const read = await readMinutes(source, { window: WINDOW });
  assert.deepEqual(inOrder(read.minutes), inOrder(expected.minutes));
  assert.deepEqual(read.skips, expected.skips);
  assert.ok(faulty > 10);
});

Deno.test("awsBucket() throws where an object is refused, and can be asked again", async () => {
  await using server = await opened();
  await using source = bucketOf(server);
  let refused = 0;
  server.fault = ({ operation, key }) =>
    operation === "Get" && key.includes("20260311") && refused++ === 0
      ? { kind: "error", status: 403, code: "AccessDenied" }
      : null;
  await assert.rejects(
    () => readMinutes(source, { window: WINDOW }),
    (error) => error instanceof StorageError && /allow s3:GetObject on it/.test(error.message),
  );
  const again = await readMinutes(source, { window: WINDOW });
  await using other = bucketOf(server);
  const expected = await readMinutes(other, { window: WINDOW });
  assert.deepEqual(inOrder(again.minutes), inOrder(expected.minutes));
  assert.deepEqual(again.skips, expected.skips);
});

Deno.test("awsBucket() counts an object that went between listing and reading", async () => {
  await using server = await opened();
  await using source = bucketOf(server);
  let gone = "";
  server.fault = ({ operation, key }) => {
    if (operation !== "Get" || (gone !== "" && gone !== key)) return null;
    gone = key;
    return { kind: "error", status: 404, code: "NoSuchKey" };
  };
  const read = await readMinutes(source, { window: WINDOW });
  assert.equal(read.skips["file can't be read"], 1);
  assert.deepEqual(read.uris["file can't be read"], [`s3://trail-x/${gone}`]);
});
