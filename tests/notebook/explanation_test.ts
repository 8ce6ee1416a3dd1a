import assert from "node:assert/strict";
import type { Explained } from "../../lib/model/explanation.ts";
import { showExplanation } from "../../lib/notebook/explanation.ts";

const EXPLAINED: Explained = {
  subjectId: "<b>s</b>",
  version: "phase1@0a1b2c3d",
  prior: { human: 0.6, agent: 0.1, automation: 0.3 },
  evaluation: {
    operatorType: "agent",
    confidence: 0.91,
    distribution: { human: 0.04, agent: 0.91, automation: 0.05 },
    reason: "agent 0.91, automation 0.05; one rule voted, quick",
    routing: { phase2: "pty", reason: "agent-on-terminal" },
  },
  rules: [
    {
      ...{ id: "quick", title: "Quick", outcome: "fired", when: "pty_gap_p50 < 0.1", missing: [] },
      ...{ votes: { weights: { agent: 2 } }, values: { pty_gap_p50: 0.05 } },
    },
    {
      ...{ id: "even", title: "Even", outcome: "abstained", when: "pty_gap_cv < 1" },
      ...{
        votes: { weights: { human: 1 } },
        values: { pty_gap_cv: null },
        missing: ["pty_gap_cv"],
      },
    },
  ],
  flips: [{
    ...{ to: "human", size: 0.5 },
    changes: [{ feature: "pty_gap_p50", from: 0.05, to: 0.1 }],
  }],
};

Deno.test("showExplanation() shows verdict, rules with what they missed, and flips, all escaped", () => {
  const { markup } = showExplanation(EXPLAINED);
  for (
    const part of [
      "agent 0.91",
      "&lt;b&gt;s&lt;/b&gt;",
      "pty, agent-on-terminal",
      "pty_gap_cv not measured",
      "pty_gap_p50 0.05 → 0.1",
      "Smallest changes that would flip it",
    ]
  ) assert.ok(markup.includes(part), part);
  const none = showExplanation({ ...EXPLAINED, flips: [] }).markup;
  assert.match(none, /No change of one or two features was found/);
});
