import { isIPv6 } from "node:net";
import type { Span } from "./span.ts";

const OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
const IPV4 = new RegExp(`(?<![\\w.])${OCTET}(?:\\.${OCTET}){3}(?![\\w]|\\.[0-9])`, "g");
const IPV6 = /(?<![\w:.])[0-9a-f:]{3,39}(?:\.[0-9.]{5,12})?(?![\w:])/gi;
const EMAIL =
  /(?<![\p{L}\p{N}_.%+-])[\p{L}\p{N}_.%+-]{1,200}@(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}(?![\p{L}\p{N}-])/gu;

/** Addresses of machines: IPv4 and IPv6. Times of day and versions with three dots less are none. */
export function addressSpans(text: string): Span[] {
  const spans: Span[] = [];
  for (const match of text.matchAll(IPV4)) spans.push(spanOf(match, "address"));
  for (const match of text.matchAll(IPV6)) {
    const colons = match[0].split(":").length - 1;
    if (colons < 2 || !isIPv6(match[0])) continue;
    // "::" alone is punctuation, and so are ids of words joined by it
    if (match[0].replaceAll(":", "") !== "") spans.push(spanOf(match, "address"));
  }
  return spans;
}

/** E-mail addresses, those of service accounts too. */
export function emailSpans(text: string): Span[] {
  return [...text.matchAll(EMAIL)].map((match) => spanOf(match, "email"));
}

function spanOf(match: RegExpExecArray, kind: Span["kind"]): Span {
  return { start: match.index, end: match.index + match[0].length, kind };
}
