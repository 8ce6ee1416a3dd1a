import { createHash } from "node:crypto";
import {
  beginRequest,
  endRequest,
  findAnswer,
  type LlmRequest,
  type LlmState,
  recordCall,
  withdrawRequest,
} from "../store/llm.ts";
import type { Store } from "../store/store.ts";
import { type Chat, ChatError, type Reply } from "./chat.ts";
import { checkAnswer, type Finding, type Rejection } from "./check_answer.ts";
import { type DigestKind, type DigestWindow, numbered } from "./digest.ts";
import { messagesOf, type Prompt, requestTokens } from "./prompt.ts";

/** Money for a million tokens, in the configuration's currency. */
export interface Price {
  input: number;
  output: number;
}

export function costOf(tokens: { input: number; output: number }, price: Price): number {
  return (tokens.input * price.input + tokens.output * price.output) / 1e6;
}

export interface AskOptions {
  chat: Chat;
  prompt: Prompt;
  price: Price;
  now: () => Date;
  /** A word nobody can foresee; another one for each request. */
  marker: () => string;
  /** Asks again what was sent before without a usable answer. */
  resend?: boolean;
  signal?: AbortSignal | undefined;
}

/** One window of a subject's digest. */
export interface WindowTask {
  subjectId: string;
  kind: DigestKind;
  window: DigestWindow;
  /** Its number from 1, and how many there are. */
  number: number;
  windows: number;
}

/** What came of a window. `interrupted`: an earlier run sent it and was killed before the answer. */
export type WindowOutcome =
  | { outcome: "answered"; finding: Finding; cached: boolean; cost: number }
  | {
    outcome: Exclude<LlmState, "sent" | "answered"> | "interrupted";
    cached: boolean;
    cost: number;
  };

/** What a repeated request says of the answer before; never what that answer was. */
const REPAIRS: Readonly<Record<Rejection, string>> = {
  "no-json": "it was no JSON object",
  "wrong-schema": "it did not follow the schema",
  "invented-quote": "a quote did not stand in the line it named; copy quotes exactly",
};

/**
 * Asks a model about one window, once: an answer that is in the store is taken from there, and a
 * request that was sent is not sent again. An answer that is not taken is asked for once more, in a
 * new conversation. Throws a {@link ChatError} where the server can't be used.
 */
export async function askWindow(
  store: Store,
  task: WindowTask,
  options: AskOptions,
): Promise<WindowOutcome> {
  let cost = 0;
  let repair: Rejection | null = null;
  for (let attempt = 1;; attempt++) {
    const result = await askOnce(store, task, { ...options, attempt, repair });
    cost += result.cost;
    const rejection = rejectionOf(result.outcome);
    if (rejection === null || attempt === 2) return { ...result, cost };
    repair = rejection;
  }
}

function rejectionOf(outcome: WindowOutcome["outcome"]): Rejection | null {
  return outcome in REPAIRS ? outcome as Rejection : null;
}

async function askOnce(
  store: Store,
  task: WindowTask,
  options: AskOptions & { attempt: number; repair: Rejection | null },
): Promise<WindowOutcome> {
  const { chat, prompt, repair, now } = options;
  const request = requestOf(task, options);
  const known = findAnswer(store, request.key);
  if (known !== null && (known.state === "answered" || !options.resend)) {
    return known.state === "answered"
      ? { outcome: "answered", finding: JSON.parse(known.finding!), cached: true, cost: 0 }
      : { outcome: known.state === "sent" ? "interrupted" : known.state, cached: true, cost: 0 };
  }
  const marker = options.marker();
  const began = now();
  beginRequest(store, request, began);
  let reply: Reply;
  try {
    reply = await chat.ask(
      (mode) =>
        messagesOf(prompt, task.window, {
          ...{ kind: task.kind, marker, windows: task.windows },
          repair: repair === null ? null : REPAIRS[repair],
          tellSchema: mode !== "json-schema",
        }),
      options.signal,
    );
  } catch (error) {
    // where the server took it no answer will come of it; a run that was stopped can't know
    if (error instanceof ChatError) {
      withdrawRequest(store, request.key);
      recordCall(store, request, { ...failed(began, now()), outcome: error.fault });
    }
    throw error;
  }
  const cost = costOf(tokensOf(reply, task, options), options.price);
  const result: WindowOutcome = resultOf(reply, task.window, cost);
  endRequest(store, request, {
    state: result.outcome as Exclude<LlmState, "sent">,
    mode: reply.mode,
    finding: result.outcome === "answered" ? JSON.stringify(result.finding) : null,
    inputTokens: reply.inputTokens,
    outputTokens: reply.outputTokens,
    cost,
    latencySeconds: (now().getTime() - began.getTime()) / 1000,
    now: began,
  });
  return result;
}

function resultOf(reply: Reply, window: DigestWindow, cost: number): WindowOutcome {
  if (reply.outcome !== "answered") return { outcome: reply.outcome, cached: false, cost };
  const checked = checkAnswer(reply.content, window);
  return checked.ok
    ? { outcome: "answered", finding: checked.finding, cached: false, cost }
    : { outcome: checked.rejection, cached: false, cost };
}

/** What the server counted; where it does not say, the estimate. */
function tokensOf(
  { inputTokens, outputTokens }: Reply,
  { window, kind, windows }: WindowTask,
  { prompt }: AskOptions,
): { input: number; output: number } {
  const said = { kind, windows, marker: "", tellSchema: true };
  const estimate = requestTokens(messagesOf(prompt, window, said));
  return { input: inputTokens ?? estimate.input, output: outputTokens ?? estimate.output };
}

function failed(began: Date, ended: Date) {
  const latencySeconds = (ended.getTime() - began.getTime()) / 1000;
  return { inputTokens: null, outputTokens: null, cost: null, latencySeconds, now: began };
}

function requestOf(
  { subjectId, kind, window, number }: WindowTask,
  { chat, prompt, attempt }: AskOptions & { attempt: number },
): LlmRequest {
  const said = [chat.baseURL, chat.model, prompt.hash, kind, attempt, numbered(window)];
  const key = createHash("sha256").update(JSON.stringify(said)).digest("hex");
  return { key, subjectId, model: chat.model, promptHash: prompt.hash, window: number };
}
