import assert from "node:assert/strict";
import { join } from "node:path";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { jsonLines, shellscope, temporaryFolder } from "./harness.ts";

const CASTS = fileURLToPath(new URL("../../../shared/data/casts", import.meta.url));
const absent = !existsSync(join(CASTS, "labels.tsv"));

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
