import assert from "node:assert/strict";
import { join } from "node:path";
import { openAthenaServer } from "../sources/loopback/athena_server.ts";
import { startS3Server } from "../sources/loopback/s3_server.ts";
import { trailTable } from "../sources/loopback/trail_table.ts";
import { jsonLines, shellscope } from "./harness.ts";
import { temporaryFolder } from "../temporary_folder.ts";

/** What is looked at of a row that `pull` prints. */
interface Row extends Record<string, unknown> {
  source: string;
  sessions?: number;
  days: number;
  objects?: number;
  bytes?: number;
}

async function configure(folder: string, sessions = ""): Promise<string[]> {
  const config = join(folder, "shellscope.yaml");
  const archive = (cloud: string) => JSON.stringify(join(Deno.cwd(), "fixtures", cloud));
  await Deno.writeTextFile(
    config,
    `store: ./s.sqlite
${sessions}
sources:
  - { kind: gcp, archive: ${archive("gcp")} }
  - { kind: aws, archive: ${archive("aws")} }
`,
  );
  return ["--config", config, "--format", "jsonl"];
}

Deno.test("pull all --dry-run tells days, files and bytes of archives, and makes no store", async () => {
  using folder = temporaryFolder();
  const flags = await configure(folder.path);
  const { status, out } = await shellscope("pull", "all", "--dry-run", ...flags);
  assert.equal(status, 0);
  const rows = jsonLines(out) as Row[];
  assert.deepEqual(rows.map(({ source }) => source.split(" ", 2).join(" ")), [
    ...["gcp archive", "aws archive"],
  ]);
  for (const { days, objects, bytes } of rows) {
    assert.ok(days >= 3 && objects! > 10 && bytes! > 10_000);
  }
  assert.deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["shellscope.yaml"]);
});

Deno.test("pull gcp and pull aws take one cloud each, by window and principal", async () => {
  using folder = temporaryFolder();
  const flags = await configure(folder.path);
  const one = async (...args: string[]) => {
    const { status, out, err } = await shellscope("pull", ...args, ...flags);
    // of AWS two files are cut, of which the store tells from then on
    assert.equal(status, args[0] === "aws" ? 3 : 0, err);
    assert.match(err, /Left out of what the store has seen: aws: file is cut or damaged: 2\n/);
    return (jsonLines(out) as Row[])[0]!;
  };
  const aws = await one("aws");
  assert.ok(aws.sessions! > 40);
  assert.equal(aws.days, 4);
  const day = ["--since", "2026-03-10", "--until", "2026-03-11"];
  const gcp = await one("gcp", ...day);
  assert.deepEqual([gcp.days, gcp.sessions! > 10], [1, true]);
  const anna = await one("gcp", ...day, "--principal", "anna@example.com");
  assert.ok(anna.sessions! > 0 && anna.sessions! < gcp.sessions!);

  const config = flags.slice(0, 2);
  const listed = await shellscope("sessions", "--format", "jsonl", ...config);
  const sessions = jsonLines(listed.out) as { session_id: string; substrate: string }[];
  const known = sessions.find(({ substrate }) => substrate === "aws-cloudtrail")!;
  const again = await shellscope("pull", "all", "--session", known.session_id, ...flags);
  assert.equal(again.status, 3, again.err);
  assert.match(again.err, /Problem: Files that could not be read whole: 2,/);
  const asked = (jsonLines(again.out) as Row[]).map(({ source }) => source.slice(0, 3));
  assert.deepEqual(asked, ["aws"], "the other cloud can't know it");
  const nobody = await shellscope("pull", "gcp", "--session", "0".repeat(32), ...flags);
  assert.equal(nobody.status, 3);
  assert.match(nobody.err, /not in the store/);
});

Deno.test("sessions.driverAddress: false brings one software's addresses together", async () => {
  using folder = temporaryFolder();
  const flags = await configure(folder.path, "sessions: { driverAddress: false }");
  const { status, err } = await shellscope("pull", "gcp", ...flags);
  assert.equal(status, 0, err);
  const { out } = await shellscope("sessions", "--format", "jsonl", ...flags.slice(0, 2));
  const drivers = new Set((jsonLines(out) as { driver: string }[]).map(({ driver }) => driver));
  assert.ok(drivers.has("gcloud") && drivers.has("terraform"));
  assert.ok(![...drivers].some((driver) => /\d+\.\d+\.\d+\.\d+/.test(driver)));
});

