import assert from "node:assert/strict";
import { join } from "node:path";
import { jsonLines, shellscope } from "./harness.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { absent, CASTS } from "../rules/public_casts.ts";

/** The fixtures' casts, parsed and judged. */
async function judged(folder: string): Promise<string> {
  const db = join(folder, "fixtures.sqlite");
  await shellscope("parse", "fixtures/casts", "--db", db);
  await shellscope("classify", "--db", db);
  return db;
}

interface Report {
  [key: string]: unknown;
  n: number;
  right: number;
  wrong: number;
  folds: { group: string; trained: number; weights: Record<string, unknown> }[];
  neutral: Report;
  marginals: { ruleId: string; changed: number }[];
  curves: { points: unknown[] }[];
}

async function reportOf(...args: string[]): Promise<Report> {
  const { out, err } = await shellscope("eval", ...args, "--format", "jsonl");
  const [report] = jsonLines(out);
  assert.ok(report !== undefined, err);
  return report as Report;
}

Deno.test("eval prints measures with intervals, curves, calibration, abstention and rules", async () => {
  using folder = temporaryFolder();
  const db = await judged(folder.path);
  const { out, status } = await shellscope("eval", "--db", db);
  assert.equal(status, 0);
  for (
    const line of [
      /^\d+ judged against the truth: \d+ right/,
      /\| class +\| precision +\| recall +\| F1/,
      /\| class against the others \| ROC area \| average precision \|/,
      /Calibration over \d+: expected error [\d.]+, Brier/,
      /\| least lead \| decided/,
      /\| rule +\| votes \| abstains \| coverage \| overlap \| conflict \| accuracy/,
      /\| substrate +\|/,
    ]
  ) assert.match(out, line);
  const brief = await shellscope("eval", "--db", db, "--brief");
  assert.ok(out.startsWith(brief.out.trimEnd()), "the short form is the begin of the long one");
});

Deno.test("eval --rules judges by a pack now, with its rules' marginal effects", async () => {
  using folder = temporaryFolder();
  const db = await judged(folder.path);
  const stored = await reportOf("--db", db);
  const now = await reportOf("--db", db, "--rules", "rules");
  assert.deepEqual([now.n, now.right, now.wrong], [stored.n, stored.right, stored.wrong]);
  assert.deepEqual(now.curves, stored.curves);
  assert.ok(now.marginals.some(({ changed }) => changed > 0), "some rule matters");
});

Deno.test("eval is a gate: exit status 1 and why, where a wanted figure is not reached", async () => {
  using folder = temporaryFolder();
  const db = await judged(folder.path);
  const gate = (...args: string[]) => shellscope("eval", "--db", db, ...args);
  assert.equal((await gate("--min-precision", "human=1", "--max-unknown", "0.5")).status, 0);
  const { out } = await shellscope(
    ...["sessions", "--db", db, "--selector", "operator.type=human", "--format", "jsonl"],
  );
  const [person] = jsonLines(out).map(({ session_id }) => String(session_id));
  const lie = ["label", "set", person!, "truth.operator-type=agent", "--by", "ana", "--db", db];
  await shellscope(...lie);
  const missed = await gate("--min-precision", "human=1", "--min-recall", "1");
  assert.equal(missed.status, 1);
  assert.match(missed.err, /Not reached: precision of human is 0\.\d+, wanted at least 1\n/);
  assert.match(missed.err, /Not reached: recall of agent is 0\.\d+, wanted at least 1\n/);
  for (
    const wrong of [["--min-precision", "agnet=0.9"], ["--min-f1", "human="], [
      "--max-unknown",
      "2",
    ]]
  ) {
    assert.equal((await gate(...wrong)).status, 2, wrong.join(" "));
  }
});

