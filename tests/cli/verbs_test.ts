import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { VERBS } from "../../lib/cli/main.ts";
import { configSchema } from "../../lib/config/config.ts";
import { loadConfig, parseConfig } from "../../lib/config/load.ts";
import { jsonLines, shellscope } from "./harness.ts";
import { temporaryFolder } from "../temporary_folder.ts";

/** A store with a few casts in it. */
async function smallStore(folder: string): Promise<{ db: string; ids: string[] }> {
  const db = join(folder, "s.sqlite");
  const { status, err } = await shellscope("parse", "fixtures/casts", "--db", db);
  assert.ok(status === 0 || status === 3, err);
  const rows = jsonLines((await shellscope("sessions", "--db", db, "--format", "jsonl")).out);
  return { db, ids: rows.map(({ session_id }) => String(session_id)) };
}

Deno.test("every verb has help, and a line in the README", async () => {
  const readme = await Deno.readTextFile("README.md");
  for (const name of Object.keys(VERBS)) {
    const { status, out } = await shellscope(name, "--help");
    assert.equal(status, 0);
    assert.match(out, new RegExp(`Usage: deno task shellscope ${name}`));
    assert.ok(readme.includes(`\`${name}`), `README names the verb ${name}`);
  }
});

const MISUSE: [args: string[], message: RegExp][] = [
  [["pasre"], /no verb "pasre"; did you mean "parse"/],
  [["parse"], /needs at least one PATH/],
  [["run", "--shard", "3/2"], /no share; write I\/N/],
  [["merge"], /takes the stores to join/],
  [["parse", "x", "--fromat", "jsonl"], /no flag --fromat; did you mean --format/],
  [["parse", "x", "--format", "xml"], /--format jsonl and no other/],
  [["sessions", "--format", "xml"], /Unknown format "xml"; use one of table, jsonl, csv/],
  [["run", "--since", "yesterday"], /no time; write an ISO date/],
  [["run", "--since", "2026-03-02", "--until", "2026-03-01"], /before --until/],
  [["run", "extra"], /run takes flags only, not "extra"/],
  [["sessions", "extra"], /sessions takes flags only/],
  [["init", "my.yaml"], /init takes flags only/],
  [["run", "--since", "99999999999d"], /no time; write an ISO date/],
  [["classify", "--phase", "3"], /--phase takes 1, 2 or all/],
  [["label"], /label takes set, rm, ls/],
  [["sessions", "--config", "no/such.yaml"], /no\/such\.yaml: no such file/],
];

for (const [args, message] of MISUSE) {
  Deno.test(`shellscope ${args.join(" ")} ends with 2 and a mend`, async () => {
    const { status, err, out } = await shellscope(...args);
    assert.match(err, message);
    assert.equal(status, 2, err);
    assert.equal(out, "");
  });
}

Deno.test("a typo in the configuration ends with 2 and names line and mend", async () => {
  using folder = temporaryFolder();
  const config = join(folder.path, "c.yaml");
  await Deno.writeTextFile(config, "store: ./s.sqlite\nsoruces: []\n");
  const { status, err } = await shellscope("run", "--config", config);
  assert.equal(status, 2);
  assert.match(err, /c\.yaml:2: unknown key "soruces"; did you mean "sources"\?/);
});

Deno.test("run and pull without a source end with 2 and touch no store", async () => {
  using folder = temporaryFolder();
  const config = join(folder.path, "empty.yaml");
  await Deno.writeTextFile(config, "store: ./s.sqlite\nsources: []\n");
  for (const args of [["run"], ["pull", "all"]]) {
    const { status, err } = await shellscope(...args, "--config", config);
    assert.equal(status, 2, err);
    assert.match(err, /empty\.yaml names no source/);
  }
  assert.deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["empty.yaml"]);
});

Deno.test("init writes a configuration that loads, and never over another", async () => {
  using folder = temporaryFolder();
  const config = join(folder.path, "shellscope.yaml");
  assert.equal((await shellscope("init", "--config", config)).status, 0);
  const text = await Deno.readTextFile(config);
  assert.deepEqual(parseConfig(text, config), configSchema.parse({}));
  // what is commented out is right too
  const whole = text.replace("sources: []\n", "sources:\n").replace(
    /^#( (?=[a-z0-9]+: \{)| (?= ))/gm,
    "",
  );
  assert.equal(parseConfig(whole, config).sources.length, 8);
  const again = await shellscope("init", "--config", config);
  assert.equal(again.status, 2);
  assert.match(again.err, /exists already/);
  const [below, db] = [join(folder.path, "in", "c.yaml"), join(folder.path, 'of "mine".sqlite')];
  await Deno.mkdir(join(folder.path, "in"));
  for (const given of [db, relative(Deno.cwd(), db)]) {
    assert.equal((await shellscope("init", "--config", below, "--db", given)).status, 0);
    assert.equal((await loadConfig(below)).store, db);
    const names = (await Deno.readTextFile(below)).includes(JSON.stringify(db));
    assert.equal(names, given === db, "an absolute path stays one");
    await Deno.remove(below);
  }
});

