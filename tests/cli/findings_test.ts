import assert from "node:assert/strict";
import { beginRun, finishRun } from "../../lib/store/runs.ts";
import { openStore } from "../../lib/store/store.ts";
import { readVerdicts, writeRuleHits, writeVerdicts } from "../../lib/store/verdicts.ts";
import { makeFindingsStore } from "../notebook/findings_store.ts";
import { jsonLines, shellscope } from "./harness.ts";
import { temporaryFolder } from "../temporary_folder.ts";

Deno.test("findings prints verdicts with their evidence, and what is new since a run", async () => {
  using folder = temporaryFolder();
  const db = `${folder.path}/s.sqlite`;
  makeFindingsStore(db, ["dora@example.com", "deploy", "web-1\u001b[31m"], 3);
  {
    using store = openStore(db);
    writeRuleHits(store, "phase1@0123abcd", ["session-001"], [{
      subject_id: "session-001",
      rule_id: "lines-typed",
      version: "phase1@0123abcd",
      outcome: "fired",
      votes: { weights: { agent: 2 } },
      features: { pty_lines: 7 },
      missing: [],
    }]);
    // the verdicts are of 2026-01-02T00:00
    const run = beginRun(store, {
      command: "run",
      version: "x",
      now: new Date("2026-01-02T01:00Z"),
    });
    finishRun(store, run, { outcome: "done", summary: {}, now: new Date("2026-01-02T02:00Z") });
  }
  const all = await shellscope("findings", "--db", db, "--format", "jsonl");
  assert.equal(all.err, "3 findings, as of run 1\n");
  const [, second] = jsonLines(all.out);
  assert.deepEqual(second!["evidence"], [
    { rule_id: "lines-typed", votes: { weights: { agent: 2 } }, features: { pty_lines: 7 } },
  ]);
  assert.equal(second!["operator_type"], "agent");
  assert.equal(second!["subject_kind"], "session");
  assert.ok(!all.out.includes("\u001b"));

  const none = await shellscope("findings", "--db", db, "--since-run", "1", "--format", "jsonl");
  assert.deepEqual([none.status, none.out], [0, ""]);
  {
    using store = openStore(db);
    const [first] = readVerdicts(store);
    writeVerdicts(store, [{
      ...first!,
      operator_type: "agent",
      set_at: "2026-01-03T00:00:00.000Z",
    }]);
  }
  const news = await shellscope("findings", "--db", db, "--since-run", "1");
  assert.match(news.err, /^1 finding,/);
  assert.match(news.out, /session-000 .*agent/);
});

Deno.test("findings says which runs there are", async () => {
  using folder = temporaryFolder();
  const db = `${folder.path}/s.sqlite`;
  makeFindingsStore(db, ["x"], 1);
  for (
    const [run, message] of [["7", /There is no run 7 in this store; it has none/], [
      "x",
      /is no number of a run/,
    ]] as const
  ) {
    const { status, err } = await shellscope("findings", "--db", db, "--since-run", run);
    assert.equal(status, 2);
    assert.match(err, message);
  }
});
