import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { evaluateVerdicts } from "../../lib/evaluation/evaluate_verdicts.ts";
import { formatEvaluation } from "../../lib/evaluation/format_evaluation.ts";
import type { Measures } from "../../lib/evaluation/measure.ts";
import { classify } from "../../lib/phase1/classify.ts";
import { loadPack } from "../../lib/phase1/pack.ts";
import { awsArchive } from "../../lib/sources/aws/archive.ts";
import { readWideRows } from "../../lib/store/frame.ts";
import { readSkips } from "../../lib/store/runs.ts";
import { fixtureStore, pulledStore } from "./pulled_calls.ts";

const NOW = new Date("2026-03-20T00:00:00Z");
const RULES = fileURLToPath(new URL("../../rules", import.meta.url));
const pack = await loadPack(RULES);

function cell({ confusion }: Measures, truth: string, called: string): number {
  return confusion.find((row) => row.truth === truth)?.cells[called] ?? 0;
}

Deno.test("the pack on the generated logs of both clouds, which those made who wrote the rules", async (t) => {
  const { store, unused } = await fixtureStore();
  using _ = store;
  classify(store, pack, { now: NOW });

  await t.step("every row of the tables of labels fits a session", () => {
    assert.deepEqual(unused.map(({ line, principal }) => [line, principal]), []);
  });

  await t.step(
    "every session but those of unprintable principals has a truth, one over midnight too",
    () => {
      const sessions = [...readWideRows(store, {})].filter((row) =>
        row["subject_kind"] === "session"
      );
      const without = sessions.filter(({ labels }) => labels["truth.operator-type"] === undefined);
      assert.equal(without.length, 6);
      for (const name of ["gcp-person-terminal-4", "aws-person-terminal-2"]) {
        const [whole, ...others] = sessions.filter(({ labels }) => labels["fixture.case"] === name);
        assert.deepEqual(others, []);
        const [began, ended] = [whole!["started_at"], whole!["ended_at"]].map((at) =>
          new Date(at as string)
        );
        assert.equal(ended!.getUTCDate(), began!.getUTCDate() + 1, name);
      }
    },
  );

  await t.step("what is no entry, twice there or damaged is counted", () => {
    const counts: Record<string, number> = {};
    for (const { source, reason, count } of readSkips(store)) {
      const key = `${source}: ${reason}`;
      counts[key] = (counts[key] ?? 0) + count;
    }
    assert.deepEqual(counts, SKIPS);
  });

  await t.step("no verdict is wrong", () => {
    const measures = evaluateVerdicts(store);
    console.log(formatEvaluation(measures, { groupBy: "fixture.source" }));
    assert.equal(measures.wrong, 0);
    const { n, right, abstained, withheld } = measures;
    const said =
      `Of ${n} labelled sessions of both clouds ${right} are right, 0 wrong, ${abstained} ` +
      `unknown, ${withheld} withheld`;
    const readme = Deno.readTextFileSync(join(RULES, "README.md")).replace(/\s+/g, " ");
    assert(readme.includes(said), `rules/README.md does not say: ${said}`);
    assert(cell(measures, "human", "human") >= 20);
    assert(cell(measures, "agent", "agent") >= 20);
    assert(cell(measures, "automation", "automation") >= 15);
  });

  await t.step("agents that give their name are called by it, and nothing else by any", () => {
    let named = 0;
    for (const { labels, driver } of readWideRows(store, { selector: "fixture.source" })) {
      const isNamed = String(driver).startsWith("agent.");
      assert.equal(labels["agent.tool"], isNamed ? labels["truth.agent-tool"] : undefined);
      if (!isNamed) continue;
      named += 1;
      assert(Number(labels["confidence.agent-tool"]) > 0.9);
    }
    assert(named >= 8, String(named));
  });
});

/** What the logs of the fixtures hold besides sound entries. */
const SKIPS = {
  "aws: entry is no CloudTrail record": 5,
  "aws: entry was delivered more than once": 37,
  "aws: file is cut or damaged": 2,
  "aws: record has no identity": 1,
  "aws: record has no time": 2,
  "aws: record is of a later day than its file": 1,
  "gcp: entry of a clock far in the future": 1,
  "gcp: entry was delivered more than once": 47,
  "gcp: entry without a method": 1,
  "gcp: entry without a principal": 2,
  "gcp: entry without a time": 2,
  "gcp: entry without an audit payload": 2,
  "gcp: line is no log entry": 4,
  "gcp: payload of another type": 1,
};

/** 2,900 public events that are kept beside the project, not in it. */
const REAL = fileURLToPath(new URL("../../../shared/data/aws/AWSLogs", import.meta.url));

Deno.test({
  name:
    "the pack on real CloudTrail events: no service, tool or console is mistaken (needs ../shared/data)",
  ignore: !existsSync(REAL),
  async fn() {
    using store = await pulledStore(awsArchive(REAL, { now: NOW }));
    classify(store, pack, { now: NOW });
    const seen: Record<string, Record<string, number>> = {};
    for (const row of readWideRows(store, {})) {
      if (row["subject_kind"] !== "session") continue;
      const family = String(row["driver"]).split(" ")[0]!;
      const verdict = String(row["operator_type"]);
      const counts = seen[family] ??= {};
      counts[verdict] = (counts[verdict] ?? 0) + 1;
    }
    console.log(seen);
    for (const family of ["terraform", "aws-service", "stratus-red-team", "boto3", "ssm-agent"]) {
      assert(seen[family] !== undefined, family);
      assert.equal(seen[family]["human"] ?? 0, 0, family);
      assert.equal(seen[family]["agent"] ?? 0, 0, family);
    }
    assert.equal(seen["console"]?.["agent"] ?? 0, 0);
    assert((seen["console"]?.["human"] ?? 0) >= 2);
    assert((seen["terraform"]?.["automation"] ?? 0) >= 2);
  },
});
