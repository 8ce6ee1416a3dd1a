import assert from "node:assert/strict";
import { RuleError } from "../../lib/model/errors.ts";
import { labelsOf } from "../../lib/phase1/classify.ts";
import { evaluateRow } from "../../lib/phase1/evaluate.ts";
import { formatVotes } from "../../lib/phase1/explain.ts";
import { fingerprintOf } from "../../lib/phase1/fingerprint.ts";
import { packOf, ruleFile } from "./packs.ts";

const pack = packOf(
  ruleFile("drives", { votes: [{ class: "agent", weight: 4 }] }),
  ruleFile("even", {
    when: "pty_gap_p50 < 0.1",
    votes: [{ tool: "claude-code", weight: 1 }, { model: "claude-opus", weight: 0.5 }],
  }),
  ruleFile("odd", { when: "pty_gap_p90 < 0.1", votes: [{ tool: "codex", weight: 1 }] }),
  ruleFile("named", {
    when: 'has(labels["gcp.ua.agent"])',
    votes: [{ toolIn: 'labels["gcp.ua.agent"]', weight: 3 }],
  }),
);
const AGENT = { pty_events: 100, pty_gap_p50: 0.05, labels: {} };

Deno.test("fingerprintOf() adds votes up and leaves room for what nobody voted for", () => {
  const one = fingerprintOf([{ tools: { codex: 1 } }], "tools");
  assert.equal(one?.name, "codex");
  assert.equal(one.confidence?.toFixed(2), "0.48");
  const more = fingerprintOf([{ tools: { codex: 1 } }, { tools: { codex: 2 } }], "tools");
  assert.equal(more?.confidence?.toFixed(2), "0.87");
  const split = fingerprintOf([{ tools: { codex: 2 } }, { tools: { cline: 1 } }], "tools");
  assert.equal(split?.name, "codex");
  assert(split.confidence! < 0.6);
});

Deno.test("fingerprintOf() names nothing without votes, and nobody of two equal ones", () => {
  assert.equal(fingerprintOf([], "tools"), null);
  assert.equal(fingerprintOf([{ tools: { codex: -1 } }], "tools"), null);
  assert.equal(fingerprintOf([{ tools: { codex: 1 } }], "models"), null);
  const equal = fingerprintOf([{ tools: { codex: 1 } }, { tools: { cline: 1 } }], "tools");
  assert.deepEqual(equal, { name: "unknown", confidence: null });
});

Deno.test("evaluateRow() names tool and model, and they change no verdict", () => {
  const evaluation = evaluateRow(pack, AGENT);
  assert.equal(evaluation.operatorType, "agent");
  assert.equal(evaluation.tool?.name, "claude-code");
  assert.equal(evaluation.model?.name, "claude-opus");
  const without = packOf(ruleFile("drives", { votes: [{ class: "agent", weight: 4 }] }));
  assert.deepEqual(evaluateRow(without, AGENT).distribution, evaluation.distribution);
  assert.deepEqual(
    Object.entries(labelsOf(evaluation)).filter(([key]) => key.includes("agent")),
    [
      ["agent.tool", "claude-code"],
      ["confidence.agent-tool", "0.4754"],
      ["agent.model", "claude-opus"],
      ["confidence.agent-model", "0.3547"],
    ],
  );
});

Deno.test("evaluateRow() takes a tool from a text in any spelling, and only known ones", () => {
  const named = (text: string) =>
    evaluateRow(pack, { pty_events: 100, labels: { "gcp.ua.agent": text } });
  const evaluation = named("claude_code");
  assert.equal(evaluation.tool?.name, "claude-code");
  const hit = evaluation.hits.find(({ rule_id }) => rule_id === "named");
  assert.equal(formatVotes(hit!.votes), "claude-code +3");
  assert.equal(hit?.features['labels["gcp.ua.agent"]'], "claude_code");
  assert.equal(named("__proto__").tool, null);
});

Deno.test("labelsOf() names no tool where a person or a script drove", () => {
  const human = packOf(
    ruleFile("drives", { votes: [{ class: "human", weight: 4 }] }),
    ruleFile("even", { votes: [{ tool: "codex", weight: 1 }] }),
  );
  const evaluation = evaluateRow(human, AGENT);
  assert.equal(evaluation.tool?.name, "codex");
  assert.equal(labelsOf(evaluation)["agent.tool"], undefined);
});

Deno.test("compilePack() refuses tools it does not know and votes that do not go together", () => {
  const problem = (votes: unknown[]) => {
    try {
      packOf(ruleFile("a", { votes }));
      return null;
    } catch (error) {
      assert(error instanceof RuleError);
      return error.message;
    }
  };
  assert.match(problem([{ tool: "clod", weight: 1 }])!, /"votes\.0\.tool"/);
  assert.match(problem([{ toolIn: "pty_events", weight: 1 }])!, /number.*string/);
  assert.match(problem([{ toolIn: 'labels["truth.agent-tool"]', weight: 1 }])!, /truth/);
  const two = [{ tool: "codex", weight: 1 }, { class: "agent", weight: 1 }];
  assert.match(problem(two)!, /A rule votes for classes, or for tools/);
  const twice = [{ tool: "codex", weight: 1 }, { tool: "codex", weight: 2 }];
  assert.match(problem(twice)!, /Two votes for "codex"/);
});
