import { LOOK_ALIKES } from "./look_alikes.ts";
import type { Span } from "./span.ts";

/** Lines whose meaning is not written as it reads: other letters, or a shell's quotes in words. */
const DISGUISED = /[\u007f-\uffff]|[A-Za-z0-9_-]['"]{1,2}[A-Za-z0-9_-]/;
/** Longer lines are data; their head tells as much. */
const LONGEST = 65_536;

/**
 * The spans that `find` sees in a text, and those that it sees in a plain view of its lines:
 * full-width and accented letters as ASCII, look-alikes of other scripts as Latin, the quotes that a
 * shell takes out of a word gone. All as places of the text itself.
 */
export function spansInAnyView(text: string, find: (text: string) => Span[]): Span[] {
  const spans = find(text);
  if (!DISGUISED.test(text)) return spans;
  for (const { index, 0: line } of text.matchAll(/[^\n]+/g)) {
    if (!DISGUISED.test(line)) continue;
    const view = plainView(line.slice(0, LONGEST));
    for (const { start, end, kind } of find(view.text)) {
      const [from, until] = [view.places[start]!, view.places[end - 1]! + view.lengths[end - 1]!];
      spans.push({ start: index + from, end: index + until, kind });
    }
  }
  return spans;
}

interface PlainView {
  text: string;
  /** Of each unit of `text`: where what it stands for begins in the line, and how long that is. */
  places: number[];
  lengths: number[];
}

function plainView(line: string): PlainView {
  const view: PlainView = { text: "", places: [], lengths: [] };
  let at = 0;
  for (const char of line) {
    const plain = isQuoteInWord(line, at) ? "" : plainLetter(char);
    for (let i = 0; i < plain.length; i++) {
      view.places.push(at);
      view.lengths.push(char.length);
    }
    view.text += plain;
    at += char.length;
  }
  return view;
}

function plainLetter(char: string): string {
  if (char <= "\x7e") return char;
  const folded = char.normalize("NFKD").replace(/\p{M}/gu, "");
  // one letter may stand for a word
  if (folded.length > 4) return char;
  const lower = folded.toLowerCase();
  const alike = LOOK_ALIKES.get(lower);
  if (alike === undefined) return folded;
  return folded === lower ? alike : alike.toUpperCase();
}

function isQuoteInWord(line: string, at: number): boolean {
  if (line[at] !== "'" && line[at] !== '"') return false;
  return /[A-Za-z0-9_'"-]/.test(line[at - 1] ?? " ") && /[A-Za-z0-9_'"-]/.test(line[at + 1] ?? " ");
}
