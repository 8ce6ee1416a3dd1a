import type { OperatorType } from "../../lib/model/vocabulary.ts";
import { openChat } from "../../lib/phase2/chat.ts";
import type { Digest } from "../../lib/phase2/digest.ts";
import {
  type JudgeOptions,
  judgeSubjects,
  type Phase2Subject,
  type Phase2Summary,
} from "../../lib/phase2/judge_subjects.ts";
import { loadPrompt } from "../../lib/phase2/prompt.ts";
import type { Store } from "../../lib/store/store.ts";
import { NOW } from "../store/sample.ts";
import { type ChatReply, type ChatRequest, type LlmServer, serveLlm } from "./llm_server.ts";

export const PROMPT = await loadPrompt();

/** A digest of these lines. */
export function digest(...lines: string[]): Digest {
  return {
    ...{ kind: "pty" as const, lines, redacted: {}, instructions: [], invisible: 0, elided: 0 },
    stopped: null,
  };
}

/** A session, what is read of it, and what the rules say. */
export function subject(
  subjectId: string,
  made: Digest | { problem: string } = digest(`0.10 s $ uname of ${subjectId}`, "0.20 s Linux"),
  rules: OperatorType = "unknown",
): Phase2Subject {
  const phase1 = { operatorType: rules, distribution: null, confidence: null };
  return { subjectId, kind: "pty", phase1, digest: () => Promise.resolve(made) };
}

type Ask = Partial<JudgeOptions> & {
  model?: string;
  retries?: number;
  timeoutMs?: number;
  subjects?: Phase2Subject[];
};

/** Judges subjects (by default `s-1`) against a server that replies so. */
export async function judged(
  store: Store,
  reply: (request: ChatRequest, number: number) => ChatReply | Promise<ChatReply>,
  options: Ask = {},
): Promise<{ summary: Phase2Summary; requests: ChatRequest[]; most: number }> {
  await using server = serveLlm(reply);
  const summary = await judgedAt(store, server, options);
  return { summary, requests: server.requests, most: server.most };
}

/** The same against a server that is there: what was asked of another counts for nothing. */
export async function judgedAt(
  store: Store,
  { baseURL }: LlmServer,
  { model = "test-model", retries = 0, timeoutMs = 10_000, ...more }: Ask = {},
): Promise<Phase2Summary> {
  const { subjects = [subject("s-1")], ...options } = more;
  let marker = 0;
  return await judgeSubjects(store, subjects, {
    chat: openChat({ baseURL, model, apiKey: "k", retries, timeoutMs }),
    ...{ prompt: PROMPT, price: { input: 1, output: 4 }, budget: 10, maxPerSession: 1 },
    ...{ concurrency: 2, now: () => NOW, marker: () => `mark${++marker}`, ...options },
  });
}
