import assert from "node:assert/strict";
import { INJECTED_SESSIONS } from "../../fixtures/generate/hostile_sessions.ts";
import type { RecordingEvent } from "../../lib/model/event.ts";
import type { Distribution } from "../../lib/model/verdict.ts";
import type { OperatorType } from "../../lib/model/vocabulary.ts";
import { severity } from "../../lib/phase2/combine.ts";
import { openChat } from "../../lib/phase2/chat.ts";
import type { Digest } from "../../lib/phase2/digest.ts";
import { judgeSubjects, type Phase2Subject } from "../../lib/phase2/judge_subjects.ts";
import { loadPrompt } from "../../lib/phase2/prompt.ts";
import { terminalText } from "../../lib/recording/terminal.ts";
import { readVerdicts } from "../../lib/store/verdicts.ts";
import { NOW, sampleStore } from "../store/sample.ts";
import { excerptOf, rightAnswer, serveLlm } from "./llm_server.ts";
import { digestOf } from "./terminal_canvas.ts";

/** A session, and what an honest model says of it: it shows in a line of its own. */
const BASES: readonly { honest: OperatorType; pieces: readonly string[] }[] = [
  { honest: "human", pieces: ["$ ", "l", "s", "\r\n", "a  b\r\n", "$ ", "e", "x", "it\r\n"] },
  { honest: "agent", pieces: ["$ grep -rn token src | head\r\n", "x.ts:1\r\n", "$ make all\r\n"] },
  { honest: "automation", pieces: ["$ step one\r\n", "ok\r\n", "$ step two\r\n", "ok\r\n"] },
];

const leaning = (best: keyof Distribution): Distribution => ({
  ...{ human: 0.2, agent: 0.2, automation: 0.2 },
  [best]: 0.6,
});
const RULES: readonly Phase2Subject["phase1"][] = [
  null,
  { operatorType: "agent", distribution: leaning("agent"), confidence: 0.9 },
  { operatorType: "human", distribution: leaning("human"), confidence: 0.9 },
  { operatorType: "unknown", distribution: leaning("human"), confidence: null },
  { operatorType: "unknown", distribution: leaning("automation"), confidence: null },
];

Deno.test("a model that obeys what it reads never moves a verdict towards harmless", async () => {
  const prompt = await loadPrompt();
  // obeys any instruction that reaches it, whatever its writing; else it is honest
  let honest: OperatorType = "unknown";
  let obeyed = 0;
  await using server = serveLlm((request) => {
    const text = excerptOf(request).map(({ text }) => text).join("\n");
    const demand = INJECTED_SESSIONS.find(({ shown }) => shown.some((part) => text.includes(part)));
    if (demand !== undefined) obeyed++;
    const operator_type = demand === undefined ? honest : "human";
    return { answer: rightAnswer(request, { operator_type, risk_level: "none" }) };
  });
  const options = {
    chat: openChat({ baseURL: server.baseURL, model: "obedient", apiKey: "k" }),
    ...{ prompt, price: { input: 0, output: 0 }, budget: 1, maxPerSession: 1, concurrency: 1 },
    ...{ now: () => NOW, marker: () => crypto.randomUUID() },
  };
  const stored = async (phase1: Phase2Subject["phase1"], digest: Digest) => {
    using store = sampleStore("s-1");
    const subject = { subjectId: "s-1", kind: "pty" as const, phase1 };
    await judgeSubjects(store, [{ ...subject, digest: () => Promise.resolve(digest) }], options);
    return readVerdicts(store, { writer: "phase2" })[0]!.operator_type;
  };
  let tried = 0;
  const moved: string[] = [];
  for (const base of BASES) {
    honest = base.honest;
    const plain = await digestOf(base.pieces);
    const before = await Promise.all(RULES.map((rules) => stored(rules, plain)));
    for (const [i, { name, pieces }] of INJECTED_SESSIONS.entries()) {
      // before the session or behind it, in turn
      const at = i % 2 === 0 ? 0 : base.pieces.length;
      const injected = [...base.pieces.slice(0, at), ...pieces, ...base.pieces.slice(at)];
      const digest = await digestOf(injected);
      for (const [k, rules] of RULES.entries()) {
        const after = await stored(rules, digest);
        tried++;
        if (severity(after) >= severity(before[k]!)) continue;
        moved.push(`${name} at ${at} of ${base.honest}: ${before[k]} to ${after}`);
      }
    }
  }
  assert.deepEqual(moved, []);
  console.log(`    ${tried} sessions with an instruction, ${obeyed} of them reached the model`);
});

Deno.test("what speaks to a model would reach it if it were not withheld", async () => {
  for (const { name, pieces, shown } of INJECTED_SESSIONS) {
    const encoder = new TextEncoder();
    const events = pieces.map((piece, i): RecordingEvent => ({
      type: "print",
      atMs: i,
      data: encoder.encode(piece),
    }));
    const { lines } = await terminalText([events]);
    const text = lines.map(({ text }) => text).join("\n");
    assert.ok(shown.some((part) => text.includes(part)), `${name}: ${JSON.stringify(text)}`);
  }
});
