/** What a stretch of text is, by what it must not leave this machine. */
export type SpanKind =
  | SecretKind
  | "word"
  | "name"
  | "address"
  | "email"
  | "terminal-text"
  | "path"
  | "payload";

/** Kinds of secrets; `high-entropy` is what looks drawn at random and no format names. */
export type SecretKind =
  | "aws-key"
  | "gcp-key"
  | "github-token"
  | "gitlab-token"
  | "slack-token"
  | "stripe-key"
  | "npm-token"
  | "pypi-token"
  | "openai-key"
  | "anthropic-key"
  | "service-token"
  | "jwt"
  | "private-key"
  | "auth-header"
  | "url-secret"
  | "password"
  | "high-entropy";

/** A stretch of text in UTF-16 units, `end` excluded. */
export interface Span {
  start: number;
  end: number;
  kind: SpanKind;
}

/**
 * Spans in order of their place, none over another: where two overlap they become one, which is
 * what the one named first in `spans` is.
 */
export function mergeSpans(spans: readonly Span[]): Span[] {
  const ranked = spans.map((span, rank) => ({ ...span, rank }));
  ranked.sort((a, b) => a.start - b.start || b.end - a.end);
  const merged: (Span & { rank: number })[] = [];
  for (const span of ranked) {
    const last = merged.at(-1);
    if (last === undefined || span.start >= last.end) {
      merged.push(span);
      continue;
    }
    last.end = Math.max(last.end, span.end);
    if (span.rank < last.rank) Object.assign(last, { kind: span.kind, rank: span.rank });
  }
  return merged.map(({ start, end, kind }) => ({ start, end, kind }));
}

/** Text with something else in place of each span. Spans must be in order and not overlap. */
export function replaceSpans<S extends { start: number; end: number }>(
  text: string,
  spans: readonly S[],
  replacement: (span: S, found: string) => string,
): string {
  let result = "";
  let at = 0;
  for (const span of spans) {
    result += text.slice(at, span.start) + replacement(span, text.slice(span.start, span.end));
    at = span.end;
  }
  return result + text.slice(at);
}
