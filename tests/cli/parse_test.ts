import assert from "node:assert/strict";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { jsonLines, shellscope } from "./harness.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const SHARED = "../shared/data";
const hasShared = await exists(SHARED);
if (!hasShared) console.warn(`${SHARED} is absent: tests on real recordings are left out`);

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function aRecording(): Promise<string> {
  for await (const entry of Deno.readDir("fixtures/teleport/sessions")) {
    if (entry.name.endsWith(".tar")) {
      const path = join("fixtures/teleport/sessions", entry.name);
      const [parsed] = jsonLines((await shellscope("parse", path, "--format", "jsonl")).out);
      if (parsed?.state === "parsed" && Number(parsed.pty_events) > 100) return path;
    }
  }
  throw new Error("the fixtures hold no recording of a terminal");
}

Deno.test({
  name: "parse reads a real Teleport recording whole",
  ignore: !hasShared,
  async fn() {
    const { status, out } = await shellscope(
      ...["parse", `${SHARED}/teleport/session.tar`, "--format", "jsonl"],
    );
    assert.equal(status, 0);
    const [recording] = jsonLines(out);
    const told = Object.fromEntries(
      ["state", "kind", "login", "started_at", "ended_at", "pty_events", "pty_bytes", "cmd_bpf"]
        .concat("cmd_network").map((name) => [name, recording![name]]),
    );
    assert.deepEqual(told, {
      state: "parsed",
      kind: "ssh",
      login: "root",
      started_at: "2021-11-11T00:27:54.476Z",
      ended_at: "2021-11-11T00:28:36.954Z",
      pty_events: 192,
      pty_bytes: 11_860,
      cmd_bpf: 16,
      cmd_network: 1,
    });
    assert.ok(Number(recording!.pty_corrections) > 0);
    assert.ok(String(recording!.principal).length > 0);
  },
});

Deno.test({
  name: "parse, classify and eval go over all real recordings",
  ignore: !hasShared,
  async fn() {
    using folder = temporaryFolder();
    const db = ["--db", join(folder.path, "s.sqlite")];
    const casts = `${SHARED}/casts`;
    const parsed = await shellscope("parse", casts, "--labels", `${casts}/labels.tsv`, ...db);
    assert.equal(parsed.status, 0, parsed.err);
    assert.match(parsed.err, /195 files: 195 parsed/);
    assert.match(parsed.err, /0 refused, 0 rows of the table named no file/);
    assert.equal((await shellscope("classify", ...db)).status, 0);
    const { out } = await shellscope("eval", ...db, "--format", "jsonl");
    assert.equal((jsonLines(out)[0] as { n: number }).n, 195);
  },
});

Deno.test("parse names each bad input, does the rest, and ends with 3", async () => {
  using folder = temporaryFolder();
  const file = (name: string) => join(folder.path, name);
  const good = await aRecording();
  const bytes = await Deno.readFile(good);
  await Deno.copyFile(good, file("good.tar"));
  await Deno.writeFile(file("cut.tar"), bytes.subarray(0, bytes.length >> 1));
  await Deno.writeFile(file("empty.tar"), new Uint8Array());
  await Deno.writeTextFile(file("noise.tar"), "this is no recording at all");
  await Deno.writeFile(file("real.tar"), tarArchive());
  await Deno.writeTextFile(
    file("half.cast"),
    '{"version": 2, "width": 80, "height": 24}\n[1.0, "o',
  );

  const db = join(folder.path, "s.sqlite");
  const missing = file("missing.tar");
  const notAFolder = join(good, "inside");
  const { status, err, out } = await shellscope(
    ...["parse", folder.path, missing, notAFolder, "--db", db, "--format", "jsonl"],
  );
  assert.equal(status, 3);
  const states = Object.fromEntries(
    jsonLines(out).map((row) => [String(row.uri).slice(folder.path.length + 1), row.state]),
  );
  assert.deepEqual(states, {
    "cut.tar": "truncated",
    "empty.tar": "truncated",
    "good.tar": "parsed",
    "half.cast": "truncated",
    "noise.tar": "unsupported",
    "real.tar": "unsupported",
  });
  assert.match(err, /missing\.tar: no such file or folder/);
  assert.match(err, /inside: not a folder/);
  const sessions = jsonLines((await shellscope("sessions", "--db", db, "--format", "jsonl")).out);
  assert.ok(sessions.length >= 2, "the good and the cut recording are stored");
});

