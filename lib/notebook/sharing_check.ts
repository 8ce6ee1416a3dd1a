import { SharingError, type SharingFault } from "../model/errors.ts";
import type { Pseudonyms } from "../redact/pseudonyms.ts";
import { rawContentSpans } from "../redact/raw_content.ts";
import { secretSpans } from "../redact/secrets.ts";
import type { Span } from "../redact/span.ts";
import type { WordList } from "../redact/word_list.ts";
import type { RenderedCell } from "./render_cells.ts";
import { unescapeHtml } from "./visible_text.ts";

interface SharingRules {
  /** null: names are left as they are and not looked for. */
  pseudonyms: Pseudonyms | null;
  /** Words that must not be on the page, wherever they stand. */
  words: WordList<unknown>;
  /** Whether a token that looks drawn at random is an id of the store, and no secret. */
  isKnownId: (token: string) => boolean;
}

/**
 * Throws a {@link SharingError} that names every cell with something on it that must not be handed
 * on: secrets, configured words, terminal text, payloads, pictures (nobody can look into them),
 * recordings, and names that are still there; also in `provenance`, the HTML of where the page comes
 * from. What was found is named by kind and line, not quoted.
 */
export function checkSharing(
  cells: readonly RenderedCell[],
  options: SharingRules & { file: string; provenance: string },
): void {
  const faults: SharingFault[] = [];
  const page = cells.flatMap((cell) => [
    { cell, where: "output" as const, text: markupText(cell.outputs).trim() },
    // parameters are shown with where the page comes from, paths cut off
    ...cell.kind === "parameters"
      ? []
      : [{ cell, where: cell.kind as "text" | "code", text: cell.source }],
  ]);
  const about = markupText(options.provenance).trim();
  for (const { start, kind } of authorSpans(about, options)) {
    const line = about.slice(0, start).split("\n").length;
    faults.push({ cell: 0, where: "provenance", kind, line });
  }
  for (const { cell, where, text } of page) {
    const spans = where === "output"
      ? outputSpans(text, options)
      : where === "text"
      ? [...authorSpans(text, options), ...rawContentSpans(text)]
      : authorSpans(text, options);
    const seen = new Set<string>();
    for (const { start, kind } of spans) {
      if (seen.has(kind)) continue;
      seen.add(kind);
      const line = text.slice(0, start).split("\n").length;
      faults.push({ cell: cell.place, where, kind, line });
    }
    if (where !== "output") continue;
    if (/<img /.test(cell.outputs)) {
      faults.push({ cell: cell.place, where, kind: "picture", line: null });
    }
    if (cell.outputs.includes(`<figure class="shellscope-replay">`)) {
      faults.push({ cell: cell.place, where, kind: "recording", line: null });
    }
  }
  if (faults.length > 0) throw new SharingError(options.file, faults);
}

/** What must not be in an output: it may hold anything of a session. */
function outputSpans(text: string, rules: SharingRules): Span[] {
  return [
    ...secretsIn(text, { ...rules, hex: true }),
    ...rawContentSpans(text),
    ...rules.pseudonyms?.nameSpans(text) ?? [],
  ];
}

/** What must not be in what its author wrote: code may well speak of SQL or of `root`. */
function authorSpans(text: string, rules: SharingRules): Span[] {
  return [
    ...secretsIn(text, { ...rules, hex: false }),
    ...rules.pseudonyms?.nameSpans(text, { telling: true }) ?? [],
  ];
}

function secretsIn(text: string, rules: SharingRules & { hex: boolean }): Span[] {
  return secretSpans(text, rules).filter(({ start, end, kind }) => {
    // e-mail addresses are names: whether they may stay is said there
    if (kind === "email") return false;
    return kind !== "high-entropy" || !rules.isKnownId(text.slice(start, end));
  });
}

const INLINE = new Set(
  "a abbr b bdi code em i kbd s samp small span strong sub sup tspan u".split(" "),
);
// Our own markup, as `sanitizeHtml` writes it: attributes are quoted and escaped.
const TAG = /<\/?([A-Za-z][\w-]*)((?:\s[\w:-]+="[^"]*")*)\s*\/?>/g;
const READ_OUT = /\s(?:title|aria-label|alt)="([^"]*)"/g;

/** The text of markup of ours, a line an element; what is only read out stands on lines of its own. */
export function markupText(markup: string): string {
  const text = markup.replace(TAG, (_, name: string, attributes: string) => {
    const readOut = [...attributes.matchAll(READ_OUT)].map(([, value]) => `\n${value}\n`).join("");
    return INLINE.has(name.toLowerCase()) ? readOut : `\n${readOut}`;
  });
  return unescapeHtml(text).replace(/\n[\n ]*/g, "\n");
}
