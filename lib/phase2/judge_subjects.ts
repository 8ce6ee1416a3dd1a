import type { OperatorType } from "../model/vocabulary.ts";
import { keyedHash } from "../store/keyed_hash.ts";
import { replaceLabels } from "../store/labels.ts";
import { putDigest } from "../store/llm_digests.ts";
import type { Store } from "../store/store.ts";
import { writeVerdicts } from "../store/verdicts.ts";
import { type AskOptions, type AskTogether, askWindow, type WindowOutcome } from "./ask_window.ts";
import { ChatError } from "./chat.ts";
import type { Finding } from "./check_answer.ts";
import { mergeFindings, type Phase1View, type Resolution, resolveVerdict } from "./combine.ts";
import {
  type Digest,
  type DigestKind,
  type DigestWindow,
  digestWindows,
  numbered,
} from "./digest.ts";
import { costOf } from "./price.ts";
import { messagesOf, type Prompt, requestTokens } from "./prompt.ts";
import { Purse } from "./purse.ts";

/** A session that the rules send to phase 2. Its digest is made when its turn comes. */
export interface Phase2Subject {
  subjectId: string;
  kind: DigestKind;
  phase1: (Phase1View & { confidence: number | null }) | null;
  /** The digest, or why there is none; in words of ours. */
  digest(): Promise<Digest | { problem: string }>;
}

export interface JudgeOptions extends AskOptions {
  /** Money for this run. */
  budget: number;
  /** Money for one session. */
  maxPerSession: number;
  /** Sessions at a time. */
  concurrency: number;
  /** Tokens of lines in one request. */
  windowTokens?: number;
  /** Told after each session. */
  onProgress?: (summary: Phase2Summary) => void;
}

/** What phase 2 did. */
export interface Phase2Summary {
  /** Sessions and activities that had their turn. */
  subjects: number;
  /** Verdicts written, by type. */
  types: Record<OperatorType, number>;
  /** Sessions that a person should look at. */
  review: number;
  /** Sessions without a verdict of phase 2, by why: an outcome, `over-budget`, `no-digest`, … */
  left: Record<string, number>;
  /** Windows by outcome; those answered out of the store are `cached`. */
  windows: Record<string, number>;
  /** Money, in the configuration's currency; what broke off counted as if it were billed. */
  spent: number;
  /** Why the run ended early; null: every session had its turn. */
  stopped: string | null;
}

/** Tokens that a window may have: most models take more, and answers get worse with length. */
export const WINDOW_TOKENS = 12_000;

/**
 * Asks a model about sessions, several at a time, and writes verdicts and labels as they come: a
 * run killed at any moment goes on where it was. What would cost more than one session may, or
 * than is left of the budget, is not sent and is counted. A server that can't be used ends the run;
 * what was judged stays.
 */
export async function judgeSubjects(
  store: Store,
  subjects: AsyncIterable<Phase2Subject> | Iterable<Phase2Subject>,
  options: JudgeOptions,
): Promise<Phase2Summary> {
  const summary = emptySummary();
  const purse = new Purse(options.budget);
  const run: Run = { store, options, summary, purse, underWay: new Map() };
  const running = new Set<Promise<void>>();
  try {
    for await (const subject of subjects) {
      if (summary.stopped !== null || options.signal?.aborted) break;
      const turn: Promise<void> = judgeOne(run, subject).catch((error) => {
        if (!(error instanceof ChatError)) throw error;
        summary.stopped ??= error.message;
        leave(summary, "not-asked");
      }).finally(() => running.delete(turn));
      running.add(turn);
      if (running.size >= options.concurrency) await Promise.race(running);
    }
    await Promise.all(running);
  } finally {
    // whoever closes the store behind this must not do so under requests that end
    await Promise.allSettled(running);
    summary.spent = purse.spent;
  }
  options.signal?.throwIfAborted();
  return summary;
}

interface Run {
  store: Store;
  options: JudgeOptions;
  summary: Phase2Summary;
  purse: Purse;
  underWay: AskTogether["underWay"];
}

async function judgeOne(run: Run, subject: Phase2Subject): Promise<void> {
  const { store, options, summary, purse, underWay } = run;
  summary.subjects++;
  const digest = await subject.digest();
  if ("problem" in digest || digest.lines.length === 0) return leave(summary, "no-digest");
  const windows = digestWindows(digest, { maxTokens: options.windowTokens ?? WINDOW_TOKENS });
  const estimate = estimateDigest(digest, options).cost;
  if (estimate > options.maxPerSession) return leave(summary, "over-session-cap");
  using allowance = await purse.open(estimate, { cap: options.maxPerSession });
  if (allowance === null) return leave(summary, "over-budget");
  try {
    const digestHash = putDigestOf(store, subject.subjectId, { digest, windows });
    const findings: Finding[] = [];
    for (const [i, window] of windows.entries()) {
      const task = {
        ...{ subjectId: subject.subjectId, kind: digest.kind, digestHash, window },
        ...{ number: i + 1, windows: windows.length },
      };
      const result = await askWindow(store, task, { ...options, allowance, underWay });
      countWindow(summary, result);
      if (result.outcome !== "answered") return leave(summary, result.outcome);
      findings.push(result.finding);
    }
    writeFinding(run, { subject, digest, finding: mergeFindings(findings) });
  } finally {
    summary.spent = purse.spent;
    options.onProgress?.(summary);
  }
}

