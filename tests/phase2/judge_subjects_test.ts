import assert from "node:assert/strict";
import { openChat } from "../../lib/phase2/chat.ts";
import { estimateDigest, judgeSubjects } from "../../lib/phase2/judge_subjects.ts";
import { listLabels } from "../../lib/store/labels.ts";
import { readVerdicts } from "../../lib/store/verdicts.ts";
import { NOW, sampleStore } from "../store/sample.ts";
import { digest, judged, PROMPT, subject } from "./judging.ts";
import {
  type ChatReply,
  type ChatRequest,
  excerptOf,
  rightAnswer,
  serveLlm,
} from "./llm_server.ts";

Deno.test("judgeSubjects() writes verdict, labels and cost, and nothing of the text", async () => {
  using store = sampleStore("s-1");
  const { summary, requests } = await judged(
    store,
    (request) => ({ answer: rightAnswer(request) }),
  );
  assert.equal(requests.length, 1);
  assert.equal(requests[0]!.response_format?.type, "json_schema");
  assert.deepEqual([summary.types.agent, summary.left, summary.stopped], [1, {}, null]);
  const [verdict] = readVerdicts(store, { writer: "phase2" });
  assert.equal(verdict!.version, `phase2:test-model@${PROMPT.hash}`);
  assert.deepEqual([verdict!.operator_type, verdict!.confidence], ["agent", 0.8]);
  assert.deepEqual(verdict!.evidence, [1]);
  const labels = Object.fromEntries(
    listLabels(store, "s-1").filter(({ set_by }) => set_by === verdict!.version)
      .map(({ key, value }) => [key, value]),
  );
  assert.deepEqual(labels, {
    ...{ "agent.tool": "claude-code", "attack.T1082": "true", "operator.type": "agent" },
    ...{ "confidence.operator-type": "0.8", "risk.level": "low", "work.kind": "exploration" },
  });
  const call = store.database.prepare("SELECT * FROM llm_calls").get()!;
  assert.deepEqual([call["input_tokens"], call["output_tokens"], call["outcome"]], [
    1000,
    100,
    "answered",
  ]);
  assert.ok(Math.abs(Number(call["cost"]) - 0.0014) < 1e-9);
  assert.ok(Math.abs(summary.spent - 0.0014) < 1e-9);
  for (const table of ["llm_answers", "llm_calls", "verdicts", "labels"]) {
    const rows = JSON.stringify(store.database.prepare(`SELECT * FROM ${table}`).all());
    assert.ok(!rows.includes("uname"), table);
  }
});

Deno.test("judgeSubjects() asks nothing twice: what was answered is in the store", async () => {
  using store = sampleStore("s-1");
  const answer = (request: ChatRequest) => ({ answer: rightAnswer(request) });
  await using server = serveLlm(answer);
  const { baseURL } = server;
  const options = {
    chat: openChat({ baseURL, model: "test-model", apiKey: "k" }),
    ...{ prompt: PROMPT, price: { input: 1, output: 4 }, budget: 10, maxPerSession: 1 },
    ...{ concurrency: 2, now: () => NOW, marker: () => "mark" },
  };
  await judgeSubjects(store, [subject("s-1")], options);
  const again = await judgeSubjects(store, [subject("s-1")], options);
  assert.equal(server.requests.length, 1);
  assert.deepEqual([again.windows, again.spent], [{ cached: 1 }, 0]);
});

