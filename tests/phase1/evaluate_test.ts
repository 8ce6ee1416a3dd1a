import assert from "node:assert/strict";
import fc from "../property.ts";
import { evaluateRow } from "../../lib/phase1/evaluate.ts";
import { explain, formatExplanation } from "../../lib/phase1/explain.ts";
import { distributionOf, interpolate } from "../../lib/phase1/score.ts";
import { runRuleTests } from "../../lib/phase1/test_rules.ts";
import { packFile, packOf, ruleFile } from "./packs.ts";

const NO_VOTES = { human: 0, agent: 0, automation: 0 };
const PRIOR = { human: 0.6, agent: 0.1, automation: 0.3 };
const PLAIN = { kind: "temperature", value: 1 } as const;

function close(actual: number, expected: number): void {
  assert(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);
}

Deno.test("distributionOf() is the prior where nothing voted", () => {
  const distribution = distributionOf(PRIOR, NO_VOTES, PLAIN);
  for (const name of ["human", "agent", "automation"] as const) {
    close(distribution[name], PRIOR[name]);
  }
});

Deno.test("distributionOf() multiplies the odds of a class by e to its votes", () => {
  const before = distributionOf(PRIOR, NO_VOTES, PLAIN);
  const after = distributionOf(PRIOR, { ...NO_VOTES, agent: 2 }, PLAIN);
  close(after.agent / after.human, before.agent / before.human * Math.exp(2));
  close(after.agent / after.automation, before.agent / before.automation * Math.exp(2));
  close(after.human / after.automation, before.human / before.automation);
});

Deno.test("distributionOf() adds up to 1 and stays finite for any votes", () => {
  const weight = fc.double({ min: -500, max: 500, noNaN: true });
  const votes = fc.record({ human: weight, agent: weight, automation: weight });
  const points = { kind: "points" as const, points: [[0, 0.3], [1, 0.9]] as [number, number][] };
  fc.assert(fc.property(votes, fc.constantFrom(PLAIN, points), (some, calibration) => {
    const { human, agent, automation } = distributionOf(PRIOR, some, calibration);
    close(human + agent + automation, 1);
    assert([human, agent, automation].every((p) => p >= 0 && p <= 1));
  }));
});

Deno.test("distributionOf() softens with the temperature and follows fitted points", () => {
  const votes = { human: 3, agent: 0, automation: 0 };
  const sharp = distributionOf(PRIOR, votes, PLAIN);
  const soft = distributionOf(PRIOR, votes, { kind: "temperature", value: 4 });
  assert(soft.human < sharp.human);
  const fitted = distributionOf(PRIOR, votes, { kind: "points", points: [[0, 0.5], [1, 0.5]] });
  close(fitted.human, 0.5);
  close(fitted.agent / fitted.automation, sharp.agent / sharp.automation);
});

Deno.test("interpolate() is linear between points and flat beyond", () => {
  const points = [[0.2, 0.1], [0.6, 0.5], [0.6, 0.7]] as [number, number][];
  for (const [x, y] of [[0, 0.1], [0.2, 0.1], [0.4, 0.3], [0.9, 0.7]] as const) {
    close(interpolate(points, x), y);
  }
});

const pack = packOf(
  packFile({
    cohorts: { kube: "Cluster", thin: "Few events" },
    reasons: { agent: "An agent on a terminal", undecided: "No clear lead" },
  }),
  ruleFile("agent-a", { votes: [{ class: "agent", weight: 3 }, { class: "human", weight: -1 }] }),
  ruleFile("agent-b", {
    applies: "true",
    when: "pty_gap_p50 < 0.1",
    votes: [{ class: "agent", weight: 1 }],
  }),
  ruleFile("thin", { when: "pty_events < 5", votes: [{ cohort: "thin" }] }),
  ruleFile("kube", { applies: "true", when: 'kind == "kube"', votes: [{ cohort: "kube" }] }),
  ruleFile("service", {
    applies: "true",
    when: 'user_kind == "service"',
    votes: [{ cohort: "aws-service" }],
  }),
  ruleFile("route-agent", {
    applies: "true",
    when: 'operator_type == "agent" && confidence > 0.5',
    votes: [{ routing: "pty", reason: "agent" }],
  }),
  ruleFile("route-undecided", {
    when: "!has(confidence) && !has(cohort) && margin < 0.5",
    votes: [{ routing: "pty", reason: "undecided" }],
  }),
);