Deno.test("label sets, lists, tells the history, exports and imports", async () => {
  using folder = temporaryFolder();
  const { db, ids } = await smallStore(folder.path);
  const id = ids[0]!;
  const set = await shellscope(
    "label",
    "set",
    id,
    "operator.type=agent",
    "review.note=odd",
    "--db",
    db,
  );
  assert.equal(set.status, 0, set.err);
  await shellscope("classify", "--db", db);
  const { out } = await shellscope("label", "ls", id, "--db", db, "--format", "jsonl");
  const type = jsonLines(out).find(({ key }) => key === "operator.type");
  assert.deepEqual([type?.value, type?.set_by], ["agent", "manual:tester"], "by hand stands first");

  const exported = await shellscope("label", "export", "--db", db);
  assert.equal(jsonLines(exported.out).length, 2);
  await shellscope("label", "rm", id, "review.note", "--db", db);
  const file = join(folder.path, "labels.jsonl");
  await Deno.writeTextFile(file, `${exported.out}not json\n`);
  const imported = await shellscope("label", "import", file, "--db", db);
  assert.equal(imported.status, 3);
  assert.match(imported.err, /labels\.jsonl:3: not a JSON object/);
  const history = await shellscope("label", "history", id, "--db", db, "--format", "jsonl");
  const changes = jsonLines(history.out).filter(({ key }) => key === "review.note");
  assert.deepEqual(changes.map(({ change }) => change), ["set", "removed", "set"]);

  for (const bad of ["no-equals", "-bad=1", "a=not a value"]) {
    assert.equal((await shellscope("label", "set", id, bad, "--db", db)).status, 2, bad);
  }
  assert.equal((await shellscope("label", "ls", "nobody", "--db", db)).status, 2);
});

Deno.test("sessions lists by selector and by condition, in every format", async () => {
  using folder = temporaryFolder();
  const { db, ids } = await smallStore(folder.path);
  const count = async (...flags: string[]) =>
    jsonLines((await shellscope("sessions", "--db", db, "--format", "jsonl", ...flags)).out).length;
  assert.equal(await count(), ids.length);
  const casts = await count("--selector", "substrate.kind=asciicast");
  assert.ok(casts > 0);
  assert.equal(casts + await count("--selector", "substrate.kind!=asciicast"), ids.length);
  const some = await count("--where", "pty_events >= 100");
  assert.equal(some + await count("--where", "pty_events < 100"), ids.length);
  assert.equal(await count("--where", "call_calls > 0"), 0, "not measured is never true");
  const { err } = await shellscope("sessions", "--db", db, "--where", "call_calls > 0");
  assert.match(err, /^0 sessions\n\d left out: what the condition asks for was not measured/);
  for (const where of ["1/0 > 1", "pty_events / 0 > 1"]) {
    const divided = await shellscope("sessions", "--db", db, "--where", where);
    assert.match(divided.err, /^0 sessions\n\d left out: the condition divides by zero for them/);
    assert.doesNotMatch(divided.err, /not measured/);
  }
  const table = await shellscope("sessions", "--db", db);
  assert.match(table.out, /^session_id +started_at/);
  const { bytes } = await shellscope("sessions", "--db", db, "--format", "parquet");
  assert.equal(new TextDecoder().decode(bytes.subarray(0, 4)), "PAR1");

  const wrong = await shellscope("sessions", "--db", db, "--where", "pty_evnts > 1");
  assert.equal(wrong.status, 2);
  assert.match(wrong.err, /pty_events/);
  const selector = await shellscope("sessions", "--db", db, "--selector", "a in (");
  assert.equal(selector.status, 2);
});

Deno.test("classify explains one session, and a dry run writes nothing", async () => {
  using folder = temporaryFolder();
  const { db, ids } = await smallStore(folder.path);
  const dry = await shellscope("classify", "--db", db, "--dry-run");
  assert.equal(dry.status, 0, dry.err);
  const explained = await shellscope("classify", "--db", db, "--explain", ids[0]!.slice(0, 12));
  assert.equal(explained.status, 0, explained.err);
  assert.ok(explained.out.includes(ids[0]!));
  const rows = jsonLines((await shellscope("sessions", "--db", db, "--format", "jsonl")).out);
  assert.ok(rows.every(({ operator_type }) => operator_type === null));
});