const OUTCOMES: readonly {
  name: string;
  reply: (request: ChatRequest, number: number) => ChatReply;
  left: Record<string, number>;
  requests: number;
}[] = [
  {
    name: "prose, asked twice",
    reply: () => ({ answer: "The operator is a human, trust me" }),
    left: { "no-json": 1 },
    requests: 2,
  },
  {
    name: "another schema, asked twice",
    reply: (request) => ({ answer: rightAnswer(request, { operator_type: "robot" }) }),
    left: { "wrong-schema": 1 },
    requests: 2,
  },
  {
    name: "an invented quote, asked twice",
    reply: (request) => ({
      answer: rightAnswer(request, { evidence: [{ line: 1, quote: "rm -rf /" }] }),
    }),
    left: { "invented-quote": 1 },
    requests: 2,
  },
  {
    name: "a wrong answer, then a right one",
    reply: (request, n) => ({ answer: n === 1 ? "{" : rightAnswer(request) }),
    left: {},
    requests: 2,
  },
  { name: "a refusal", reply: () => ({ refusal: "no" }), left: { refused: 1 }, requests: 1 },
  {
    name: "a cut answer",
    reply: (request) => ({ answer: rightAnswer(request), finish: "length" }),
    left: { truncated: 1 },
    requests: 1,
  },
  { name: "an empty answer", reply: () => ({ answer: "" }), left: { empty: 1 }, requests: 1 },
];
for (const { name, reply, left, requests } of OUTCOMES) {
  Deno.test(`judgeSubjects() meets ${name}`, async () => {
    using store = sampleStore("s-1");
    const result = await judged(store, reply);
    assert.deepEqual(result.summary.left, left);
    assert.equal(result.requests.length, requests);
    assert.equal(
      readVerdicts(store, { writer: "phase2" }).length,
      left && Object.keys(left).length ? 0 : 1,
    );
    const [first, second] = result.requests.map(({ messages }) => messages.at(-1)!.content);
    // what the model said is never said back to it
    if (second !== undefined) {
      assert.match(second, /An answer before this one was not taken/);
      assert.ok(!second.includes("trust me") && !first!.includes("was not taken"));
    }
  });
}

const FAULTS: readonly { name: string; reply: ChatReply; fault: RegExp }[] = [
  { name: "a bad key", reply: { status: 401 }, fault: /key is not accepted.*phase2\.apiKeyEnv/ },
  {
    name: "an empty quota",
    reply: { status: 429, body: { error: { message: "x", code: "insufficient_quota" } } },
    fault: /no quota is left/,
  },
  { name: "an unknown model", reply: { status: 404 }, fault: /no such model.*phase2\.model/ },
  { name: "a broken server", reply: { status: 500 }, fault: /stays busy/ },
];
for (const { name, reply, fault } of FAULTS) {
  Deno.test(`judgeSubjects() stops at ${name}, and can go on later`, async () => {
    using store = sampleStore("s-1", "s-2", "s-3");
    const subjects = ["s-1", "s-2", "s-3"].map((id) => subject(id));
    const { summary } = await judged(store, () => reply, { subjects, concurrency: 1 });
    assert.match(summary.stopped!, fault);
    assert.deepEqual(summary.left, { "not-asked": 1 });
    const later = await judged(store, (request) => ({ answer: rightAnswer(request) }), {
      subjects,
    });
    assert.equal(later.summary.types.agent, 3);
  });
}

Deno.test("judgeSubjects() tries again what may pass, and waits as long as it is told", async () => {
  using store = sampleStore("s-1");
  const replies: ChatReply[] = [
    { status: 429, headers: { "retry-after-ms": "30" } },
    { status: 503, headers: { "retry-after-ms": "1" } },
    { cut: true },
  ];
  const { summary, requests } = await judged(
    store,
    (request, n) => replies[n - 1] ?? { answer: rightAnswer(request) },
    { retries: 4 },
  );
  assert.equal(summary.types.agent, 1);
  assert.equal(requests.length, 4);
});

Deno.test("judgeSubjects() finds out what a server knows of JSON, once", async () => {
  using store = sampleStore("s-1", "s-2", "s-3");
  const subjects = ["s-1", "s-2", "s-3"].map((id) => subject(id));
  const { summary, requests } = await judged(
    store,
    (request) =>
      request.response_format === undefined
        ? { answer: "```json\n" + JSON.stringify(rightAnswer(request)) + "\n```" }
        : { status: 400 },
    { subjects },
  );
  assert.equal(summary.types.agent, 3);
  assert.equal(requests.length, 2 + 3);
  assert.match(requests.at(-1)!.messages[0]!.content, /JSON Schema/);
  const modes = store.database.prepare("SELECT DISTINCT mode FROM llm_answers").all();
  assert.deepEqual(modes.map((row) => row["mode"]), ["plain"]);
});

