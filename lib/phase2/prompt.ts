import { createHash } from "node:crypto";
import { basename } from "node:path";
import { UsageError } from "../model/errors.ts";
import { readPlainText } from "../model/plain_file.ts";
import { answerJsonSchema } from "./answer.ts";
import { type DigestKind, type DigestWindow, estimateTokens, numbered } from "./digest.ts";

/** Prompts are files; a changed text is a new file, so that a name always means the same. */
export const PROMPTS = ["operator-1", "operator-2"] as const;
const DEFAULT_PROMPT = "operator-2";

/** What a model is told, whatever the session. */
export interface Prompt {
  name: string;
  text: string;
  /** First 8 digits of a SHA-256 over the text and the schema of the answer. */
  hash: string;
}

/** Bytes of a prompt that somebody has written; each request carries it. */
const LARGEST_PROMPT = 65_536;

/**
 * A prompt of the kit by its name, or one of a file whose name ends in `.md`; the newest where none
 * is named. Throws a {@link UsageError} where there is none.
 */
export async function loadPrompt(prompt: string = DEFAULT_PROMPT): Promise<Prompt> {
  const own = PROMPTS.find((name) => name === prompt);
  const text = own === undefined
    ? await promptOfFile(prompt)
    : await Deno.readTextFile(new URL(`./prompts/${own}.md`, import.meta.url));
  const digest = createHash("sha256").update(text).update(JSON.stringify(answerJsonSchema()));
  return { name: basename(prompt, ".md"), text, hash: digest.digest("hex").slice(0, 8) };
}

async function promptOfFile(path: string): Promise<string> {
  const named = JSON.stringify(path.slice(0, 200));
  if (!path.endsWith(".md")) {
    throw new UsageError(
      `There is no prompt ${named}; the kit has ${
        PROMPTS.join(" and ")
      }, others are files that end ` +
        `in ".md"`,
    );
  }
  // of UTF-8 as many bytes as its characters can have
  const read = await readPlainText(path, 3 * LARGEST_PROMPT).catch((cause) => {
    throw new UsageError(`Cannot read the prompt ${named}; is the path right?`, { cause });
  });
  if (read.state === "no-file") {
    throw new UsageError(`Cannot read the prompt ${named}: it is no plain file; name one`);
  }
  const text = read.state === "read" ? read.text : "";
  if (text.trim() !== "" && text.length <= LARGEST_PROMPT) return text;
  throw new UsageError(`Prompt ${named} must have text, and ${LARGEST_PROMPT} characters at most`);
}

/** One message of a chat completion; its `content` is text of a session that leaves the machine. */
export interface Message {
  role: "system" | "user";
  content: string;
}

interface RequestOptions {
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

/** Tokens of a request beside the excerpt: the prompt, the schema in words, the markers. */
export function promptTokens(prompt: Prompt, kind: DigestKind): number {
  const said = { kind, windows: 2, marker: "0".repeat(32), tellSchema: true };
  return requestTokens(messagesOf(prompt, { first: 1, lines: [] }, said)).input;
}

/** Tokens a request may cost at most, its answer included. */
export function requestTokens(messages: readonly Message[]): { input: number; output: number } {
  const input = messages.reduce((sum, { content }) => sum + estimateTokens(content) + 8, 0);
  return { input, output: ANSWER_TOKENS };
}