Deno.test("evaluateRow() adds votes and names the rules", () => {
  const row = { substrate: "asciicast", kind: "pty", pty_events: 50, pty_gap_p50: 0.05 };
  const evaluation = evaluateRow(pack, row);
  assert.equal(evaluation.operatorType, "agent");
  assert.equal(evaluation.confidence, evaluation.distribution.agent);
  assert.equal(evaluation.cohort, null);
  assert.deepEqual(evaluation.gate, { key: "terminal.human", value: "false" });
  assert.deepEqual(evaluation.routing, { phase2: "pty", reason: "agent" });
  const fired = evaluation.hits.filter((hit) => hit.outcome === "fired").map((hit) => hit.rule_id);
  assert.deepEqual(fired, ["agent-a", "agent-b", "route-agent"]);
  assert.deepEqual(evaluation.hits[0]?.features, { pty_events: 50 });
  assert.match(evaluation.reason, /^agent 0\.\d\d.*2 rules voted, strongest agent-a, agent-b$/);
});

Deno.test("evaluateRow() says unknown where no rule voted, whatever the prior", () => {
  const evaluation = evaluateRow(pack, { substrate: "asciicast", pty_events: 8 });
  assert.equal(evaluation.operatorType, "unknown");
  assert.equal(evaluation.confidence, null);
  assert.equal(evaluation.reason, "No rule voted");
  assert.equal(evaluation.gate?.value, "unknown");
  const [abstained] = evaluation.hits.filter((hit) => hit.outcome === "abstained");
  assert.equal(abstained?.rule_id, "agent-b");
  assert.deepEqual(abstained?.missing, ["pty_gap_p50"]);
});

Deno.test("evaluateRow() says unknown below the margin, and takes another prior", () => {
  const row = { substrate: "asciicast", pty_gap_p50: 0.05 };
  assert.equal(evaluateRow(pack, row).operatorType, "human");
  const even = { human: 0.4, agent: 0.2, automation: 0.4 };
  const evaluation = evaluateRow(pack, row, { prior: even });
  assert.equal(evaluation.operatorType, "unknown");
  assert.match(evaluation.reason, /^Undecided: agent 0\.40, human 0\.30, a lead under 0\.2$/);
});

Deno.test("evaluateRow() withholds the verdict for a cohort and keeps the evidence", () => {
  const row = { substrate: "teleport-audit", kind: "kube", pty_events: 50, pty_gap_p50: 0.05 };
  const evaluation = evaluateRow(pack, row);
  assert.equal(evaluation.operatorType, "unknown");
  assert.equal(evaluation.cohort, "kube");
  assert.equal(evaluation.gate, null);
  assert(evaluation.distribution.agent > 0.5);
  assert.deepEqual(evaluation.routing, { phase2: "none", reason: null });
});

Deno.test("evaluateRow() takes the first cohort of the pack's list", () => {
  const row = { kind: "kube", pty_events: 2 };
  assert.equal(evaluateRow(pack, row).cohort, "kube");
  assert.equal(evaluateRow(pack, { ...row, kind: "ssh" }).cohort, "thin");
});

Deno.test("evaluateRow() calls automation what a cloud does to itself", () => {
  const row = { substrate: "aws-cloudtrail", kind: "api", user_kind: "service" };
  const evaluation = evaluateRow(pack, row);
  assert.equal(evaluation.operatorType, "automation");
  assert.equal(evaluation.confidence, 1);
  assert.deepEqual(evaluation.gate, { key: "operator.driven", value: "false" });
});

Deno.test("evaluateRow() never throws on a row of anything", () => {
  const rows = fc.dictionary(
    fc.constantFrom(...pack.rules.flatMap((rule) => rule.when.reads)),
    fc.anything(),
  );
  fc.assert(fc.property(rows, (row) => {
    const { distribution } = evaluateRow(pack, row);
    close(distribution.human + distribution.agent + distribution.automation, 1);
  }));
});

Deno.test("explain() holds every rule once, and its text is safe to print", () => {
  const row = { subject_id: "a\u001b[2Jb\u202e", kind: "ssh\u0007", pty_events: 50 };
  const explanation = explain(pack, row);
  assert.equal(explanation.rules.length, pack.rules.length);
  const text = formatExplanation(explanation);
  assert.match(text, /agent-b: Rule agent-b {2}\[agent \+1\]\n {6}pty_gap_p50 not measured/);
  assert.match(text, /missing: pty_gap_p50/);
  assert.doesNotMatch(text, /[^\n\x20-\x7e]/);
});

Deno.test("runRuleTests() reports what a test expected and got", () => {
  const some = packOf(ruleFile("a", {
    tests: [
      { row: { pty_events: 20 }, expect: "fires" },
      { name: "few", row: { pty_events: 2 }, expect: "fires" },
      { row: {}, expect: "silent" },
    ],
  }));
  const results = runRuleTests(some);
  assert.deepEqual(results.map((result) => result.passed), [true, false, true]);
  assert.deepEqual([results[1]?.name, results[1]?.got], ["few", "silent"]);
});
