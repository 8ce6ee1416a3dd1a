import OpenAI from "openai";
import { answerJsonSchema } from "./answer.ts";
import { boundedFetch, OversizeError } from "./bounded_fetch.ts";
import { ANSWER_TOKENS, type Message } from "./prompt.ts";
import { mayBeBilled, waitBeforeRetry } from "./retry.ts";

/** How a server was asked to hold a model to JSON. */
export type AnswerMode = "json-schema" | "json-object" | "plain";

/** How often a request went over the wire, and how often without an answer and perhaps billed. */
export interface Tries {
  tries: number;
  lost: number;
}

/** What came back of one request. */
export type Reply =
  & { mode: AnswerMode; inputTokens: number | null; outputTokens: number | null }
  & Tries
  & (
    | { outcome: "answered"; content: string }
    | { outcome: "refused" | "truncated" | "empty" }
  );

/** Why a server can't be used at all: asking on would be no use, or would cost without a result. */
export type ChatFault = "key" | "quota" | "model" | "request" | "busy" | "unreachable";

/** A request to a model failed for good; `status` is the server's, where it answered. */
export class ChatError extends Error {
  override name = "ChatError";
  constructor(
    message: string,
    readonly fault: ChatFault,
    readonly status: number | null,
    readonly spent: Tries,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A server that speaks the chat completions protocol, and one model of it. */
export interface Chat {
  readonly baseURL: string;
  readonly model: string;
  /** The mode the server takes, once it has shown it: the first request finds out. */
  readonly mode: AnswerMode | null;
  /**
   * Sends messages as they are for a mode. Tries again what may pass (busy, broken, slow), as long
   * as the server says where it says so. Throws a {@link ChatError}.
   */
  ask(messages: (mode: AnswerMode) => Message[], options: ChatAsk): Promise<Reply>;
}

export interface ChatAsk {
  /** How often it may be tried again after a try that is perhaps billed: there is money for it. */
  spare: number;
  signal?: AbortSignal | undefined;
}

interface ChatOptions {
  baseURL: string;
  model: string;
  apiKey: string;
  /** Tries again after a failure that may pass: 5. */
  retries?: number;
  /** One try may take so long, to the end of its answer: 120,000. */
  timeoutMs?: number;
}

const MODES: readonly AnswerMode[] = ["json-schema", "json-object", "plain"];

/** Opens no connection yet. */
export function openChat(options: ChatOptions): Chat {
  return new OpenAiChat(options);
}

class OpenAiChat implements Chat {
  readonly baseURL: string;
  readonly model: string;
  readonly #client: OpenAI;
  readonly #retries: number;
  #mode: AnswerMode | null = null;
  #probe: Promise<Reply> | null = null;

  constructor({ baseURL, model, apiKey, retries = 5, timeoutMs = 120_000 }: ChatOptions) {
    this.baseURL = baseURL;
    this.model = model;
    this.#retries = retries;
    // what the library would read of the environment is said here, or turned off; it tries nothing
    // again, since it neither counts nor stops at an empty quota
    this.#client = new OpenAI({
      ...{ baseURL, apiKey, maxRetries: 0, timeout: timeoutMs, fetch: boundedFetch },
      ...{ organization: null, project: null, logLevel: "off" },
    });
  }

  get mode(): AnswerMode | null {
    return this.#mode;
  }

  async ask(messages: (mode: AnswerMode) => Message[], options: ChatAsk): Promise<Reply> {
    if (this.#mode !== null) return await this.#request(messages, this.#mode, options);
    // those that come meanwhile wait for the first one's outcome instead of probing too
    if (this.#probe !== null) {
      await this.#probe.catch(() => {});
      options.signal?.throwIfAborted();
      return await this.ask(messages, options);
    }
    this.#probe = this.#probing(messages, options);
    try {
      return await this.#probe;
    } finally {
      this.#probe = null;
    }
  }

  async #probing(
    messages: (mode: AnswerMode) => Message[],
    options: ChatAsk,
  ): Promise<Reply> {
    let tries = 0;
    for (const mode of MODES) {
      try {
        const reply = await this.#request(messages, mode, options);
        this.#mode = mode;
        return { ...reply, tries: tries + reply.tries };
      } catch (error) {
        const isRefusedFormat = error instanceof ChatError && error.fault === "request";
        if (!isRefusedFormat || mode === "plain") throw error;
        tries += error.spent.tries;
      }
    }
    throw new Error("Every mode was tried");
  }

