import { printable } from "../model/printable.ts";

/**
 * Makes text from outside safe to look at: what a terminal would act on, what turns the direction
 * of reading and what has no width becomes a visible escape. Piled-up combining marks are cut at
 * four, and text longer than `maxLength` UTF-16 units ends in a count of what was left out. With
 * `keep: "lines"` line feeds and tabs stay. It does not escape for HTML: that is the second step.
 */
export function visibleText(
  text: string,
  options: { maxLength?: number; keep?: "nothing" | "lines" } = {},
): string {
  const { maxLength = Infinity, keep = "nothing" } = options;
  const cut = text.length > maxLength ? text.slice(0, maxLength) : text;
  const parts = keep === "lines" ? cut.split(/([\n\t])/) : [cut];
  const shown = parts.map((part, i) => i % 2 === 1 ? part : show(part)).join("");
  return cut.length === text.length ? shown : `${shown}… (${text.length - cut.length} more)`;
}

/** Takes terminal control sequences out of text, and the carriage returns of `\r\n`. */
export function withoutTerminalCodes(text: string): string {
  return text.replace(TERMINAL_CODES, "").replaceAll("\r\n", "\n");
}

/** Escapes text for HTML and XML, as content or between quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}

/** Takes back what {@link escapeHtml} did. */
export function unescapeHtml(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => CHARACTERS[entity] ?? entity);
}

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const CHARACTERS = Object.fromEntries(
  Object.entries(ENTITIES).map(([char, entity]) => [entity, char]),
);

// Invisible without being a format character: fillers, joiners; variation selectors stay.
const FILLERS = /[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\u{e0000}-\u{e0fff}]/gu;
const PILE = /(\p{M}{4})\p{M}+/gu;

// ECMA-48: strings (OSC, DCS, SOS, PM, APC) to their terminator or the end of the line, control
// sequences, then shorter escapes; the first two also in their 8-bit form.
const TERMINAL_CODES = new RegExp(
  [
    "(?:\\x1b[\\]PX^_]|[\\x9d\\x90\\x98\\x9e\\x9f])[^\\x07\\x1b\\x9c\\n]*(?:\\x07|\\x1b\\\\|\\x9c)?",
    "(?:\\x1b\\[|\\x9b)[0-?]*[ -/]*[@-~]?",
    "\\x1b[ -/]*[0-~]?",
  ].join("|"),
  "g",
);

function show(text: string): string {
  return printable(text)
    .replace(FILLERS, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`)
    .replace(PILE, "$1…");
}