Deno.test({
  name: "eval --leave-one-out on public recordings (needs ../shared/data)",
  ignore: absent,
  async fn() {
    using folder = temporaryFolder();
    const db = join(folder.path, "casts.sqlite");
    await shellscope("parse", CASTS, "--labels", join(CASTS, "labels.tsv"), "--db", db);
    const report = await reportOf("--db", db, "--leave-one-out", "fixture.source");
    assert.equal(report.n, 195);
    assert.equal(report.folds.length, 9);
    for (const { trained, weights } of report.folds) {
      assert.ok(trained >= 151 && trained < 195);
      assert.ok(Object.keys(weights).length > 10);
    }
    assert.equal(report.neutral.n, 195);
    assert.ok(report.right > report.neutral.right, "what the author knew is worth something");
  },
});

/** A copy of the kit's rules, with one file changed. */
async function changedRules(
  folder: string,
  path: string,
  change: (text: string) => string,
): Promise<string> {
  const copy = join(folder, "rules");
  for await (const { name, isDirectory } of Deno.readDir("rules")) {
    if (!isDirectory && !name.endsWith(".yaml")) continue;
    const from = isDirectory
      ? [...Deno.readDirSync(`rules/${name}`)].map((f) => `${name}/${f.name}`)
      : [name];
    for (const each of from) {
      await Deno.mkdir(join(copy, each, ".."), { recursive: true });
      const text = await Deno.readTextFile(`rules/${each}`);
      await Deno.writeTextFile(join(copy, each), each === path ? change(text) : text);
    }
  }
  return copy;
}

Deno.test("eval --against DIR says which verdicts change, which became wrong, and which rules vote", async () => {
  using folder = temporaryFolder();
  const db = await judged(folder.path);
  const other = await changedRules(
    folder.path,
    "recordings/lines-arrive-whole.yaml",
    (text) => text.replace(/^when: .*\n( .*\n)*/m, "when: pty_events < 0\n"),
  );
  const { out, status, err } = await shellscope(
    "eval",
    "--db",
    db,
    "--rules",
    other,
    "--against",
    "rules",
  );
  assert.equal(status, 0, err);
  assert.match(out, /phase1@\w+ to phase1@\w+: [1-9]\d* of \d+ verdicts change/);
  assert.match(out, /\| agent +\| unknown +\|/);
  assert.match(out, /\| lines-arrive-whole +\| +\d+ \| +0 \|/);
  assert.match(out, /\| lines-arrive-whole +\| day +\| 20\d\d-/);
  const same = await shellscope("eval", "--db", db, "--against", "rules");
  assert.match(same.out, /: 0 of \d+ verdicts change; of \d+ labelled 0 became right, 0 wrong/);
});

Deno.test("eval --against FILE is a gate on accepted figures; --accept writes them", async () => {
  using folder = temporaryFolder();
  const db = await judged(folder.path);
  const file = join(folder.path, "baseline.json");
  await Deno.writeTextFile(file, '{ "corpora": [] }');
  const against = (...args: string[]) => shellscope("eval", "--db", db, "--against", file, ...args);
  const unknown = await against("--rules", "rules");
  assert.equal(unknown.status, 1);
  assert.match(unknown.err, /no figures of these \d+ labelled subjects; it has: none/);
  assert.equal((await against("--rules", "rules", "--accept", "some")).status, 0);
  assert.equal((await against("--rules", "rules")).status, 0);
  const worse = await changedRules(
    folder.path,
    "recordings/lines-arrive-whole.yaml",
    (text) => text.replace(/^when: .*\n( .*\n)*/m, "when: pty_events < 0\n"),
  );
  const missed = await against("--rules", worse);
  assert.equal(missed.status, 1);
  assert.match(missed.err, /some: \d+ right, \d+ were accepted/);
  assert.equal((await shellscope("eval", "--db", db, "--accept", "x")).status, 2);
  assert.equal((await shellscope("eval", "--db", db, "--against", "no/such")).status, 2);
});