/** Notes what is about to be sent of a subject; returns the digest's hash. */
function putDigestOf(
  store: Store,
  subjectId: string,
  { digest, windows }: { digest: Digest; windows: readonly DigestWindow[] },
): string {
  const { kind, lines, redacted, instructions, invisible, elided, stopped } = digest;
  const digestHash = keyedHash(store, JSON.stringify([kind, windows.map(numbered)]));
  putDigest(store, {
    ...{ subjectId, digestHash, kind, windows: windows.length, lines: lines.length },
    characters: lines.reduce((sum, line) => sum + line.length, 0),
    ...{ redacted, withheld: instructions.length, invisible, elided, stopped },
  });
  return digestHash;
}

/** What sending a digest costs at most: every window once, with the longest answer. */
export function estimateDigest(
  digest: Digest,
  { prompt, price, windowTokens = WINDOW_TOKENS }: Pick<JudgeOptions, "prompt" | "price"> & {
    windowTokens?: number | undefined;
  },
): { requests: number; input: number; output: number; cost: number } {
  const windows = digestWindows(digest, { maxTokens: windowTokens });
  let [input, output] = [0, 0];
  for (const window of windows) {
    const tokens = requestTokens(messagesOf(prompt, window, {
      ...{ kind: digest.kind, marker: "0".repeat(32), windows: windows.length },
      tellSchema: true,
    }));
    input += tokens.input;
    output += tokens.output;
  }
  return { requests: windows.length, input, output, cost: costOf({ input, output }, price) };
}

function writeFinding(
  { store, options, summary }: Run,
  { subject, digest, finding }: { subject: Phase2Subject; digest: Digest; finding: Finding },
): void {
  const { chat, prompt, now } = options;
  const version = versionOf(chat.model, prompt);
  const resolution = resolveVerdict(subject.phase1, finding.operator_type, {
    instructions: digest.instructions.length,
  });
  const fromModel = resolution.from === "phase2";
  const set_at = now();
  store.transaction(() => {
    writeVerdicts(store, [{
      subject_id: subject.subjectId,
      writer: "phase2",
      version,
      operator_type: resolution.operatorType,
      confidence: resolution.operatorType === "unknown"
        ? null
        : fromModel
        ? finding.confidence
        : subject.phase1?.confidence ?? null,
      distribution: null,
      cohort: null,
      reason: fromModel
        ? finding.reason
        : `The model says ${finding.operator_type}, and may not lower what the rules say`,
      evidence: finding.lines,
      set_at: set_at.toISOString(),
    }]);
    const labels = labelsOf(finding, resolution);
    replaceLabels(store, [{ subject_id: subject.subjectId, labels }], {
      setBy: version,
      now: set_at,
    });
  });
  summary.types[resolution.operatorType]++;
  if (resolution.review) summary.review++;
}

/** `phase2:<model>@<prompt hash>`: who wrote a verdict. */
export function versionOf(model: string, { hash }: Pick<Prompt, "hash">): string {
  return `phase2:${model}@${hash}`;
}

function labelsOf(finding: Finding, { operatorType, review }: Resolution): Record<string, string> {
  const labels: Record<string, string> = {
    "work.kind": finding.work_kind,
    "risk.level": finding.risk_level,
  };
  if (review) labels["routing.review"] = "true";
  for (const technique of finding.techniques) labels[`attack.${technique}`] = "true";
  if (operatorType === "agent" || operatorType === "mixed") {
    if (finding.agent_tool !== "unknown") labels["agent.tool"] = finding.agent_tool;
    if (finding.agent_model !== "unknown") labels["agent.model"] = finding.agent_model;
  }
  return labels;
}

function emptySummary(): Phase2Summary {
  return {
    subjects: 0,
    types: { human: 0, agent: 0, automation: 0, mixed: 0, unknown: 0 },
    review: 0,
    left: {},
    windows: {},
    spent: 0,
    stopped: null,
  };
}

function countWindow(summary: Phase2Summary, { outcome, cached }: WindowOutcome): void {
  const name = cached && outcome === "answered" ? "cached" : outcome;
  summary.windows[name] = (summary.windows[name] ?? 0) + 1;
}

function leave(summary: Phase2Summary, why: string): void {
  summary.left[why] = (summary.left[why] ?? 0) + 1;
}
