import type { Span } from "./span.ts";

// PuTTY's files have no frame
const BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|Private-Lines: [0-9]{1,4}/g;
const END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;

/** A key of 16,384 bits has about 13,000 characters; more are no key. */
const LONGEST = 20_000;

/** What of a key whose end is missing: the lines of base64 behind its first line. */
const BODY = /(?:[ \t]{0,8}[A-Za-z0-9+/=:,\\ -]{0,200}(?:\r?\n|$)){0,300}/y;

/**
 * Private keys in PEM, over several lines or with `\n` written out, from BEGIN to END; to where the
 * base64 ends where the end is missing.
 */
export function privateKeySpans(text: string): Span[] {
  const spans: Span[] = [];
  const ends = [...text.matchAll(END)].map((match) => match.index + match[0].length);
  let next = 0;
  let covered = 0;
  for (const match of text.matchAll(BEGIN)) {
    const start = match.index;
    if (start < covered) continue;
    const behind = start + match[0].length;
    while (next < ends.length && ends[next]! <= behind) next++;
    const end = ends[next];
    covered = end !== undefined && end - start <= LONGEST ? end : bodyEnd(text, behind);
    spans.push({ start, end: covered, kind: "private-key" });
  }
  return spans;
}

function bodyEnd(text: string, behind: number): number {
  BODY.lastIndex = text[behind] === "\n" ? behind + 1 : behind;
  return BODY.lastIndex + (BODY.exec(text)?.[0].length ?? 0);
}