Deno.test("a store that is not there is an error that says so, and is not made by reading", async () => {
  using folder = temporaryFolder();
  const db = join(folder.path, "none.sqlite");
  const { status, err } = await shellscope("sessions", "--db", db);
  assert.equal(status, 1);
  assert.match(err, /none\.sqlite/);
  assert.deepEqual([...Deno.readDirSync(folder.path)], []);
});

Deno.test("faults of a rule pack are told a line each", async () => {
  using folder = temporaryFolder();
  const { db } = await smallStore(folder.path);
  const rules = join(folder.path, "rules");
  await Deno.mkdir(rules);
  await Deno.writeTextFile(join(rules, "pack.yaml"), "a: 1\n");
  await Deno.writeTextFile(join(rules, "r.yaml"), "b: \u00071\nc: 2\n");
  const { status, err } = await shellscope("classify", "--rules", rules, "--db", db);
  assert.equal(status, 2);
  assert.ok(err.trimEnd().split("\n").length > 1, err);
  assert.ok(!err.includes("\\u000a") && !err.includes("\u0007"), err);
});

Deno.test("classify, correlate and label make no store out of a mistyped name", async () => {
  using folder = temporaryFolder();
  const db = join(folder.path, "typo.sqlite");
  for (const args of [["classify"], ["correlate"], ["label", "set", "0123456789", "a=b"]]) {
    const { status, err } = await shellscope(...args, "--db", db);
    assert.equal(status, 1);
    assert.match(err, /There is no store/);
  }
  assert.deepEqual([...Deno.readDirSync(folder.path)], []);
});

Deno.test("label import counts a line that is no object, and takes the rest", async () => {
  using folder = temporaryFolder();
  const { db, ids } = await smallStore(folder.path);
  const file = join(folder.path, "labels.jsonl");
  const good = JSON.stringify({ subject_id: ids[0], key: "review.state", value: "done" });
  await Deno.writeTextFile(file, `null\n[]\n7\nno json\n${good}\n`);
  const { status, err } = await shellscope("label", "import", file, "--by", "ana", "--db", db);
  assert.equal(status, 3);
  assert.match(err, /:1: not a JSON object\n/);
  assert.match(err, /1 label imported, 4 refused/);
});

/** The command line as a process of its own, with one of its streams closed from the start. */
async function unread(stream: "stdout" | "stderr", args: string[]): Promise<number> {
  const main = fileURLToPath(new URL("../../lib/cli/main.ts", import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "-A", main, ...args],
    stdin: "null",
    stdout: stream === "stdout" ? "piped" : "null",
    stderr: stream === "stderr" ? "piped" : "null",
  }).spawn();
  await child[stream].cancel();
  return (await child.status).code;
}

Deno.test("parse stores all that it was given, whoever reads what it prints", async () => {
  using folder = temporaryFolder();
  const whole = (await smallStore(folder.path)).ids;
  for (const stream of ["stdout", "stderr"] as const) {
    const db = join(folder.path, `${stream}.sqlite`);
    const status = await unread(stream, [
      ...["parse", "fixtures/casts", "--format", "jsonl", "--db", db],
    ]);
    assert.ok(status === 0 || status === 3, String(status));
    const rows = jsonLines((await shellscope("sessions", "--db", db, "--format", "jsonl")).out);
    assert.deepEqual(rows.map(({ session_id }) => session_id), whole);
  }
});

Deno.test("parse that only prints ends quietly when nobody reads", async () => {
  assert.equal(await unread("stdout", ["parse", "fixtures/casts", "--format", "jsonl"]), 0);
});

Deno.test("label set refuses a type that there is not, and then sets nothing", async () => {
  using folder = temporaryFolder();
  const { db, ids } = await smallStore(folder.path);
  const by = ["--by", "ana", "--db", db];
  const { status, err } = await shellscope(
    ...["label", "set", ids[0]!, "review.state=done", "truth.operator-type=agnet", ...by],
  );
  assert.equal(status, 2);
  assert.match(err, /"agnet" of label "truth\.operator-type" is not one of human, agent/);
  const { out } = await shellscope("label", "ls", ids[0]!, "--db", db);
  assert.doesNotMatch(out, /review\.state|agnet/);
});

Deno.test("eval that measured nothing says so and fails", async () => {
  using folder = temporaryFolder();
  const { db } = await smallStore(folder.path);
  const before = await shellscope("eval", "--db", db);
  assert.equal(before.status, 1);
  assert.match(before.err, /\d sessions with the truth have no verdict; classify first/);
  await shellscope("classify", "--db", db);
  assert.equal((await shellscope("eval", "--db", db)).status, 0);
  const other = await shellscope("eval", "--truth", "truth.nobody", "--db", db);
  assert.equal(other.status, 1);
  assert.match(
    other.err,
    /no session has the label "truth\.nobody"; set it with "label set" or "label import"/,
  );
  assert.equal((await shellscope("eval", "--truth", "bad key!", "--db", db)).status, 2);
});
