import type { SpanKind } from "../redact/span.ts";

/** What a model is given to read of a session: terminal text or its call graph. */
export type DigestKind = "pty" | "call-graph";

/**
 * A session as numbered lines, without secrets and without characters a reader can't see. Made in
 * memory, sent, and dropped: it is content, and is never stored. The same session gives the same
 * digest.
 */
export interface Digest {
  kind: DigestKind;
  /** Line `n` of the digest is `lines[n - 1]`. */
  lines: string[];
  /** What was put in place of secrets, by kind. */
  redacted: Partial<Record<SpanKind, number>>;
  /** Numbers of lines whose text was withheld, since it speaks to whoever reads it. */
  instructions: number[];
  /** Characters taken out that nobody would have seen. */
  invisible: number;
  /** Lines that are only counted, in the places where they are left out. */
  elided: number;
  /** The limit at which the terminal's text ended early; null: all of it was read. */
  stopped: string | null;
}

/** Lines of calls or commands, of which nothing has to be taken out, as a digest. */
export function callGraph(lines: string[], { elided = 0 } = {}): Digest {
  const nothing = { redacted: {}, instructions: [], invisible: 0, stopped: null };
  return { kind: "call-graph", lines, ...nothing, elided };
}

/** Lines of a digest that go into one request. */
export interface DigestWindow {
  /** Number of the first line, from 1. */
  first: number;
  lines: readonly string[];
}

/** Lines as a model gets them: `12| text`. */
export function numbered({ first, lines }: DigestWindow): string {
  return lines.map((line, i) => `${first + i}| ${line}`).join("\n");
}

/**
 * Tokens that a text may cost at most, without knowing the model's alphabet: terminal text has few
 * long words, so three characters a token, and one token for each character that is not ASCII.
 */
export function estimateTokens(text: string): number {
  let others = 0;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 126) others++;
  return Math.ceil((text.length - others) / CHARACTERS_A_TOKEN) + others;
}

/** ASCII characters of a digest that make a token at least. */
export const CHARACTERS_A_TOKEN = 3;

interface WindowOptions {
  /** Tokens that the lines of one window may have, by {@link estimateTokens}. */
  maxTokens: number;
  /** Lines at a window's begin that the one before has too. */
  overlap?: number;
}

/**
 * A digest in windows that a model can take, in order, each line in at least one. A line that is
 * itself larger than a window is cut, and says by how much.
 */
export function digestWindows(
  { lines }: Pick<Digest, "lines">,
  { maxTokens, overlap = 20 }: WindowOptions,
): DigestWindow[] {
  const windows: DigestWindow[] = [];
  let first = 0;
  while (first < lines.length) {
    const taken: string[] = [];
    let tokens = 0;
    for (let i = first; i < lines.length; i++) {
      const line = fitted(lines[i]!, maxTokens);
      const cost = estimateTokens(`${i + 1}| ${line}\n`);
      if (taken.length > 0 && tokens + cost > maxTokens) break;
      taken.push(line);
      tokens += cost;
    }
    windows.push({ first: first + 1, lines: taken });
    const end = first + taken.length;
    if (end >= lines.length) break;
    // a window goes on by at least half its lines, or it would never end
    first = end - Math.min(overlap, Math.floor(taken.length / 2));
  }
  return windows;
}

function fitted(line: string, maxTokens: number): string {
  const room = maxTokens - 40;
  if (estimateTokens(line) <= room) return line;
  const kept = [...line].slice(0, Math.max(40, Math.floor(room / 2))).join("");
  return `${kept} [${line.length - kept.length} more characters left out]`;
}
