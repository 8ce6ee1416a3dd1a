import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createGzip } from "node:zlib";
import { fileURLToPath } from "node:url";
import { shellscope } from "../cli/harness.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { OUTSIDER } from "./hostile_sources.ts";

const FIXTURES = fileURLToPath(new URL("../../fixtures", import.meta.url));
const RULES = fileURLToPath(new URL("../../rules", import.meta.url));

/** None of these may take as long. */
const MAX_MS = 60_000;

/** YAML that grows when its aliases are put in. */
const ALIASES = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" +
  Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]\n`).join("");
const DEEP = `x: ${"[".repeat(50_000)}`;

async function timed<T>(what: string, body: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await body();
  assert.ok(performance.now() - began < MAX_MS, `${what} takes too long`);
  return result;
}

Deno.test("YAML that grows, nests or never ends is refused as a configuration, a rule and labels", async () => {
  using folder = temporaryFolder();
  const config = join(folder.path, "shellscope.yaml");
  for (const text of [ALIASES, DEEP, `store: ${"x".repeat(1 << 20)}`]) {
    await Deno.writeTextFile(config, text);
    const { status, err } = await timed(
      "a configuration",
      () => shellscope("sessions", "--config", config),
    );
    assert.equal(status, 2, err);
    assert.ok(err.length < 2000, err.slice(0, 2000));
  }
  const rules = join(folder.path, "rules");
  await new Deno.Command("cp", { args: ["-r", RULES, rules] }).output();
  await Deno.mkdir(join(rules, "attack"), { recursive: true });
  for (const text of [ALIASES, DEEP, `id: ${"x".repeat(1 << 21)}`]) {
    await Deno.writeTextFile(join(rules, "attack/bomb.yaml"), text);
    const call = ["run", "--rules", rules, "--db", join(folder.path, "r.sqlite")];
    const { status, err } = await timed("a rule", () => shellscope(...call));
    assert.equal(status, 2, err);
    assert.match(err, /bomb\.yaml/);
  }
  const cast = join(folder.path, "a.cast");
  await Deno.writeTextFile(cast, '{"version":2,"width":80,"height":24}\n[1,"o","x"]\n');
  for (const text of [`{"a":${"[".repeat(100_000)}`, `{"k":"${"x".repeat(1 << 24)}"}`]) {
    await Deno.writeTextFile(join(folder.path, "a.labels.json"), text);
    const call = ["parse", cast, "--db", join(folder.path, "l.sqlite")];
    const { err } = await timed("labels", () => shellscope(...call));
    assert.match(err, /1 file: 1 parsed/);
  }
});

Deno.test("conditions that would take long are refused, or end soon", async () => {
  using folder = temporaryFolder();
  const db = join(folder.path, "s.sqlite");
  await shellscope("parse", `${FIXTURES}/casts`, "--db", db);
  const conditions: [where: string, status: number][] = [
    [`principal.matches("${"(a+)+".repeat(20)}$")`, 0],
    [`driver.matches("(x+x+)+y") || true`, 0],
    [`principal.matches("a{1000}{1000}")`, 2],
    [`${"(".repeat(500)}true${")".repeat(500)}`, 2],
    [`${"!".repeat(3000)}true`, 2],
    [Array(900).fill("true").join("||"), 2],
    [`[1,2,3].all(x, [1,2,3].all(y, x < y))`, 2],
    [`"${"x".repeat(5000)}" == principal`, 2],
  ];
  for (const [where, wanted] of conditions) {
    const { status, err } = await timed(
      where.slice(0, 60),
      () => shellscope("sessions", "--where", where, "--db", db),
    );
    assert.equal(status, wanted, `${where.slice(0, 60)}: ${err.slice(0, 300)}`);
  }
});

/** A gzip of so many megabytes of one byte, made without holding them. */
async function writeGzip(
  path: string,
  { megabytes, head = "" }: { megabytes: number; head?: string },
) {
  const gzip = createGzip({ level: 1, chunkSize: 1 << 18 });
  const file = await Deno.open(path, { write: true, create: true });
  const written = (async () => {
    for await (const chunk of gzip) await file.write(chunk);
    file.close();
  })();
  const zeros = new Uint8Array(1 << 20).fill(0x20);
  gzip.write(head);
  for (let i = 0; i < megabytes; i++) {
    if (!gzip.write(zeros)) await new Promise((resolve) => gzip.once("drain", resolve));
  }
  gzip.end();
  await written;
}

Deno.test("bombs of gzip and of nesting, links and what they lead to, are left out and counted", async () => {
  using folder = temporaryFolder();
  const at = (...names: string[]) => join(folder.path, ...names);
  const megabytes = Number(Deno.env.get("BOMB_MEGABYTES") ?? 40);
  const gcp = at("gcp/cloudaudit.googleapis.com/activity/2026/03/11");
  const aws = at("aws/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/11");
  for (const path of [gcp, aws, at("casts"), at("outside")]) {
    await Deno.mkdir(path, { recursive: true });
  }
  const entry = (await Deno.readTextFile(
    `${FIXTURES}/gcp/cloudaudit.googleapis.com/activity/2026/03/11/16:00:00_16:59:59_S0.json`,
  )).split("\n", 1)[0]!;
  await Deno.writeTextFile(join(gcp, "16:00:00_16:59:59_S0.json"), `${entry}\n`);
  await writeGzip(join(gcp, "16:00:00_16:59:59_S1.json.gz"), { megabytes, head: "{" });
  const deep = "[".repeat(100_000) + "]".repeat(100_000);
  await Deno.writeTextFile(
    join(gcp, "16:00:00_16:59:59_S2.json"),
    `${
      entry.replace('"request":', `"deep":${deep},"request":`).replace(
        /"insertId":"[^"]*"/,
        '"insertId":"deep"',
      )
    }\n`,
  );
  await writeGzip(
    join(aws, "111122223333_CloudTrail_eu-west-1_20260311T0000Z_aaaaaaaaaaaaaaaa.json.gz"),
    {
      ...{ megabytes, head: '{"Records":[' },
    },
  );
  await Deno.writeTextFile(
    join(aws, "111122223333_CloudTrail_eu-west-1_20260311T0001Z_aaaaaaaaaaaaaaaa.json"),
    `{"Records":[${deep}]}`,
  );
  await writeGzip(at("casts/bomb.cast.gz"), {
    megabytes,
    head: '{"version":2,"width":80,"height":24}\n',
  });
  await Deno.writeTextFile(
    at("casts/deep.cast"),
    `{"version":2,"width":80,"height":24,"x":${deep}}\n`,
  );

  const outside = entry.replace(/"principalEmail":"[^"]*"/, `"principalEmail":"${OUTSIDER}"`);
  await Deno.writeTextFile(
    at("outside/out.json"),
    `${outside.replace(/"insertId":"[^"]*"/, '"insertId":"out"')}\n`,
  );
  await Deno.symlink(at("outside/out.json"), join(gcp, "16:00:00_16:59:59_S3.json"));
  await Deno.symlink(at("outside"), at("gcp/linked"));
  await Deno.symlink(at("gcp"), join(gcp, "loop"));
  await Deno.symlink(at("aws"), join(aws, "loop"));
  await Deno.symlink(at("casts"), at("casts/loop"));
  const config = at("shellscope.yaml");
  await Deno.writeTextFile(
    config,
    "store: ./s.sqlite\nsources:\n  - { kind: gcp, archive: ./gcp }\n" +
      "  - { kind: aws, archive: ./aws }\n  - { kind: recordings, folder: ./casts }\n",
  );
  const { status, err, out } = await timed(
    "a run",
    () => shellscope("run", "--config", config, "--out", at("out")),
  );
  assert.ok([0, 3].includes(status), err);
  using database = new DatabaseSync(at("s.sqlite"), { readOnly: true });
  const { n } = database.prepare("SELECT count(*) AS n FROM sessions WHERE substrate LIKE 'gcp%'")
    .get()!;
  assert.ok(Number(n) >= 1, out + err);
  const outsiders = database.prepare("SELECT count(*) AS n FROM sessions WHERE principal = ?");
  assert.equal(outsiders.get(OUTSIDER)!.n, 0);
  assert.match(out, /gcp: a link is not followed +3\n/);
  assert.match(out, /aws: a link is not followed +1\n/);
  assert.match(out, /gcp: entry is larger than 4 MiB +1\n/);
  assert.match(out, /aws: file is cut or damaged +1\n/);
  assert.match(out, /casts\/loop: a link is not followed inside a folder/);
});
