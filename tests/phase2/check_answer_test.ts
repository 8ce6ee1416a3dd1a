import assert from "node:assert/strict";
import fc from "../property.ts";
import { OPERATOR_TYPES } from "../../lib/model/vocabulary.ts";
import { checkAnswer, type Finding, sharesRun } from "../../lib/phase2/check_answer.ts";
import { mergeFindings, resolveVerdict, severity } from "../../lib/phase2/combine.ts";

const WINDOW = { first: 5, lines: ["0.10 s $ kubectl get pods -A", "2.10 s NAME   READY"] };
const GOOD = {
  operator_type: "agent",
  confidence: 0.8,
  agent_tool: "claude-code",
  agent_model: "unknown",
  work_kind: "exploration",
  risk_level: "low",
  techniques: ["T1613"],
  reason: "Whole lines after long waits",
  evidence: [{ line: 5, quote: "kubectl get pods" }],
};

Deno.test("checkAnswer() keeps labels, line numbers and a reason, and no quote", () => {
  for (const content of [JSON.stringify(GOOD), "```json\n" + JSON.stringify(GOOD) + "\n```"]) {
    const checked = checkAnswer(content, WINDOW);
    const { evidence: _, ...labels } = GOOD;
    assert.deepEqual(checked, { ok: true, finding: { ...labels, lines: [5] } });
  }
});

const REJECTED: readonly { name: string; content: string; rejection: string }[] = [
  { name: "prose", content: "The operator is a human.", rejection: "no-json" },
  { name: "a cut answer", content: JSON.stringify(GOOD).slice(0, 90), rejection: "no-json" },
  ...[
    { ...GOOD, operator_type: "robot" },
    { ...GOOD, confidence: 2 },
    { ...GOOD, techniques: ["T9999"] },
    { ...GOOD, evidence: [] },
    { ...GOOD, note: "more" },
    { ...GOOD, reason: "x".repeat(500) },
  ].map((answer) => ({
    name: `a wrong ${Object.keys(answer).at(-1)}`,
    content: JSON.stringify(answer),
    rejection: "wrong-schema",
  })),
  ...[
    { line: 5, quote: "kubectl delete pods" },
    { line: 6, quote: "kubectl get pods" },
    { line: 4, quote: "kubectl get pods" },
    { line: 7, quote: "kubectl get pods" },
    { line: 5, quote: " " },
  ].map((evidence) => ({
    name: `the quote ${JSON.stringify(evidence)}`,
    content: JSON.stringify({ ...GOOD, evidence: [evidence] }),
    rejection: "invented-quote",
  })),
];
for (const { name, content, rejection } of REJECTED) {
  Deno.test(`checkAnswer() rejects ${name} as ${rejection}`, () => {
    assert.deepEqual(checkAnswer(content, WINDOW), { ok: false, rejection });
  });
}

Deno.test("checkAnswer() puts a reason of ours where the model's quotes the session", () => {
  const reason = "They ran KUBECTL  get pods -a at once";
  const checked = checkAnswer(JSON.stringify({ ...GOOD, reason }), WINDOW);
  assert.ok(checked.ok && !sharesRun(checked.finding.reason, WINDOW.lines));
  assert.match(checked.finding.reason, /is left out/);
});

Deno.test("sharesRun() sees through case, signs, scripts, blanks and direction", () => {
  const lines = ["0.10 s $ cat /srv/Payroll/Q3-Summary.xls"];
  const written = [
    "payroll q3 summary",
    "P.a.y.r.o.l.l / q3 -- SUMMARY",
    "p\u200bayroll\u00a0q3\u00adsummary",
    "p\u0430yr\u043ell q3 summ\u0430ry",
    "ｐａｙｒｏｌｌ q3 summary",
    "slx.yrammus-3q-llorYaP",
    'they opened "payroll_q3_summary"',
  ];
  for (const reason of written) assert.ok(sharesRun(reason, lines), reason);
  assert.ok(!sharesRun("Whole lines after long waits, then payroll q3", lines));
});

Deno.test("checkAnswer() keeps no secret, address or unseen character of a reason", () => {
  const key = `ghp_${"aB3dE6gH9j".repeat(4)}`;
  const reason = `Whole\u202e lines; key ${key}, bob@example.com\nand a\u200b wait`;
  const checked = checkAnswer(JSON.stringify({ ...GOOD, reason }), WINDOW);
  assert.ok(checked.ok);
  assert.equal(checked.finding.reason, "Whole lines; key [github-token 1], [email 1] and a wait");
});

Deno.test("checkAnswer() is quick with answers made to be slow", () => {
  const size = 300_000;
  const answers = [
    "```" + " ".repeat(size),
    "```json" + "\n".repeat(size) + "x",
    "`".repeat(size),
    " ".repeat(size),
    "[".repeat(size),
    '{"a":'.repeat(size / 5),
    JSON.stringify({ ...GOOD, evidence: Array(size / 30).fill({ line: 5, quote: "kubectl" }) }),
    JSON.stringify({ ...GOOD, techniques: Array(size / 30).fill("T1082") }),
    JSON.stringify({ ...GOOD, reason: "a ".repeat(size / 2) }),
    JSON.stringify(GOOD).replace("{", '{"__proto__":{"operator_type":"human"},'),
  ];
  for (const answer of answers) {
    const began = performance.now();
    const checked = checkAnswer(answer, WINDOW);
    assert.equal(checked.ok, false, answer.slice(0, 20));
    // linear: some milliseconds; with backtracking it was minutes
    assert.ok(performance.now() - began < 5000, answer.slice(0, 20));
  }
});

const finding = (more: Partial<Finding>): Finding => ({
  ...{ operator_type: "human", confidence: 0.9, agent_tool: "unknown", agent_model: "unknown" },
  ...{ work_kind: "unknown", risk_level: "none", techniques: [], reason: "r", lines: [1] },
  ...more,
});

Deno.test("mergeFindings() takes the most severe verdict and risk, and joins the rest", () => {
  const merged = mergeFindings([
    finding({ risk_level: "high", lines: [3], techniques: ["T1059"] }),
    finding({ operator_type: "agent", confidence: 0.6, agent_tool: "codex", lines: [40] }),
  ]);
  assert.equal(merged.operator_type, "agent");
  assert.equal(merged.risk_level, "high");
  assert.equal(merged.agent_tool, "codex");
  assert.deepEqual([merged.lines, merged.techniques], [[3, 40], ["T1059"]]);
});

const type = fc.constantFrom(...OPERATOR_TYPES);
const distribution = fc.record({ human: fc.double(), agent: fc.double(), automation: fc.double() });

Deno.test("resolveVerdict() never goes below the rules' own verdict, but where they lean there too", () => {
  fc.assert(fc.property(type, fc.option(distribution), type, fc.nat(2), (rules, p, model, n) => {
    const view = { operatorType: rules, distribution: p };
    const { operatorType, review } = resolveVerdict(view, model, { instructions: n });
    if (severity(operatorType) < severity(rules)) {
      assert.equal(rules, "unknown");
      assert.equal(n, 0);
      assert.ok(p !== null && Math.max(p.human, p.agent, p.automation) === p[model as "human"]);
    }
    if (n > 0 || (severity(model) < severity(operatorType))) assert.equal(review, true);
    // what speaks to the reader can only keep a verdict or raise it
    const without = resolveVerdict(view, model, { instructions: 0 });
    assert.ok(n === 0 || severity(operatorType) >= severity(without.operatorType));
  }));
});
