/** What a request to the loopback server asked, as far as a test needs it. */
export interface ChatRequest {
  model: string;
  messages: { role: string; content: string }[];
  response_format?: { type: string };
}

/** What the server does with a request. */
export type ChatReply =
  | {
    answer: unknown;
    finish?: string;
    usage?: unknown;
  }
  | { refusal: string }
  | { status: number; body?: unknown; headers?: Record<string, string> }
  | { text: string }
  | { cut: true }
  | { hang: true }
  | { endless: "blanks" | "drops" };

export interface LlmServer extends AsyncDisposable {
  baseURL: string;
  /** Every request that came, in order. */
  requests: ChatRequest[];
  /** Most requests that were under way at once. */
  most: number;
}

/** A server on 127.0.0.1 that speaks the chat completions protocol. */
export function serveLlm(
  reply: (request: ChatRequest, number: number) => ChatReply | Promise<ChatReply>,
): LlmServer {
  const requests: ChatRequest[] = [];
  let under = 0;
  const stop = new AbortController();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, signal: stop.signal, onListen() {} },
    async (request) => {
      if (!request.url.endsWith("/chat/completions")) return new Response(null, { status: 404 });
      const asked: ChatRequest = await request.json();
      requests.push(asked);
      state.most = Math.max(state.most, ++under);
      try {
        return await responseOf(await reply(asked, requests.length));
      } finally {
        under--;
      }
    },
  );
  const state: LlmServer = {
    baseURL: `http://127.0.0.1:${server.addr.port}/v1`,
    requests,
    most: 0,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await server.finished;
    },
  };
  return state;
}

function responseOf(reply: ChatReply): Response | Promise<Response> {
  if ("hang" in reply) return new Promise<Response>(() => {});
  if ("text" in reply) return new Response(reply.text);
  if ("endless" in reply) return new Response(endless(reply.endless), { headers: JSON_TYPE });
  if ("cut" in reply) {
    return new Response('{"id":"x","choices":[{"mess', { headers: JSON_TYPE });
  }
  if ("status" in reply) {
    const { status, body = { error: { message: "no" } }, headers = {} } = reply;
    return Response.json(body, { status, headers });
  }
  const message = "refusal" in reply
    ? { role: "assistant", content: null, refusal: reply.refusal }
    : {
      role: "assistant",
      content: typeof reply.answer === "string" ? reply.answer : JSON.stringify(reply.answer),
    };
  return Response.json({
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 0,
    model: "loopback",
    choices: [{ index: 0, message, finish_reason: "finish" in reply ? reply.finish : "stop" }],
    usage: "usage" in reply ? reply.usage : { prompt_tokens: 1000, completion_tokens: 100 },
  });
}

const JSON_TYPE = { "content-type": "application/json" };

/** A body without an end: as fast as it is read, or a blank now and then. */
function endless(kind: "blanks" | "drops"): ReadableStream<Uint8Array> {
  let wake = () => {};
  return new ReadableStream({
    async pull(controller) {
      if (kind === "drops") {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, 10);
          wake = () => (clearTimeout(timer), resolve());
        });
      }
      controller.enqueue(new Uint8Array(kind === "drops" ? 1 : 65_536).fill(0x20));
    },
    cancel: () => wake(),
  });
}

/** The numbered lines of the excerpt in a request, without their numbers. */
export function excerptOf({ messages }: ChatRequest): { line: number; text: string }[] {
  return [...messages.at(-1)!.content.matchAll(/^(\d+)\| (.*)$/gm)].map(([, line, text]) => ({
    line: Number(line),
    text: text!,
  }));
}

/** A right answer to a request: of the type given, with a quote of the excerpt's first line. */
export function rightAnswer(
  request: ChatRequest,
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  const [{ line, text } = { line: 1, text: "" }] = excerptOf(request);
  return {
    operator_type: "agent",
    confidence: 0.8,
    agent_tool: "claude-code",
    agent_model: "unknown",
    work_kind: "exploration",
    risk_level: "low",
    techniques: ["T1082"],
    reason: "Whole commands after waits of seconds",
    evidence: [{ line, quote: text.slice(0, 60) }],
    ...more,
  };
}