Deno.test("parse never throws on a recording cut anywhere", async () => {
  using folder = temporaryFolder();
  const bytes = await Deno.readFile(await aRecording());
  const paths: string[] = [];
  for (let i = 0; i < 40; i++) {
    const path = join(folder.path, `${String(i).padStart(2, "0")}.tar`);
    await Deno.writeFile(path, bytes.subarray(0, Math.floor(bytes.length * i / 40)));
    paths.push(path);
  }
  const { status, out } = await shellscope("parse", ...paths, "--format", "jsonl");
  assert.equal(status, 3);
  assert.deepEqual(new Set(jsonLines(out).map(({ state }) => state)), new Set(["truncated"]));
});

Deno.test("parse fails with 1 when nothing could be read", async () => {
  const { status, err } = await shellscope("parse", "no/such/file.cast", "--format", "jsonl");
  assert.equal(status, 1);
  assert.match(err, /no\/such\/file\.cast: no such file or folder/);
});

Deno.test("parse without --db prints and stores nothing", async () => {
  using folder = temporaryFolder();
  const cast = join(folder.path, "a.cast");
  await Deno.writeTextFile(cast, '{"version":2,"width":80,"height":24}\n[0.5,"o","hello"]\n');
  const { status, out } = await shellscope("parse", folder.path, "--format", "jsonl");
  assert.equal(status, 0);
  const [row] = jsonLines(out);
  assert.equal(row!.state, "parsed");
  assert.equal(row!.substrate, "asciicast");
  assert.deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["a.cast"]);
});

Deno.test("parse gives the session of a gzipped asciicast the same features as the plain one", async () => {
  using folder = temporaryFolder();
  for await (const entry of Deno.readDir("fixtures/casts")) {
    if (!entry.name.endsWith(".cast.gz")) continue;
    const zipped = join("fixtures/casts", entry.name);
    const plain = join(folder.path, entry.name.replace(/\.gz$/, ""));
    await Deno.writeFile(plain, gunzipSync(await Deno.readFile(zipped)));
    const rows = jsonLines((await shellscope("parse", zipped, plain, "--format", "jsonl")).out);
    const [a, b] = rows.map(({ pty_events, pty_bytes, pty_gap_p50 }) => [
      ...[pty_events, pty_bytes, pty_gap_p50],
    ]);
    assert.deepEqual(a, b);
    return;
  }
  assert.fail("the fixtures hold no gzipped asciicast");
});

/** One tar header block, as `tar` writes it, and the end of the archive. */
function tarArchive(): Uint8Array {
  const archive = new Uint8Array(1536);
  const put = (text: string, at: number) => archive.set(new TextEncoder().encode(text), at);
  put("events.log", 0);
  put("0000644\0", 100);
  put("0000000\0", 108);
  put("0000000\0", 116);
  put("00000000000\0", 124);
  put("00000000000\0", 136);
  put("        ", 148);
  put("0", 156);
  put("ustar\0", 257);
  put("00", 263);
  const sum = archive.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return archive;
}

Deno.test("parse shows hostile file names as escapes, one line each", async () => {
  using folder = temporaryFolder();
  const name = "x\u001b]0;owned\u0007\n\u202ey.cast";
  await Deno.writeTextFile(join(folder.path, name), "no recording");
  const { status, err } = await shellscope("parse", folder.path, "--format", "jsonl");
  assert.equal(status, 3);
  assert.match(err, /x\\u001b\]0;owned\\u0007\\u000a\\u202ey\.cast: unsupported/);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(err, /[\x00-\x09\x0b-\x1f\u202e]/);
});
