import assert from "node:assert/strict";
import { openChat } from "../../lib/phase2/chat.ts";
import { estimateDigest, judgeSubjects } from "../../lib/phase2/judge_subjects.ts";
import { NOW, sampleStore } from "../store/sample.ts";
import { digest, judged, judgedAt, PROMPT, subject } from "./judging.ts";
import { type ChatReply, rightAnswer, serveLlm } from "./llm_server.ts";

const ESTIMATE = estimateDigest(digest("0.10 s $ uname of s-1", "0.20 s Linux"), {
  ...{ prompt: PROMPT, price: { input: 1, output: 4 } },
}).cost;
const ids = (count: number) => Array.from({ length: count }, (_, i) => `s-${i}`);

Deno.test("judgeSubjects() asks once about sessions that are alike, at the same time and later", async () => {
  const alike = ids(6).map((id) => subject(id, digest("0.10 s ListBuckets ok")));
  using store = sampleStore(...ids(6));
  const { summary, requests } = await judged(store, async (request) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return { answer: rightAnswer(request) };
  }, { subjects: alike, concurrency: 4 });
  assert.deepEqual([summary.types.agent, requests.length, summary.left], [6, 1, {}]);
  const rows = store.database.prepare("SELECT * FROM llm_answers WHERE state = 'answered'").all();
  assert.equal(rows.length, 6);
});

Deno.test("judgeSubjects() with resend asks again only where no attempt was answered", async () => {
  using store = sampleStore("s-1", "s-2");
  const subjects = [subject("s-1"), subject("s-2")];
  await using server = serveLlm((request, n) => ({
    answer: n === 2 || n > 4 ? rightAnswer(request) : "{",
  }));
  const first = await judgedAt(store, server, { subjects, concurrency: 1 });
  assert.deepEqual([first.left, server.requests.length], [{ "no-json": 1 }, 4]);
  const again = await judgedAt(store, server, { subjects, resend: true });
  assert.deepEqual([server.requests.length, again.types.agent], [5, 2]);
});

Deno.test("judgeSubjects() sends no repair that the budget or the session's share does not hold", async () => {
  for (const limits of [{ budget: 1.9 * ESTIMATE }, { maxPerSession: 1.9 * ESTIMATE }]) {
    using store = sampleStore("s-1");
    const usage = { prompt_tokens: 1e6 * ESTIMATE, completion_tokens: 0 };
    await using server = serveLlm((request, n) => ({
      ...{ answer: n === 1 ? "{" : rightAnswer(request), usage },
    }));
    const poor = await judgedAt(store, server, limits);
    assert.deepEqual([server.requests.length, poor.left], [1, { "no-json": 1 }]);
    // with money it goes on where it was: with the repair
    const rich = await judgedAt(store, server);
    assert.deepEqual([server.requests.length, rich.types.agent], [2, 1]);
    assert.match(server.requests[1]!.messages[1]!.content, /was not taken/);
  }
});

Deno.test("judgeSubjects() never exceeds the budget, however many break off at once", async () => {
  const subjects = ids(12).map((id) => subject(id));
  for (const budget of [0.5, 1, 2.5, 7].map((times) => times * ESTIMATE)) {
    using store = sampleStore(...ids(12));
    const { summary } = await judged(
      store,
      (request, n): ChatReply => n % 3 > 0 ? { cut: true } : { answer: rightAnswer(request) },
      { subjects, concurrency: 6, budget, retries: 5 },
    );
    assert.ok(summary.spent <= budget, `${summary.spent} of ${budget}`);
    const sum = store.database.prepare("SELECT total(cost) AS cost FROM llm_calls").get()!["cost"];
    assert.ok(Math.abs(Number(sum) - summary.spent) < 1e-12);
  }
});

Deno.test("judgeSubjects() counts what broke off at what it may have cost, and says that it guesses", async () => {
  using store = sampleStore("s-1");
  const { summary } = await judged(store, () => ({ cut: true }));
  assert.match(summary.stopped!, /no answer/);
  const call = store.database.prepare("SELECT cost, estimated, tries, outcome FROM llm_calls")
    .get();
  assert.deepEqual({ ...call }, {
    ...{ cost: summary.spent, estimated: 1, tries: 1, outcome: "unreachable" },
  });
  assert.ok(Math.abs(summary.spent - ESTIMATE) < 1e-12);
});

Deno.test("judgeSubjects() keeps within the budget whatever a server says that it counted", async () => {
  const subjects = ids(9).map((id) => subject(id));
  for (const tokens of ["many", -1e9, NaN, null, 0]) {
    using store = sampleStore(...ids(9));
    const usage = { prompt_tokens: tokens, completion_tokens: tokens };
    const { requests, summary } = await judged(
      store,
      (request) => ({ answer: rightAnswer(request), usage }),
      { subjects, budget: 4.5 * ESTIMATE, concurrency: 3 },
    );
    assert.ok(summary.spent >= 0 && summary.spent <= 4.5 * ESTIMATE);
    if (tokens !== 0) assert.equal(requests.length, 4, String(tokens));
  }
});

Deno.test("judgeSubjects() counts what was under way when it was stopped", async () => {
  using store = sampleStore(...ids(4));
  const stop = new AbortController();
  await using server = serveLlm((request, n) => {
    if (n === 4) setTimeout(() => stop.abort(new Error("stopped")), 10);
    return n === 1 ? { answer: rightAnswer(request) } : { hang: true };
  });
  const chat = openChat({ baseURL: server.baseURL, model: "test-model", apiKey: "k" });
  await assert.rejects(
    judgeSubjects(store, ids(4).map((id) => subject(id)), {
      ...{ chat, prompt: PROMPT, price: { input: 1, output: 4 }, budget: 10, maxPerSession: 1 },
      ...{ concurrency: 3, now: () => NOW, marker: () => "mark", signal: stop.signal },
    }),
    /stopped/,
  );
  const calls = store.database.prepare("SELECT outcome, cost FROM llm_calls").all()
    .filter(({ outcome }) => outcome !== "answered");
  assert.deepEqual(calls.map(({ outcome }) => outcome), [
    "interrupted",
    "interrupted",
    "interrupted",
  ]);
  assert.ok(calls.every(({ cost }) => Math.abs(Number(cost) - ESTIMATE) < 1e-4));
});
