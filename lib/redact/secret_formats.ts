import type { SecretKind, Span } from "./span.ts";

/**
 * A format of secrets. The secret is the named group `secret` at the end of the match, or the whole
 * match. No pattern may take more than linear time: each begins with letters of its own or behind
 * a character that its body can't hold, and every repetition without an end stops at one that the
 * next match needs.
 */
export interface SecretFormat {
  kind: SecretKind;
  pattern: RegExp;
}

const format = (kind: SecretKind, pattern: RegExp): SecretFormat => ({ kind, pattern });

/**
 * Formats by which issuers let their secrets be known. From the issuers' own documentation of the
 * prefixes and lengths; lengths are lower bounds where an issuer has changed them.
 */
export const SECRET_FORMATS: readonly SecretFormat[] = [
  format("aws-key", /(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])/g),
  format(
    "aws-key",
    /secret_?access_?key["']?[ \t]{0,4}[=:][ \t]{0,4}["']?(?<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])/gi,
  ),
  format("gcp-key", /(?<![\w-])AIza[\w-]{35}/g),
  format("gcp-key", /(?<![\w-])GOCSPX-[\w-]{20,80}/g),
  format("gcp-key", /(?<![\w.-])ya29\.[\w-]{20,2048}/g),
  format("gcp-key", /(?<![\w/-])1\/\/0[\w-]{25,512}/g),
  format("github-token", /(?<![A-Za-z0-9])gh[pousr]_[A-Za-z0-9]{30,255}/g),
  format("github-token", /(?<![A-Za-z0-9])github_pat_[A-Za-z0-9_]{22,255}/g),
  format(
    "gitlab-token",
    /(?<![A-Za-z0-9])gl(?:pat|ptt|dt|rt|rtr|cbt|ft|imt|agent|soat|oas|ffct)-[\w.-]{20,300}/g,
  ),
  format("slack-token", /(?<![A-Za-z0-9])(?:xox[abceoprs]|xapp)-[A-Za-z0-9-]{10,400}/g),
  format("slack-token", /hooks\.slack\.com\/services\/(?<secret>[A-Za-z0-9/]{20,120})/g),
  format("stripe-key", /(?<![A-Za-z0-9])[srp]k_(?:live|test)_[A-Za-z0-9]{16,255}/g),
  format("stripe-key", /(?<![A-Za-z0-9])whsec_[A-Za-z0-9+/=]{24,255}/g),
  format("npm-token", /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{30,255}/g),
  format("pypi-token", /(?<![A-Za-z0-9])pypi-[\w-]{40,1024}/g),
  format("anthropic-key", /(?<![A-Za-z0-9])sk-ant-[\w-]{20,512}/g),
  format("openai-key", /(?<![A-Za-z0-9])sk-(?!ant-)(?=[\w-]{0,19}[0-9A-Z])[\w-]{20,512}/g),
  format("service-token", /(?<![A-Za-z0-9])hf_[A-Za-z0-9]{30,255}/g),
  format("service-token", /(?<![A-Za-z0-9])do[opr]_v1_[a-f0-9]{64}/g),
  format("service-token", /(?<![\w.-])SG\.[\w-]{16,64}\.[\w-]{16,128}/g),
  format("service-token", /(?<![A-Za-z0-9])SK[a-f0-9]{32}(?![A-Za-z0-9])/g),
  format("service-token", /(?<![\w.-])hv[sbr]\.[\w-]{20,512}/g),
  format("service-token", /(?<![A-Za-z0-9])dapi[a-f0-9]{32}/g),
  format("service-token", /(?<![A-Za-z0-9])dckr_pat_[\w-]{20,255}/g),
  format("service-token", /(?<![A-Za-z0-9])[A-Za-z0-9]{14}\.atlasv1\.[\w-]{40,255}/g),
  format("service-token", /(?<![A-Za-z0-9])shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}/g),
  format("service-token", /(?<![A-Za-z0-9])lin_api_[A-Za-z0-9]{32,255}/g),
  format("service-token", /(?<![A-Za-z0-9])AGE-SECRET-KEY-1[A-Z0-9]{50,80}/g),
  format("service-token", /AccountKey=(?<secret>[A-Za-z0-9+/]{40,128}={0,2})/g),
  format("jwt", /(?<![\w-])eyJ[\w-]{8,8192}\.eyJ[\w-]{4,16384}(?:\.[\w-]{0,4096})?/g),
  format(
    "auth-header",
    /authorization["']?[ \t]{0,4}[:=][ \t]{0,4}["']?(?:[A-Za-z]{2,20}[ \t]{1,4})?(?<secret>[^\s"'<>]{6,4096})/gi,
  ),
  format(
    "auth-header",
    /(?<![A-Za-z])(?:bearer|basic)[ \t]{1,4}(?<secret>(?=[A-Za-z._~+/=-]{0,40}[0-9])[\w.~+/=-]{12,4096})/gi,
  ),
  format(
    "auth-header",
    /(?<![A-Za-z-])x-[a-z-]{0,30}(?:key|token|secret)["']?[ \t]{0,4}:[ \t]{0,4}["']?(?<secret>[^\s"'<>]{6,4096})/gi,
  ),
  format("url-secret", /:\/\/[^\s/:@"'<>]{0,128}:(?<secret>[^\s/@"'<>]{1,256})(?=@)/g),
  format(
    "url-secret",
    /[?&](?:[a-z_-]{0,30}token|api_?key|key|sig|signature|secret|password|code|x-amz-(?:signature|credential|security-token)|x-goog-(?:signature|credential))=(?<secret>[^\s&#"'<>]{4,4096})/gi,
  ),
  format(
    "password",
    /(?<![\w-])(?:-u|--user)[ \t=]{1,4}["']?[^\s:"']{1,64}:(?<secret>[^\s"']{1,256})/g,
  ),
];

/** Where a value of a named secret begins: `password=`, `"api_key": "`, `--token `. */
const NAMED_SECRET = new RegExp(
  String.raw`(?<word>passw(?:or)?d|passphrase|passwd|secret|token|api[_-]?key|access[_-]?key|` +
    String.raw`private[_-]?key|encryption[_-]?key|credentials?)[\w-]{0,20}["']?` +
    String.raw`(?<sign>[ \t]{0,4}=>?[ \t]{0,4}|[ \t]{0,4}:[ \t]{0,4}|[ \t]{1,4})` +
    String.raw`(?<quote>\\?["'])?(?<secret>[^\s"'\\&;,<>()]{1,1024})`,
  "gi",
);

/** What stands where a secret would and is none. */
const PLACEHOLDER =
  /^(?:[*x.•…_-]+|\$.*|%.*|\{.*|\[.*|null|none|nil|true|false|undefined|redacted|hidden|required|empty|changed?)$/i;

/** Secrets by a format of their issuer, and values that stand behind the name of a secret. */
export function secretFormatSpans(text: string): Span[] {
  const spans: Span[] = [];
  for (const { kind, pattern } of SECRET_FORMATS) {
    for (const match of text.matchAll(pattern)) {
      const end = match.index + match[0].length;
      const secret = match.groups?.["secret"] ?? match[0];
      if (PLACEHOLDER.test(secret)) continue;
      spans.push({ start: end - secret.length, end, kind });
    }
  }
  for (const match of text.matchAll(NAMED_SECRET)) {
    const { word = "", sign = "", quote, secret = "" } = match.groups ?? {};
    if (
      !isNamedSecret({ word, sign, quoted: quote !== undefined, secret, text, at: match.index })
    ) {
      continue;
    }
    const end = match.index + match[0].length;
    spans.push({ start: end - secret.length, end, kind: "password" });
  }
  return spans;
}

/** Whether what stands behind a secret's name is its value, and not the next word of a sentence. */
function isNamedSecret(found: {
  word: string;
  sign: string;
  quoted: boolean;
  secret: string;
  text: string;
  at: number;
}): boolean {
  const { word, sign, quoted, secret, text, at } = found;
  if (PLACEHOLDER.test(secret)) return false;
  if (sign.trim() === "") {
    // only an argument's value stands behind the bare name: `--password hunter2`
    const name = text.slice(Math.max(0, at - 30), at + word.length);
    return /(?:^|\s)--?[\w-]*$/.test(name) && !secret.startsWith("-");
  }
  if (quoted || /^=>?$/.test(sign)) return secret.length >= 3;
  if (sign.includes(":") && /^pass/i.test(word)) return secret.length >= 4;
  return secret.length >= 6 && /[0-9]/.test(secret);
}
