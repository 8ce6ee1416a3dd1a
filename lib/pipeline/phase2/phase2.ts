import { randomBytes } from "node:crypto";
import type { Config } from "../../config/config.ts";
import { openChatProcess } from "../../phase2/chat_process.ts";
import type { Digest, DigestKind } from "../../phase2/digest.ts";
import { digestWindows } from "../../phase2/digest.ts";
import {
  estimateDigest,
  judgeSubjects,
  type Phase2Summary,
  WINDOW_TOKENS,
} from "../../phase2/judge_subjects.ts";
import { loadPrompt, type Message, messagesOf } from "../../phase2/prompt.ts";
import { ASSUMED_PRICE, type Price } from "../../phase2/price.ts";
import type { Store } from "../../store/store.ts";
import { Phase2Subjects, type Phase2SubjectsOptions } from "./phase2_subjects.ts";

/** The section `phase2` of the configuration: server, model, price, budget. */
export type Phase2Config = NonNullable<Config["phase2"]>;

/** Which subjects are sent, with which prompt, and who is told. */
export interface RunPhase2Options extends Phase2SubjectsOptions {
  /** The clock of requests and verdicts. */
  now: () => Date;
  /** A prompt of the kit, or a file; the newest of the kit unless said. */
  prompt?: string | undefined;
  /** Asks again what was sent before without a usable answer. */
  resend?: boolean;
  /** Told what was done and spent so far, after each session. */
  onProgress?: (summary: Phase2Summary) => void;
  /** Ends the asking: what is under way is given up, and counted as if it were billed. */
  signal?: AbortSignal | undefined;
}

/** Phase 2 over a store, as its configuration says. */
export async function runPhase2(
  store: Store,
  phase2: Phase2Config,
  options: RunPhase2Options,
): Promise<Phase2Summary> {
  const prompt = await loadPrompt(options.prompt);
  await using chat = openChatProcess(phase2);
  using subjects = new Phase2Subjects(store, options);
  return await judgeSubjects(store, subjects, {
    ...{ chat, prompt, price: phase2.price, budget: phase2.budget },
    ...{ maxPerSession: phase2.maxPerSession, concurrency: phase2.concurrency },
    now: options.now,
    marker: () => randomBytes(16).toString("hex"),
    resend: options.resend ?? false,
    signal: options.signal,
    ...(options.onProgress && { onProgress: options.onProgress }),
  });
}

/** What would be sent of one session, and what it would cost at most; counts, no text. */
export interface PlannedSession {
  /** A session or an activity. */
  subject_id: string;
  kind: DigestKind;
  /** Why the rules send it; null where they do not say. */
  reason: string | null;
  /** One a window of its digest. */
  requests: number;
  /** Lines of the digest. */
  lines: number;
  /** What was put in place of secrets. */
  redacted: number;
  /** Estimated by characters, prompt included. */
  input_tokens: number;
  /** The most that answers may have. */
  output_tokens: number;
  /** At most, at the price in force; in the configuration's currency. */
  cost: number;
}

/** What phase 2 would send and what it would cost at most. */
export interface Phase2Estimate {
  /** What the rules route, those without a digest included. */
  subjects: number;
  /** One a window of a digest. */
  requests: number;
  /** Estimated by characters, prompts included. */
  inputTokens: number;
  /** The most that answers may have. */
  outputTokens: number;
  /** At most, at the price in force; in the configuration's currency. */
  cost: number;
  /** The price that was assumed; null where the configuration or the caller states one. */
  assumedPrice: Readonly<Price> | null;
  /** Sessions of which nothing can be sent. */
  noDigest: number;
}

/**
 * Reads what would be sent, and counts; sends nothing. `onMessages` is shown every request.
 * `prompt` is one of the kit by name or the path of a file; the newest of the kit unless told.
 */
export async function estimatePhase2(
  store: Store,
  options: Phase2SubjectsOptions & {
    prompt?: string | undefined;
    onMessages?: (subjectId: string, messages: readonly Message[]) => void;
    /** Told of each session of which something would be sent. */
    onSession?: (session: PlannedSession) => void;
    /** Money for a million tokens where the configuration has no price. */
    price?: Price;
  },
): Promise<Phase2Estimate> {
  const prompt = await loadPrompt(options.prompt);
  const stated = options.config.phase2?.price ?? options.price;
  const price = stated ?? ASSUMED_PRICE;
  const sum: Phase2Estimate = {
    ...{ subjects: 0, requests: 0, inputTokens: 0, outputTokens: 0 },
    ...{ cost: 0, assumedPrice: stated === undefined ? ASSUMED_PRICE : null, noDigest: 0 },
  };
  using subjects = new Phase2Subjects(store, options);
  for (const subject of subjects) {
    sum.subjects++;
    const digest = await subject.digest();
    if ("problem" in digest || digest.lines.length === 0) {
      sum.noDigest++;
      continue;
    }
    const { requests, input, output, cost } = estimateDigest(digest, { prompt, price });
    sum.requests += requests;
    sum.inputTokens += input;
    sum.outputTokens += output;
    sum.cost += cost;
    options.onSession?.({
      ...{ subject_id: subject.subjectId, kind: digest.kind, reason: subject.reason, requests },
      lines: digest.lines.length,
      redacted: Object.values(digest.redacted).reduce((all, count) => all + count, 0),
      ...{ input_tokens: input, output_tokens: output, cost },
    });
    if (options.onMessages === undefined) continue;
    for (const messages of requestsOf(digest, prompt)) {
      options.onMessages(subject.subjectId, messages);
    }
  }
  return sum;
}

/** The requests of a digest; a marker of zeros stands where each gets one of its own. */
function requestsOf(digest: Digest, prompt: Parameters<typeof messagesOf>[0]): Message[][] {
  const windows = digestWindows(digest, { maxTokens: WINDOW_TOKENS });
  return windows.map((window) =>
    messagesOf(prompt, window, {
      ...{ kind: digest.kind, marker: "0".repeat(32), windows: windows.length },
      tellSchema: true,
    })
  );
}
