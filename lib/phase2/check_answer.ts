import { cleanText } from "../redact/clean_text.ts";
import { foldedText } from "../redact/folded_text.ts";
import { Redactor } from "../redact/redactor.ts";
import { type Answer, ANSWER_SCHEMA } from "./answer.ts";
import type { DigestWindow } from "./digest.ts";

/** What is kept of an answer: labels and line numbers; no quote, and a reason of ours or bounded. */
export interface Finding extends Omit<Answer, "evidence"> {
  /** Numbers of lines of the digest. */
  lines: number[];
}

/** Why an answer was not taken. */
export type Rejection = "no-json" | "wrong-schema" | "invented-quote";

type Checked = { ok: true; finding: Finding } | { ok: false; rejection: Rejection };

/**
 * Holds what a model wrote against the schema and against the lines it was sent: each quote must
 * stand in the line it names. Nothing else of it is believed.
 */
export function checkAnswer(content: string, window: DigestWindow): Checked {
  let value: unknown;
  try {
    value = JSON.parse(jsonOf(content));
  } catch {
    return { ok: false, rejection: "no-json" };
  }
  const parsed = ANSWER_SCHEMA.safeParse(value);
  if (!parsed.success) return { ok: false, rejection: "wrong-schema" };
  const { evidence, ...answer } = parsed.data;
  const stands = evidence.every(({ line, quote }) => standsIn(window, line, quote));
  if (!stands) return { ok: false, rejection: "invented-quote" };
  const lines = [...new Set(evidence.map(({ line }) => line))].sort((a, b) => a - b);
  return { ok: true, finding: { ...answer, reason: safeReason(answer, window), lines } };
}

/** The JSON of an answer that a model has wrapped into a fence of Markdown. */
function jsonOf(content: string): string {
  const text = content.trim();
  if (!text.startsWith("```") || !text.endsWith("```") || text.length < 6) return content;
  return text.slice(3, -3).replace(/^json\b/, "");
}

/** Shorter quotes would stand anywhere. */
const SHORTEST_QUOTE = 3;

function standsIn({ first, lines }: DigestWindow, line: number, quote: string): boolean {
  const text = lines[line - first];
  const wanted = spaced(quote);
  if (text === undefined || wanted.length < Math.min(SHORTEST_QUOTE, text.length)) return false;
  return spaced(text).includes(wanted) || spaced(`${line}| ${text}`).includes(wanted);
}

function spaced(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** A reason with so long a run of the text sent would carry content into the store. */
const LONGEST_RUN = 12;

/** The model's reason, if it says nothing of the session in the session's own words; else ours. */
function safeReason(answer: Omit<Answer, "evidence">, { lines }: DigestWindow): string {
  const reason = cleanText(answer.reason.replace(/\s+/g, " ")).text;
  if (!sharesRun(reason, lines)) return new Redactor().lines([{ text: reason }]).lines[0]!;
  return `The model's own reason quotes the session and is left out; it says ${answer.operator_type}`;
}

/**
 * Whether two texts share a run of {@link LONGEST_RUN} letters and digits, whatever case, writing,
 * blanks and signs between them; read backwards too.
 */
export function sharesRun(reason: string, lines: readonly string[]): boolean {
  const wanted = comparable(reason);
  const runs = new Set<string>();
  for (const text of [wanted, [...wanted].reverse().join("")]) {
    for (let at = 0; at + LONGEST_RUN <= text.length; at++) {
      runs.add(text.slice(at, at + LONGEST_RUN));
    }
  }
  if (runs.size === 0) return false;
  const text = comparable(lines.join("\n"));
  for (let at = 0; at + LONGEST_RUN <= text.length; at++) {
    if (runs.has(text.slice(at, at + LONGEST_RUN))) return true;
  }
  return false;
}

function comparable(text: string): string {
  return foldedText(text).replace(/[^\p{L}\p{N}]+/gu, "");
}
