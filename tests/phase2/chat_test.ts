import assert from "node:assert/strict";
import OpenAI from "openai";
import { ChatError, openChat } from "../../lib/phase2/chat.ts";
import { openChatProcess } from "../../lib/phase2/chat_process.ts";
import { mayBeBilled, waitBeforeRetry } from "../../lib/phase2/retry.ts";
import { type ChatReply, serveLlm } from "./llm_server.ts";

const HELLO = () => [{ role: "user" as const, content: "hello" }];

/** What comes of one request to a server that replies so, and how many it got. */
async function asked(
  reply: (number: number) => ChatReply,
  { retries = 2, timeoutMs = 10_000, spare = 2 } = {},
) {
  await using server = serveLlm((_, number) => reply(number));
  const { baseURL } = server;
  const chat = openChat({ baseURL, model: "m", apiKey: "key-of-the-test", retries, timeoutMs });
  try {
    return {
      reply: await chat.ask(HELLO, { spare }),
      error: null,
      requests: server.requests.length,
    };
  } catch (error) {
    assert.ok(error instanceof ChatError, String(error));
    assert.ok(!error.message.includes("key-of-the-test"));
    return { reply: null, error, requests: server.requests.length };
  }
}

async function failed(...given: Parameters<typeof asked>) {
  const { error, reply, requests } = await asked(...given);
  assert.ok(error !== null, JSON.stringify(reply));
  return { error, requests };
}

Deno.test("Chat gives up a server that never ends its answer, slow or fast", async () => {
  for (const endless of ["drops", "blanks"] as const) {
    const { error, requests } = await failed(() => ({ endless }), {
      ...{ timeoutMs: endless === "drops" ? 60 : 10_000, retries: 1, spare: 0 },
    });
    assert.deepEqual([error.fault, requests, error.spent.lost], ["unreachable", 1, 1]);
  }
});

Deno.test("Chat follows no redirect: the excerpt is for one host", async () => {
  await using other = serveLlm(() => ({ answer: "{}" }));
  const headers = { location: `${other.baseURL}/chat/completions` };
  for (const status of [301, 302, 307, 308]) {
    const { error } = await failed(() => ({ status, headers }));
    assert.match(error.message, /it redirects/);
  }
  assert.equal(other.requests.length, 0);
});

Deno.test("Chat says nothing of what a server says", async () => {
  for (const status of [400, 401, 404, 429, 500]) {
    const body = {
      error: { message: "echo: SECRET-TEXT", code: "SECRET-CODE", param: "SECRET-P" },
    };
    const { error } = await failed(() => ({ status, body }), { retries: 0 });
    assert.ok(!error.message.includes("SECRET"), error.message);
  }
});

Deno.test("Chat stops at once where trying again is no use", async () => {
  const quota = { error: { message: "x", code: "insufficient_quota" } };
  const replies: [ChatReply, string][] = [
    [{ status: 401 }, "key"],
    [{ status: 403 }, "key"],
    [{ status: 402 }, "quota"],
    [{ status: 429, body: quota }, "quota"],
    [{ status: 429, headers: { "retry-after": "86400" } }, "busy"],
  ];
  for (const [reply, fault] of replies) {
    const { error, requests } = await failed(() => reply);
    assert.deepEqual([error.fault, requests, error.spent], [fault, 1, { tries: 1, lost: 0 }]);
  }
});

Deno.test("Chat tries again what is perhaps billed only as often as there is money", async () => {
  for (const spare of [0, 1]) {
    const { error, requests } = await failed(() => ({ cut: true }), { retries: 5, spare });
    assert.deepEqual([requests, error.spent], [1 + spare, { tries: 1 + spare, lost: 1 + spare }]);
  }
  const { reply } = await asked((n) => n === 1 ? { cut: true } : { answer: "{}" });
  assert.deepEqual([reply?.tries, reply?.lost, reply?.outcome], [2, 1, "answered"]);
});

Deno.test("Chat takes no count for tokens that is none", async () => {
  for (const wrong of ["9", -5, 1.5, 1e300, null, {}, [3]]) {
    const usage = { prompt_tokens: wrong, completion_tokens: wrong };
    const { reply } = await asked(() => ({ answer: "{}", usage }));
    assert.deepEqual([reply?.inputTokens, reply?.outputTokens], [null, null]);
  }
});

Deno.test("Chat meets answers of no known shape", async () => {
  const shapes = [
    ...["null", "[]", "7", '"text"', "{}", '{"choices":7}', '{"choices":[]}', '{"choices":[null]}'],
    ...['{"choices":[{"message":{"content":["a"]}}]}', '{"choices":[{"message":null}]}', "<html>"],
  ];
  for (const text of shapes) {
    for (const sent of [{ text }, { status: 200, body: tried(text) }]) {
      const { reply, error } = await asked(() => sent, { retries: 0 });
      assert.ok(reply?.outcome === "empty" || error?.fault === "unreachable", text);
    }
  }
});

function tried(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

Deno.test("waitBeforeRetry() waits as the server says, and longer each time where it does not", () => {
  const at = (headers: Record<string, string>, status = 429) =>
    new OpenAI.APIError(status, undefined, undefined, new Headers(headers));
  const clock = { now: () => Date.UTC(2026, 0, 1), random: () => 0 };
  const wait = (headers: Record<string, string>, failures = 0) =>
    waitBeforeRetry(at(headers), failures, clock);
  assert.equal(wait({ "retry-after": "7" }), 7000);
  assert.equal(wait({ "retry-after": "120" }), 120_000);
  assert.equal(wait({ "retry-after": "Thu, 01 Jan 2026 00:00:09 GMT" }), 9000);
  assert.equal(wait({ "retry-after-ms": "30", "retry-after": "7" }), 30);
  assert.equal(wait({ "retry-after": "soon" }), 500);
  assert.equal(wait({ "retry-after": "-3" }), 500);
  assert.equal(wait({ "retry-after": "301" }), null);
  assert.deepEqual([0, 1, 2, 9].map((failures) => wait({}, failures)), [500, 1000, 2000, 8000]);
  assert.equal(waitBeforeRetry(at({}, 400), 0, clock), null);
});

Deno.test("mayBeBilled() tells who was let in from who was not", async () => {
  const closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = closed.addr;
  closed.close();
  const refused = openChat({
    ...{ baseURL: `http://127.0.0.1:${port}/v1`, model: "m", apiKey: "k", retries: 0 },
  });
  await assert.rejects(
    refused.ask(HELLO, { spare: 0 }),
    (error) => error instanceof ChatError && error.spent.lost === 0,
  );
  assert.equal(mayBeBilled(new OpenAI.APIConnectionTimeoutError()), true);
  assert.equal(mayBeBilled(new OpenAI.APIError(500, undefined, undefined, new Headers())), false);
});

Deno.test("the process that asks is reported gone, to those that wait and those that come", async () => {
  await using server = serveLlm(() => ({ hang: true }));
  Deno.env.set("SHELLSCOPE_TEST_CHAT_KEY", "k");
  try {
    const chat = openChatProcess({
      ...{ baseURL: server.baseURL, model: "m", apiKeyEnv: "SHELLSCOPE_TEST_CHAT_KEY" },
    });
    const first = chat.ask(HELLO, { spare: 0 });
    first.catch(() => {});
    const closing = chat[Symbol.asyncDispose]();
    await assert.rejects(first, /the process that asks has ended/);
    await assert.rejects(chat.ask(HELLO, { spare: 0 }), /the process that asks has ended/);
    await closing;
  } finally {
    Deno.env.delete("SHELLSCOPE_TEST_CHAT_KEY");
  }
});