Deno.test("eval --benign finds a person called agent, and exceptions that are none", async () => {
  using folder = temporaryFolder();
  const db = await judged(folder.path);
  const file = join(folder.path, "exceptions.json");
  const benign = (exceptions: unknown) => {
    Deno.writeTextFileSync(file, JSON.stringify(exceptions));
    return shellscope("eval", "--db", db, "--benign", file);
  };
  assert.equal((await benign([])).status, 0);
  const { out } = await shellscope(
    ...["sessions", "--db", db, "--selector", "operator.type=agent", "--format", "jsonl"],
  );
  const agent = String(jsonLines(out)[0]!["session_id"]);
  await shellscope("label", "set", agent, "truth.operator-type=human", "--by", "ana", "--db", db);
  const found = await benign([]);
  assert.equal(found.status, 1);
  assert.ok(found.err.includes(`${agent} is called agent and is driven by none`));
  const exception = { subject: agent, why: "A person who pastes scripts, by the reviewer's word" };
  assert.equal((await benign([exception])).status, 0);
  await shellscope("label", "set", agent, "truth.operator-type=agent", "--by", "ana", "--db", db);
  assert.equal((await benign([{ wrong: 1 }])).status, 2);
});

Deno.test("eval --sweep tries a parameter, suggests a value, and writes it only when told", async () => {
  using folder = temporaryFolder();
  const db = await judged(folder.path);
  const rules = await changedRules(folder.path, "", (text) => text);
  const shared = join(rules, "pack.yaml");
  const before = await Deno.readTextFile(shared);
  const sweep = ["eval", "--db", db, "--rules", rules, "--sweep"];
  const table = await shellscope(...sweep, "whole_lines");
  assert.equal(table.out.split("\n").length, 50 + 3, "a line a point under two of heading");
  const points = jsonLines((await shellscope(...sweep, "whole_lines", "--format", "jsonl")).out);
  assert.equal(points.length, 50);
  const suggest = [...sweep, "enough_events=35..90", "--min-precision", "agent=0.9"];
  const shown = await shellscope(...suggest);
  assert.equal(shown.status, 0, shown.err);
  assert.match(
    shown.err,
    /Suggested for a precision of 0\.9: enough_events \d+\nNothing was written/,
  );
  assert.match(shown.out, /\n- {4}value: \d+\n\+ {4}value: \d+\n/);
  assert.equal(await Deno.readTextFile(shared), before);
  const written = await shellscope(...suggest, "--write");
  assert.match(written.err, /1 files written/);
  const after = await Deno.readTextFile(shared);
  assert.notEqual(after, before);
  assert.equal(after.replace(/\d+/g, "#"), before.replace(/\d+/g, "#"), "one number, nothing else");
  for (
    const wrong of [
      ["--sweep", "whole_lnies"],
      ["--sweep", "a", "--sweep", "b", "--sweep", "c"],
      ["--sweep", "whole_lines=2..1"],
      ["--sweep", "whole_lines", "--write"],
      ["--fit", "everything"],
    ]
  ) assert.equal((await shellscope("eval", "--db", db, ...wrong)).status, 2, wrong.join(" "));
});

Deno.test("eval --fit shows fitted numbers as a diff, and writes them only when told", async () => {
  using folder = temporaryFolder();
  const db = await judged(folder.path);
  const rules = await changedRules(folder.path, "", (text) => text);
  const fit = ["eval", "--db", db, "--rules", rules, "--fit", "weights", "--fit", "calibration"];
  const shown = await shellscope(...fit);
  assert.equal(shown.status, 0, shown.err);
  assert.match(shown.out, /As written: \d+ judged[^\n]*\nAs fitted: {2}\d+ judged/);
  assert.match(
    shown.out,
    /\n\+ {2}fitted: "on \d+ labelled subjects in \d+ groups by fixture\.source/,
  );
  assert.match(shown.out, /\n-.*weight: (-?[\d.]+).*\n\+.*weight: (-?[\d.]+)/);
  await shellscope(...fit, "--write");
  const now = await shellscope("eval", "--db", db, "--rules", rules);
  assert.equal(now.status, 0, "the pack that was written loads");
  const { err } = await shellscope("eval", "--db", db, "--rules", rules, "--fit", "calibration");
  assert.doesNotMatch(err, /shellscope:/);
});