  async #request(
    messages: (mode: AnswerMode) => Message[],
    mode: AnswerMode,
    { spare, signal }: ChatAsk,
  ): Promise<Reply> {
    const spent: Tries = { tries: 0, lost: 0 };
    for (;;) {
      spent.tries++;
      try {
        const completion = await this.#client.chat.completions.create({
          model: this.model,
          messages: messages(mode),
          // servers without schemas are old enough to know the old name only
          ...(mode === "json-schema"
            ? { max_completion_tokens: ANSWER_TOKENS }
            : { max_tokens: ANSWER_TOKENS }),
          ...formatOf(mode),
        }, { ...(signal && { signal }) });
        return replyOf(completion, mode, spent);
      } catch (cause) {
        signal?.throwIfAborted();
        if (mayBeBilled(cause)) spent.lost++;
        const wait = waitBeforeRetry(cause, spent.tries - 1);
        const goesOn = wait !== null && spent.tries <= this.#retries && spent.lost <= spare;
        if (!goesOn || isOversize(cause)) throw this.#error(cause, spent);
        await waited(wait, signal);
      }
    }
  }

  #error(cause: unknown, spent: Tries): ChatError {
    const { baseURL, model } = this;
    const asked = `Cannot ask the model "${model}" at ${baseURL}`;
    const of = (fault: ChatFault, why: string, status: number | null) =>
      new ChatError(`${asked}: ${why}`, fault, status, spent, { cause });
    if (isOversize(cause)) return of("unreachable", "its answer has no end; is it a model?", null);
    if (!(cause instanceof OpenAI.APIError) || cause.status === undefined) {
      const why = "no answer; check phase2.baseURL, and that the server runs";
      return of("unreachable", why, null);
    }
    const { status, code } = cause;
    const why = (fault: ChatFault, text: string) => of(fault, `status ${status}: ${text}`, status);
    if (status === 401 || status === 403) {
      return why("key", "the key is not accepted; check the variable that phase2.apiKeyEnv names");
    }
    if (status === 402 || code === "insufficient_quota") return why("quota", "no quota is left");
    if (status === 404) return why("model", "no such model or path; check phase2.model");
    if (status >= 300 && status < 400) {
      return why("unreachable", "it redirects; name the address itself in phase2.baseURL");
    }
    if (status === 429 || status >= 500) return why("busy", "it stays busy; try again later");
    return why("request", "the request is not understood");
  }
}

function isOversize(error: unknown): boolean {
  return error instanceof OversizeError ||
    error instanceof Error && error.cause !== undefined && isOversize(error.cause);
}

function waited(ms: number, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const stop = () => {
    clearTimeout(timer);
    reject(signal!.reason);
  };
  signal?.addEventListener("abort", stop, { once: true });
  return promise.finally(() => signal?.removeEventListener("abort", stop));
}

function formatOf(mode: AnswerMode): Pick<OpenAI.ChatCompletionCreateParams, "response_format"> {
  if (mode === "plain") return {};
  if (mode === "json-object") return { response_format: { type: "json_object" } };
  const json_schema = { name: "operator", strict: true, schema: answerJsonSchema() };
  return { response_format: { type: "json_schema", json_schema } };
}

function replyOf(
  { choices, usage }: OpenAI.Chat.Completions.ChatCompletion,
  mode: AnswerMode,
  spent: Tries,
): Reply {
  const said = {
    ...{ mode, ...spent },
    inputTokens: countOf(usage?.prompt_tokens),
    outputTokens: countOf(usage?.completion_tokens),
  };
  const choice = choices?.[0];
  const content: unknown = choice?.message?.content;
  if (choice?.message?.refusal || choice?.finish_reason === "content_filter") {
    return { ...said, outcome: "refused" };
  }
  if (choice?.finish_reason === "length") return { ...said, outcome: "truncated" };
  return typeof content !== "string" || content === ""
    ? { ...said, outcome: "empty" }
    : { ...said, outcome: "answered", content };
}

/** A count as a server says it; what is none would make the budget a number that nothing exceeds. */
function countOf(value: unknown): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}
