import { createHash } from "node:crypto";
import {
  beginRequest,
  endRequest,
  findAnswer,
  type LlmRequest,
  type LlmState,
  recordCall,
  shareAnswer,
  withdrawRequest,
} from "../store/llm.ts";
import type { Store } from "../store/store.ts";
import { storedJson } from "../store/stored_json.ts";
import { type AnswerMode, type Chat, ChatError, type Reply } from "./chat.ts";
import { checkAnswer, type Finding, type Rejection } from "./check_answer.ts";
import { type DigestKind, type DigestWindow, numbered } from "./digest.ts";
import { costOf, type Price } from "./price.ts";
import { type Message, messagesOf, type Prompt, requestTokens } from "./prompt.ts";
import type { Allowance } from "./purse.ts";

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

/** What windows of one run share. */
export interface AskTogether {
  /** Money put aside for the session; the first request of each window is in it. */
  allowance: Allowance;
  /** Requests under way, by their key: sessions that are alike wait for one answer. */
  underWay: Map<string, Promise<unknown>>;
}

/** One window of a subject's digest. */
interface WindowTask {
  subjectId: string;
  kind: DigestKind;
  digestHash: string;
  window: DigestWindow;
  /** Its number from 1, and how many there are. */
  number: number;
  windows: number;
}

/** What came of a window. `interrupted`: an earlier run sent it and was killed before the answer. */
export type WindowOutcome =
  | { outcome: "answered"; finding: Finding; cached: boolean }
  | { outcome: Exclude<LlmState, "sent" | "answered"> | "interrupted"; cached: boolean };

/** What a repeated request says of the answer before; never what that answer was. */
const REPAIRS: Readonly<Record<Rejection, string>> = {
  "no-json": "it was no JSON object",
  "wrong-schema": "it did not follow the schema",
  "invented-quote": "a quote did not stand in the line it named; copy quotes exactly",
};

/** How often a window is asked about: an answer that is not taken is asked for once more. */
const ATTEMPTS = 2;
/** After so many tries that may be billed without an answer it is given up. */
const MOST_SPARE = 2;

/**
 * Asks a model about one window, once: an answer that is in the store is taken from there, and a
 * request that was sent is not sent again. An answer that is not taken is asked for once more, in a
 * new conversation, where there is money for it. Throws a {@link ChatError} where the server can't
 * be used.
 */
export async function askWindow(
  store: Store,
  task: WindowTask,
  options: AskOptions & AskTogether,
): Promise<WindowOutcome> {
  const answered = storedAnswer(store, task, options);
  if (answered !== null) return answered;
  let result: WindowOutcome | null = null;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const repair: Rejection | null = result === null ? null : rejectionOf(result.outcome);
    if (result !== null && repair === null) break;
    const next = await askOnce(store, task, { ...options, attempt, repair });
    if (next === null) break;
    result = next;
  }
  return result!;
}

/** An answer that was taken, to whichever attempt. */
function storedAnswer(
  store: Store,
  task: WindowTask,
  options: AskOptions & AskTogether,
): WindowOutcome | null {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const request = requestOf(task, { ...options, attempt });
    const known = findAnswer(store, request.key);
    if (known?.state !== "answered") continue;
    shareAnswer(store, request);
    const finding = storedJson<Finding>(store, "llm_answers.finding", known.finding);
    return { outcome: "answered", finding, cached: true };
  }
  return null;
}

function rejectionOf(outcome: WindowOutcome["outcome"]): Rejection | null {
  return outcome in REPAIRS ? outcome as Rejection : null;
}

interface Attempt extends AskOptions, AskTogether {
  /** From 1. */
  attempt: number;
  repair: Rejection | null;
}

