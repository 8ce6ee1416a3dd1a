import { spansInAnyView } from "./plain_view.ts";
import { SecretFragments } from "./secret_fragments.ts";
import { secretPromptSpans } from "./secret_prompts.ts";
import { secretSpans } from "./secrets.ts";
import { mergeSpans, replaceSpans, type Span, type SpanKind } from "./span.ts";
import { WordList } from "./word_list.ts";

/** A line of a text, and whether the next one goes on where it ends. */
interface RedactLine {
  text: string;
  /** True where the line is as wide as its terminal: what stands next may belong to it. */
  wraps?: boolean;
}

interface Redacted {
  lines: string[];
  /** Secrets that were replaced, by kind; each counts as often as it stands there. */
  counts: Partial<Record<SpanKind, number>>;
}

/** A value found once is looked for everywhere; shorter ones are words of other texts too. */
const SHORTEST_VALUE = 6;

/**
 * Puts typed placeholders in place of secrets, e-mail addresses and words of a list:
 * `[password 2]`. The same secret has the same placeholder wherever it stands, also where nothing
 * beside it says that it is one, and where a terminal broke it over two lines. One redactor serves
 * one session: placeholders count from 1 in the order of the text, so the same text is redacted the
 * same way.
 */
export class Redactor {
  readonly #words: WordList<unknown>;
  readonly #names = new Map<string, string>();
  readonly #values = new WordList<string>();
  readonly #fragments = new SecretFragments();
  readonly #ofKind = new Map<SpanKind, number>();

  constructor(words: readonly string[] = []) {
    this.#words = new WordList();
    for (const word of words) this.#words.add(word, true);
  }

  /**
   * Lines without their secrets. Give all lines of a text at once: a secret that is told in one
   * line is then known in those before it. Where a line wraps, a secret that goes on in the next is
   * replaced in the first, and taken out of the next.
   */
  lines(lines: readonly RedactLine[]): Redacted {
    const { text, starts } = joined(lines);
    const prompts = spansInAnyView(text, secretPromptSpans);
    const spans = mergeSpans([...secretSpans(text, { words: this.#words }), ...prompts]);
    for (const { start, end, kind } of spans) this.#learn(text.slice(start, end), kind);
    for (const { start, end } of prompts) this.#spread(text.slice(start, end), "password");
    const all = mergeSpans([...spans, ...this.#known(text)]);
    const counts: Redacted["counts"] = {};
    for (const { kind } of all) counts[kind] = (counts[kind] ?? 0) + 1;
    return { lines: this.#cut(text, { starts, lines, spans: all }), counts };
  }

  /** Values found earlier, wherever they stand, and what is left of them. */
  #known(text: string): Span[] {
    const whole = this.#values.find(text).filter(({ whole }) => whole)
      .map(({ start, end, value }) => ({ start, end, kind: kindOf(value) }));
    const parts = this.#fragments.find(text).map(({ start, end, name }) => {
      const key = keyOf(text.slice(start, end));
      if (!this.#names.has(key)) this.#names.set(key, name);
      return { start, end, kind: kindOf(name) };
    });
    return [...whole, ...parts];
  }

  /** Values that are no words of other texts are looked for everywhere. */
  #learn(value: string, kind: SpanKind): void {
    const name = this.#name(value, kind);
    const strict = kind === "password";
    if (kind !== "email" && kind !== "word") this.#fragments.add(value, { name, strict });
    if (!strict || /[0-9!#$%&*+=?@^~]/.test(value)) this.#spread(value, kind);
  }

  #spread(value: string, kind: SpanKind): void {
    if (value.trim().length >= SHORTEST_VALUE) this.#values.add(value, this.#name(value, kind));
  }

  #name(value: string, kind: SpanKind): string {
    const key = keyOf(value);
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const number = (this.#ofKind.get(kind) ?? 0) + 1;
    this.#ofKind.set(kind, number);
    const name = `[${kind} ${number}]`;
    this.#names.set(key, name);
    return name;
  }

  /** The text cut into its lines again; a span over a line's end counts to the line it begins in. */
  #cut(
    text: string,
    { starts, lines, spans }: {
      starts: readonly number[];
      lines: readonly RedactLine[];
      spans: readonly Span[];
    },
  ): string[] {
    let next = 0;
    let covered = 0;
    return lines.map((line, i) => {
      const start = starts[i]!;
      const end = start + line.text.length;
      const own: Span[] = [];
      if (covered > start) own.push({ start, end: Math.min(covered, end), kind: "word" });
      const carried = own.length;
      while (next < spans.length && spans[next]!.start < end) {
        const span = spans[next]!;
        own.push({ ...span, end: Math.min(span.end, end) });
        covered = span.end;
        next++;
      }
      const local = own.map((span, k) => ({
        start: span.start - start,
        end: span.end - start,
        name: k < carried
          ? ""
          : this.#name(text.slice(span.start, wholeEnd(spans, span)), span.kind),
      }));
      return replaceSpans(line.text, local, ({ name }) => name);
    });
  }
}

function wholeEnd(spans: readonly Span[], { start }: Span): number {
  let low = 0;
  let high = spans.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle]!.start < start) low = middle + 1;
    else high = middle;
  }
  return spans[low]!.end;
}

/** All lines as one text, wrapped ones closed up, and where each line begins in it. */
function joined(lines: readonly RedactLine[]): { text: string; starts: number[] } {
  const pieces: string[] = [];
  const starts: number[] = [];
  let length = 0;
  for (const { text, wraps = false } of lines) {
    starts.push(length);
    const piece = wraps ? text : `${text}\n`;
    pieces.push(piece);
    length += piece.length;
  }
  return { text: pieces.join(""), starts };
}

/** A value that is wrapped is the same value. */
function keyOf(value: string): string {
  return value.replace(/\s+/g, "");
}

function kindOf(name: string): SpanKind {
  return name.slice(1, name.lastIndexOf(" ")) as SpanKind;
}
