import type { Span } from "./span.ts";

/** Runs of what keys and tokens are written in; long enough to hold 80 bits and more. */
const TOKEN = /[A-Za-z0-9][A-Za-z0-9_+/-]{18,}={0,2}/g;
const UUID = /(?<![0-9a-z])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9a-z])/gi;

/** Longer tokens are data: their head tells as much. */
const HEAD = 400;

export interface EntropyOptions {
  /**
   * Whether runs of hex digits count (32 and more). Logs are full of hashes and ids that are no
   * secret and look the same; a page that is handed on should hold none that is not known.
   */
  hex?: boolean;
}

/**
 * Tokens that look drawn at random: long, of letters and digits, that change between upper case,
 * lower case and digits as often as chance does and words do not. UUIDs are ids, not secrets.
 */
export function entropySpans(text: string, options: EntropyOptions = {}): Span[] {
  const spans: Span[] = [];
  for (const match of text.matchAll(TOKEN)) {
    if (!looksRandom(match[0].slice(0, HEAD), options)) continue;
    const end = match.index + match[0].length;
    spans.push({ start: match.index, end, kind: "high-entropy" });
  }
  return spans;
}

function looksRandom(whole: string, { hex = false }: EntropyOptions): boolean {
  const token = whole.replace(UUID, "");
  if (isHex(token)) {
    return hex && token.length >= 32 && /[a-f]/i.test(token) && /[0-9]/.test(token);
  }
  // words and numbers joined by hyphens, underscores or slashes have short pieces
  const longest = token.split(/[^A-Za-z0-9]+/).reduce((a, b) => b.length > a.length ? b : a, "");
  if (longest.length < 12 || !/[0-9]/.test(token) || !/[A-Za-z]/.test(token)) return false;
  if (isHex(longest) && !hex) return false;
  return bitsPerCharacter(longest) >= 2.9 && changes(longest) >= 0.3;
}

function isHex(text: string): boolean {
  return /^[0-9a-f]+$|^[0-9A-F]+$/.test(text);
}

/** Shannon's entropy of the characters of a token. */
function bitsPerCharacter(token: string): number {
  const counts = new Map<string, number>();
  for (const char of token) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) {
    bits -= (count / token.length) * Math.log2(count / token.length);
  }
  return bits;
}

/** How often neighbours are of different classes (upper, lower, digit): by chance 0.4 to 0.6. */
function changes(token: string): number {
  let changed = 0;
  for (let i = 1; i < token.length; i++) {
    if (classOf(token.charCodeAt(i)) !== classOf(token.charCodeAt(i - 1))) changed++;
  }
  return changed / (token.length - 1);
}

function classOf(code: number): number {
  if (code <= 57) return 0;
  return code <= 90 ? 1 : 2;
}
