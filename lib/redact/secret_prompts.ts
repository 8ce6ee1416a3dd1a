import { isPlaceholder, PASSWORD_WORDS } from "./named_secrets.ts";
import type { Span } from "./span.ts";

/** A program asks for a secret and what stands behind is the answer, to the end of the line. */
const PROMPT = new RegExp(
  String.raw`(?:${PASSWORD_WORDS}|\bpin\b|secret|token|one-time code|verification code|` +
    String
      .raw`authenticator code|api key)[^:：›❯>\n]{0,200}[:：›❯>] {0,4}(?<secret>\S[^\n]{0,400})$`,
  "i",
);
/** The same, without an answer on its line. */
const OPEN_PROMPT = new RegExp(
  String
    .raw`(?:${PASSWORD_WORDS}|passphrase|secret|token)[^:：›❯>\n]{0,60}[:：›❯>] {0,4}[|>]?[+-]?$`,
  "i",
);

/** What stands behind a message, `Password: incorrect`, or behind a name in code, `token: string;`. */
const NO_ANSWER =
  /^(?:\W*|(?:not|no|is|was|incorrect|invalid|wrong|required|changed|updated|expired|ok|failed)(?:[\s,.!:;][^0-9]*)?|[A-Za-z.<>[\]]+[;,{(])$/i;

/** So much of a line is looked at. */
const LONGEST = 2000;

/** Answers to prompts for secrets, in the prompt's line or alone in the next one. */
export function secretPromptSpans(text: string): Span[] {
  const spans: Span[] = [];
  let asked = false;
  for (const { index, 0: whole } of text.matchAll(/[^\n]+/g)) {
    const line = whole.slice(0, LONGEST).trimEnd();
    const answer = PROMPT.exec(line)?.groups?.["secret"];
    if (answer !== undefined && !NO_ANSWER.test(answer)) {
      const end = index + line.length;
      spans.push({ start: end - answer.length, end, kind: "password" });
    } else if (asked) {
      const [, blanks = "", word = ""] = /^(\s{0,40})(\S{6,200})$/.exec(line) ?? [];
      const start = index + blanks.length;
      if (isAnswer(word)) spans.push({ start, end: start + word.length, kind: "password" });
    }
    asked = OPEN_PROMPT.test(line);
  }
  return spans;
}

/** Whether a word alone in a line looks typed and secret, and is no path, prompt or message. */
function isAnswer(word: string): boolean {
  return /[A-Za-z]/.test(word) && /[0-9!#$%&*+=?@^~]/.test(word) && !isPlaceholder(word) &&
    !/^(?:\.{0,2}\/|~)|:\/\/|[$#%>:]$/.test(word);
}