Deno.test("pull aws --dry-run tells partitions, objects, bytes and money of a table and a bucket", async () => {
  using folder = temporaryFolder();
  const tree = join(Deno.cwd(), "fixtures/aws");
  await using athena = await openAthenaServer({ events: trailTable(tree, { name: "trail" }) });
  await using s3 = await startS3Server({ bucket: "trail-x", folder: tree });
  const config = join(folder.path, "shellscope.yaml");
  await Deno.writeTextFile(
    config,
    `store: ./s.sqlite
sources:
  - kind: aws
    athena: { region: eu-west-1, workgroup: w, database: logs, table: trail, output: s3://results-x/,
      partitions: { account: account, region: region, day: timestamp } }
  - { kind: aws, archive: "s3://trail-x/AWSLogs", region: eu-west-1, accounts: ["444455556666"] }
`,
  );
  const env: Record<string, string> = {
    ...{ AWS_ENDPOINT_URL_ATHENA: athena.endpoint, AWS_ENDPOINT_URL_S3: s3.endpoint },
    ...{ AWS_ACCESS_KEY_ID: "AKIATEST", AWS_SECRET_ACCESS_KEY: "secret" },
    AWS_EC2_METADATA_DISABLED: "true",
  };
  for (const [name, value] of Object.entries(env)) Deno.env.set(name, value);
  try {
    const window = ["--since", "2026-03-10", "--until", "2026-03-12"];
    const call = ["pull", "aws", "--dry-run", "--config", config, ...window];
    const { status, out, err } = await shellscope(...call, "--format", "jsonl");
    assert.equal(status, 0, err);
    const [table, bucket] = jsonLines(out) as Row[];
    assert.deepEqual(
      [table!.source, bucket!.source],
      ["aws athena logs.trail", "aws archive s3://trail-x/AWSLogs (444455556666)"],
    );
    const told = (
      { days, partitions, queries, objects, cost }: Row,
    ) => [days, partitions, queries, objects, cost];
    assert.deepEqual(told(table!), [2, 6, 1, 81, "less than 0.01 USD at 5 USD a TB"]);
    assert.equal(table!.scanned_at_most, table!.bytes);
    const requests = "less than 0.01 USD of requests; transfer out of AWS not counted";
    assert.deepEqual(told(bucket!), [2, null, null, 9, requests]);
    assert.ok(bucket!.bytes! > 1000 && bucket!.bytes! < table!.bytes!);
    assert.equal(athena.executions.length, 0);
    assert.ok(s3.requests.every(({ operation }) => operation === "ListObjectsV2"));
    const people = await shellscope(...call);
    assert.match(people.out, /partitions .*cost/);
  } finally {
    for (const name of Object.keys(env)) Deno.env.delete(name);
  }
});

Deno.test("an archive that is empty, or holds no entry, is a problem and no days without calls", async () => {
  using folder = temporaryFolder();
  const config = join(folder.path, "shellscope.yaml");
  const archive = join(folder.path, "gcp");
  await Deno.writeTextFile(
    config,
    "store: ./s.sqlite\nsources:\n  - { kind: gcp, archive: ./gcp }\n" +
      "  - { kind: recordings, folder: ./casts }\n",
  );
  for (const name of ["gcp", "casts"]) await Deno.mkdir(join(folder.path, name));
  const pull = async () => {
    const { status, out, err } = await shellscope(
      ...["pull", "gcp", "--config", config, "--format", "jsonl"],
    );
    return { status, err, row: jsonLines(out)[0] as Row };
  };
  const empty = await pull();
  assert.equal(empty.status, 3);
  assert.match(empty.err, /No file of a log was found in ".*gcp": name a copy/);
  assert.equal(empty.row.days, 0);

  await Deno.writeTextFile(join(archive, "x.json"), '{"a":1}\n');
  const foreign = await pull();
  assert.equal(foreign.status, 3);
  assert.match(foreign.err, /No entry of a log was found in/);

  await Deno.remove(archive, { recursive: true });
  await Deno.symlink(join(Deno.cwd(), "fixtures", "gcp"), archive);
  const full = await pull();
  assert.ok(full.row.sessions! > 40, full.err);
  await Deno.remove(archive);
  await Deno.mkdir(archive);
  const emptied = await pull();
  assert.equal(emptied.status, 3);
  const { out } = await shellscope("sessions", "--config", config, "--format", "jsonl");
  assert.equal(jsonLines(out).length, full.row.sessions, "what is stored stays");

  const run = await shellscope("run", "--config", config, "--out", folder.path);
  assert.equal(run.status, 3);
  assert.match(run.out, /Problem +No recording was found in ".*casts"/);
});
