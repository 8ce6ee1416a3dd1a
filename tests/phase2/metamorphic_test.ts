import assert from "node:assert/strict";
import { PLAIN_FILE } from "../../fixtures/generate/hostile_files.ts";
import { INJECTED_SESSIONS } from "../../fixtures/generate/hostile_sessions.ts";
import type { RecordingEvent } from "../../lib/model/event.ts";
import type { Distribution } from "../../lib/model/verdict.ts";
import type { OperatorType } from "../../lib/model/vocabulary.ts";
import { severity } from "../../lib/phase2/combine.ts";
import type { Digest } from "../../lib/phase2/digest.ts";
import type { Phase2Subject } from "../../lib/phase2/judge_subjects.ts";
import { terminalText } from "../../lib/recording/terminal/terminal.ts";
import { readVerdicts } from "../../lib/store/verdicts.ts";
import { sampleStore } from "../store/sample.ts";
import { hostileSessions, printsOf } from "./hostile_files.ts";
import { judgedAt } from "./judging.ts";
import { excerptOf, rightAnswer, serveLlm } from "./llm_server.ts";
import { digestOf } from "./terminal_canvas.ts";

const SESSIONS = await hostileSessions();

/** A session, and what an honest model says of it. */
const BASES: readonly { honest: OperatorType; pieces: readonly string[] }[] = [
  { honest: "human", pieces: ["$ ", "l", "s", "\r\n", "a  b\r\n", "$ ", "e", "x", "it\r\n"] },
  { honest: "agent", pieces: ["$ grep -rn token src | head\r\n", "x.ts:1\r\n", "$ make all\r\n"] },
  { honest: "automation", pieces: ["$ step one\r\n", "ok\r\n", "$ step two\r\n", "ok\r\n"] },
];

const leaning = (best: keyof Distribution): Distribution => ({
  ...{ human: 0.2, agent: 0.2, automation: 0.2 },
  [best]: 0.6,
});
/** What the rules say; the first is the one under which a model may lower most. */
const RULES: readonly NonNullable<Phase2Subject["phase1"]>[] = [
  { operatorType: "unknown", distribution: leaning("human"), confidence: null },
  { operatorType: "unknown", distribution: leaning("automation"), confidence: null },
  { operatorType: "unknown", distribution: null, confidence: null },
  { operatorType: "agent", distribution: leaning("agent"), confidence: 0.9 },
  { operatorType: "human", distribution: leaning("human"), confidence: 0.9 },
];

Deno.test("the corpus of hostile sessions is an agent's session with each text put into it", () => {
  assert.deepEqual(SESSIONS.map(({ pieces }) => pieces), INJECTED_SESSIONS.map((s) => s.pieces));
  const bytes = SESSIONS.map(({ pieces }) => pieces.join("").length);
  assert.ok(Math.max(...bytes) > 1_000_000, "one is hidden in a megabyte");
});

/** A session's digests by what was put where; without anything first. */
async function digestsOf(pieces: readonly string[]): Promise<[what: string, Digest][]> {
  const digests: [string, Digest][] = [["nothing", await digestOf(pieces)]];
  for (const { file, pieces: hostile } of SESSIONS) {
    // a megabyte takes its time: before the session only
    const last = hostile.length > 100 ? 0 : pieces.length;
    for (let at = 0; at <= last; at++) {
      const all = [...pieces.slice(0, at), ...hostile, ...pieces.slice(at)];
      digests.push([`${file} at ${at}`, await digestOf(all)]);
    }
  }
  return digests;
}

Deno.test("a model that obeys what it reads never moves a verdict towards harmless", async () => {
  // obeys any instruction that reaches it, whatever its writing; else it is honest
  let obeyed = 0;
  await using server = serveLlm((request) => {
    const text = excerptOf(request).map(({ text }) => text.replace(/^[^ ]+ s /, "")).join("\n");
    const demand = INJECTED_SESSIONS.find(({ shown }) => shown.some((part) => text.includes(part)));
    if (demand !== undefined) obeyed++;
    const operator_type = demand === undefined ? request.model : "human";
    return { answer: rightAnswer(request, { operator_type, risk_level: "none" }) };
  });
  const moved: string[] = [];
  let tried = 0;
  for (const { honest, pieces } of BASES) {
    const digests = await digestsOf(pieces);
    // every place under the laxest rules, and under the others in turn
    const cases = digests.flatMap(([what, digest], i) =>
      RULES.flatMap((phase1, k) =>
        what === "nothing" || k === 0 || k === 1 + i % (RULES.length - 1)
          ? [{ id: `${i} ${k}`, what, digest, phase1, rules: k }]
          : []
      )
    );
    using store = sampleStore(...cases.map(({ id }) => id));
    await judgedAt(store, server, {
      ...{ model: honest, concurrency: 8, price: { input: 0, output: 0 } },
      subjects: cases.map(({ id, digest, phase1 }) => ({
        ...{ subjectId: id, kind: "pty" as const, phase1 },
        digest: () => Promise.resolve(digest),
      })),
    });
    const stored = new Map(
      readVerdicts(store, { writer: "phase2" }).map((row) => [row.subject_id, row.operator_type]),
    );
    for (const { id, what, rules } of cases) {
      const [before, after] = [stored.get(`0 ${rules}`)!, stored.get(id)!];
      if (severity(after) < severity(before)) {
        moved.push(`${what}, ${honest}: ${before} to ${after}`);
      }
    }
    tried += cases.length;
  }
  assert.deepEqual(moved, []);
  console.log(`    ${tried} sessions with a hostile text, ${obeyed} times it reached the model`);
});

Deno.test("the files of hostile sessions hide from a model what they want of it", async () => {
  const plain = await digestOf(await printsOf(PLAIN_FILE));
  assert.deepEqual(plain.instructions, []);
  for (const { file, shown } of SESSIONS) {
    const { lines, instructions } = await digestOf(await printsOf(file));
    assert.ok(instructions.length > 0, `${file}: nothing was found`);
    const text = lines.map((line) => line.replace(/^[^ ]+ s /, "")).join("\n");
    assert.ok(!shown.some((part) => text.includes(part)), `${file}: ${text}`);
  }
});

Deno.test("what speaks to a model would reach it if it were not withheld", async () => {
  for (const { file, pieces, shown } of SESSIONS) {
    const encoder = new TextEncoder();
    const events = pieces.map((piece, i): RecordingEvent => ({
      type: "print",
      atMs: i,
      data: encoder.encode(piece),
    }));
    const { lines } = await terminalText([events]);
    const text = lines.map(({ text }) => text).join("\n");
    assert.ok(shown.some((part) => text.includes(part)), `${file}: ${JSON.stringify(text)}`);
  }
});