/** One attempt; null where there is no money for a repeated one. */
async function askOnce(
  store: Store,
  task: WindowTask,
  options: Attempt,
): Promise<WindowOutcome | null> {
  const { underWay, resend = false } = options;
  const request = requestOf(task, options);
  for (let other; (other = underWay.get(request.key)) !== undefined;) await other.catch(() => {});
  const known = findAnswer(store, request.key);
  if (known?.state === "answered") return storedAnswer(store, task, options);
  const cost = costOf(requestTokens(messagesIn(task, options)), options.price);
  if (known !== null && !resend) {
    shareAnswer(store, request);
    if (options.attempt === 1) options.allowance.settle(cost, 0);
    return { outcome: known.state === "sent" ? "interrupted" : known.state, cached: true };
  }
  if (options.attempt > 1 && !options.allowance.more(cost)) return null;
  const asking = send(store, { request, task, cost }, options);
  underWay.set(request.key, asking);
  try {
    return await asking;
  } finally {
    underWay.delete(request.key);
  }
}

async function send(
  store: Store,
  { request, task, cost }: { request: LlmRequest; task: WindowTask; cost: number },
  options: Attempt,
): Promise<WindowOutcome> {
  const { chat, allowance, now, signal } = options;
  signal?.throwIfAborted();
  let spare = 0;
  while (spare < MOST_SPARE && allowance.more(cost)) spare++;
  const marker = options.marker();
  const began = now();
  beginRequest(store, request, began);
  const took = () => ({ latencySeconds: (now().getTime() - began.getTime()) / 1000, now: began });
  let reply: Reply;
  try {
    reply = await chat.ask((mode) => messagesIn(task, options, { marker, mode }), {
      ...{ spare, signal },
    });
  } catch (error) {
    // where the server took it no answer will come of it; a run that was stopped can't know
    const { tries, lost } = error instanceof ChatError ? error.spent : { tries: 1, lost: 1 };
    const outcome = error instanceof ChatError ? error.fault : "interrupted";
    if (error instanceof ChatError) withdrawRequest(store, request);
    allowance.settle((1 + spare) * cost, lost * cost);
    recordCall(store, request, {
      ...{ inputTokens: null, outputTokens: null, cost: lost * cost, estimated: lost > 0 },
      ...{ tries, outcome, ...took() },
    });
    throw error;
  }
  const { input, output } = requestTokens(messagesIn(task, options));
  const tokens = { input: reply.inputTokens ?? input, output: reply.outputTokens ?? output };
  const spent = costOf(tokens, options.price) + reply.lost * cost;
  allowance.settle((1 + spare) * cost, spent);
  const result: WindowOutcome = resultOf(reply, task.window);
  endRequest(store, request, {
    state: result.outcome as Exclude<LlmState, "sent">,
    mode: reply.mode,
    finding: result.outcome === "answered" ? JSON.stringify(result.finding) : null,
    inputTokens: reply.inputTokens,
    outputTokens: reply.outputTokens,
    cost: spent,
    estimated: reply.lost > 0 || reply.inputTokens === null || reply.outputTokens === null,
    tries: reply.tries,
    ...took(),
  });
  return result;
}

function resultOf(reply: Reply, window: DigestWindow): WindowOutcome {
  if (reply.outcome !== "answered") return { outcome: reply.outcome, cached: false };
  const checked = checkAnswer(reply.content, window);
  return checked.ok
    ? { outcome: "answered", finding: checked.finding, cached: false }
    : { outcome: checked.rejection, cached: false };
}

/** What is sent of a window; the longest form of it where the server's mode is not known. */
function messagesIn(
  { window, kind, windows }: WindowTask,
  { prompt, repair }: Pick<Attempt, "prompt" | "repair">,
  { marker, mode }: { marker: string; mode: AnswerMode } = LONGEST_FORM,
): Message[] {
  return messagesOf(prompt, window, {
    ...{ kind, windows, marker },
    repair: repair === null ? null : REPAIRS[repair],
    tellSchema: mode !== "json-schema",
  });
}

const LONGEST_FORM = { marker: "0".repeat(32), mode: "plain" } as const;

function requestOf(
  { subjectId, kind, digestHash, window, number }: WindowTask,
  { chat, prompt, attempt }: Pick<Attempt, "chat" | "prompt" | "attempt">,
): LlmRequest {
  const said = [chat.baseURL, chat.model, prompt.hash, kind, attempt, numbered(window)];
  const key = createHash("sha256").update(JSON.stringify(said)).digest("hex");
  const { host } = new URL(chat.baseURL);
  const asked = { host, model: chat.model, promptHash: prompt.hash };
  return { key, subjectId, ...asked, digestHash, window: number };
}
