import OpenAI from "openai";
import { answerJsonSchema } from "./answer.ts";
import { ANSWER_TOKENS, type Message } from "./prompt.ts";

/** How a server was asked to hold a model to JSON. */
export type AnswerMode = "json-schema" | "json-object" | "plain";

/** What came back of one request. */
export type Reply =
  & { mode: AnswerMode; inputTokens: number | null; outputTokens: number | null }
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
  ask(messages: (mode: AnswerMode) => Message[], signal?: AbortSignal): Promise<Reply>;
}

export interface ChatOptions {
  baseURL: string;
  model: string;
  apiKey: string;
  /** Tries again after a failure that may pass: 5. */
  retries?: number;
  /** A request may take so long: 120,000. */
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
    // what the library would read of the environment is said here, or turned off
    this.#client = new OpenAI({
      ...{ baseURL, apiKey, maxRetries: retries, timeout: timeoutMs },
      ...{ organization: null, project: null, logLevel: "off" },
    });
  }

  get mode(): AnswerMode | null {
    return this.#mode;
  }

  async ask(messages: (mode: AnswerMode) => Message[], signal?: AbortSignal): Promise<Reply> {
    if (this.#mode !== null) return await this.#request(messages, this.#mode, signal);
    // those that come meanwhile wait for the first one's outcome instead of probing too
    if (this.#probe !== null) {
      await this.#probe.catch(() => {});
      return await this.ask(messages, signal);
    }
    this.#probe = this.#probing(messages, signal);
    try {
      return await this.#probe;
    } finally {
      this.#probe = null;
    }
  }

  async #probing(
    messages: (mode: AnswerMode) => Message[],
    signal: AbortSignal | undefined,
  ): Promise<Reply> {
    for (const mode of MODES) {
      try {
        const reply = await this.#request(messages, mode, signal);
        this.#mode = mode;
        return reply;
      } catch (error) {
        const isRefusedFormat = error instanceof ChatError && error.fault === "request";
        if (!isRefusedFormat || mode === "plain") throw error;
      }
    }
    throw new Error("Every mode was tried");
  }

  async #request(
    messages: (mode: AnswerMode) => Message[],
    mode: AnswerMode,
    signal: AbortSignal | undefined,
  ): Promise<Reply> {
    for (let failures = 0;; failures++) {
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
        return replyOf(completion, mode);
      } catch (cause) {
        signal?.throwIfAborted();
        // the library tries again what the server refuses or drops, but not a body that breaks off
        if (cause instanceof OpenAI.APIError || failures >= this.#retries) throw this.#error(cause);
      }
    }
  }

  #error(cause: unknown): ChatError {
    const { baseURL, model } = this;
    const asked = `Cannot ask the model "${model}" at ${baseURL}`;
    if (!(cause instanceof OpenAI.APIError) || cause.status === undefined) {
      return new ChatError(
        `${asked}: no answer; check phase2.baseURL, and that the server runs`,
        "unreachable",
        null,
        { cause },
      );
    }
    const { status, code } = cause;
    const of = (fault: ChatFault, why: string) =>
      new ChatError(`${asked}: status ${status}: ${why}`, fault, status, { cause });
    if (status === 401 || status === 403) {
      return of("key", "the key is not accepted; check the variable that phase2.apiKeyEnv names");
    }
    if (status === 402 || code === "insufficient_quota") return of("quota", "no quota is left");
    if (status === 404) return of("model", "no such model or path; check phase2.model");
    if (status === 429 || status >= 500) return of("busy", "it stays busy; try again later");
    return of("request", "the request is not understood");
  }
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
): Reply {
  const said = {
    mode,
    inputTokens: usage?.prompt_tokens ?? null,
    outputTokens: usage?.completion_tokens ?? null,
  };
  const choice = choices?.[0];
  const content = choice?.message?.content ?? "";
  if (choice?.message?.refusal || choice?.finish_reason === "content_filter") {
    return { ...said, outcome: "refused" };
  }
  if (choice?.finish_reason === "length") return { ...said, outcome: "truncated" };
  return content === "" ? { ...said, outcome: "empty" } : { ...said, outcome: "answered", content };
}
