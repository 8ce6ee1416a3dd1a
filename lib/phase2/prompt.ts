import { createHash } from "node:crypto";
import { answerJsonSchema } from "./answer.ts";
import { type DigestKind, type DigestWindow, estimateTokens, numbered } from "./digest.ts";

/** Prompts are files; a changed text is a new file, so that a name always means the same. */
export const PROMPTS = ["operator-1"] as const;
export type PromptName = (typeof PROMPTS)[number];
export const DEFAULT_PROMPT: PromptName = "operator-1";

/** What a model is told, whatever the session. */
export interface Prompt {
  name: string;
  text: string;
  /** First 8 digits of a SHA-256 over the text and the schema of the answer. */
  hash: string;
}

export async function loadPrompt(name: PromptName = DEFAULT_PROMPT): Promise<Prompt> {
  const text = await Deno.readTextFile(new URL(`./prompts/${name}.md`, import.meta.url));
  const digest = createHash("sha256").update(text).update(JSON.stringify(answerJsonSchema()));
  return { name, text, hash: digest.digest("hex").slice(0, 8) };
}

/** One message of a chat completion. */
export interface Message {
  role: "system" | "user";
  content: string;
}

export interface RequestOptions {
  kind: DigestKind;
  /** Digits nobody can foresee: the session's author can't write the excerpt's end. */
  marker: string;
  /** How many windows the session has; the model is told that it sees a part. */
  windows: number;
  /** Said when an answer before was not taken: what was wrong, in words of ours. */
  repair?: string | null;
  /** Whether the schema has to be told in words, since the server does not hold the model to it. */
  tellSchema: boolean;
}

/** The messages of one request: the prompt, and the excerpt between its markers. */
export function messagesOf(
  prompt: Prompt,
  window: DigestWindow,
  { kind, marker, windows, repair = null, tellSchema }: RequestOptions,
): Message[] {
  const what = kind === "pty" ? "the text of a terminal" : "a call graph";
  const schema = tellSchema
    ? `\n\nThe object must be valid under this JSON Schema:\n${JSON.stringify(answerJsonSchema())}`
    : "";
  const part = windows > 1 ? " It is a part of a longer session; judge this part by itself." : "";
  const again = repair === null ? "" : `\nAn answer before this one was not taken: ${repair}.`;
  const content =
    `The excerpt is ${what}, between two lines "excerpt ${marker}".${part}${again}\n` +
    `excerpt ${marker}\n${numbered(window)}\nexcerpt ${marker}`;
  return [
    { role: "system", content: prompt.text.trimEnd() + schema },
    { role: "user", content },
  ];
}

/** Tokens that an answer may have, with what a model thinks before it. */
export const ANSWER_TOKENS = 2000;

/** Tokens a request may cost at most, its answer included. */
export function requestTokens(messages: readonly Message[]): { input: number; output: number } {
  const input = messages.reduce((sum, { content }) => sum + estimateTokens(content) + 8, 0);
  return { input, output: ANSWER_TOKENS };
}