Deno.test("judgeSubjects() sends nothing beyond the budget or a session's share", async () => {
  using store = sampleStore("s-1", "s-2", "s-3");
  const subjects = [
    subject("s-1"),
    subject("s-2", digest(...Array.from({ length: 4000 }, (_, i) => `${i} s $ echo ${i} again`))),
    subject("s-3"),
  ];
  const answer = (request: ChatRequest) => ({ answer: rightAnswer(request) });
  const price = { input: 1, output: 4 };
  const estimate = estimateDigest(digest("0.10 s $ uname of s-1", "0.20 s Linux"), {
    ...{ prompt: PROMPT, price },
  });
  const budget = 1.05 * estimate.cost;
  const { summary, requests } = await judged(store, answer, {
    ...{ subjects, maxPerSession: 2 * estimate.cost, budget, concurrency: 1 },
  });
  assert.deepEqual(summary.left, { "over-session-cap": 1, "over-budget": 1 });
  assert.equal(requests.length, 1);
  assert.ok(summary.spent <= budget);
});

Deno.test("judgeSubjects() reads a long session in windows, and merges what they say", async () => {
  using store = sampleStore("s-1");
  const lines = Array.from({ length: 300 }, (_, i) => `${i}.00 s $ step ${i}`);
  const seen = new Set<number>();
  const { summary, requests } = await judged(store, (request, n) => {
    for (const { line } of excerptOf(request)) seen.add(line);
    return { answer: rightAnswer(request, { operator_type: n === 2 ? "agent" : "human" }) };
  }, { subjects: [subject("s-1", digest(...lines))], windowTokens: 600 });
  assert.ok(requests.length > 3);
  assert.equal(seen.size, 300);
  assert.equal(summary.types.agent, 1);
  assert.ok(
    requests.every(({ messages }) => messages.at(-1)!.content.includes("a longer session")),
  );
});

Deno.test("judgeSubjects() lets no model lower what the rules say", async () => {
  for (const rules of ["agent", "mixed"] as const) {
    using store = sampleStore("s-1");
    const { summary } = await judged(
      store,
      (request) => ({ answer: rightAnswer(request, { operator_type: "human" }) }),
      { subjects: [subject("s-1", undefined, rules)] },
    );
    assert.equal(summary.types[rules], 1);
    const labels = listLabels(store, "s-1");
    assert.equal(labels.find(({ key }) => key === "routing.review")?.value, "true");
  }
});

Deno.test("judgeSubjects() asks several at a time, and no more than allowed", async () => {
  const ids = Array.from({ length: 12 }, (_, i) => `s-${i}`);
  using store = sampleStore(...ids);
  const { summary, most } = await judged(store, async (request) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return { answer: rightAnswer(request) };
  }, { subjects: ids.map((id) => subject(id)), concurrency: 4 });
  assert.equal(summary.types.agent, 12);
  assert.ok(most > 1 && most <= 4, `${most} at once`);
});

Deno.test("judgeSubjects() does not send again what was under way when a run was stopped", async () => {
  using store = sampleStore("s-1");
  const stop = new AbortController();
  await using server = serveLlm((request, n) =>
    n > 1 ? { answer: rightAnswer(request) } : stopped()
  );
  const stopped = (): ChatReply => {
    setTimeout(() => stop.abort(new Error("stopped")), 20);
    return { hang: true };
  };
  const options = {
    chat: openChat({ baseURL: server.baseURL, model: "test-model", apiKey: "k" }),
    ...{ prompt: PROMPT, price: { input: 1, output: 4 }, budget: 10, maxPerSession: 1 },
    ...{ concurrency: 2, now: () => NOW, marker: () => "mark" },
  };
  await assert.rejects(
    judgeSubjects(store, [subject("s-1")], { ...options, signal: stop.signal }),
    /stopped/,
  );
  const again = await judgeSubjects(store, [subject("s-1")], options);
  assert.deepEqual([again.left, server.requests.length], [{ interrupted: 1 }, 1]);
  const resent = await judgeSubjects(store, [subject("s-1")], { ...options, resend: true });
  assert.deepEqual([resent.types.agent, server.requests.length], [1, 2]);
});
