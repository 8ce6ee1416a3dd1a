import { isPlaceholder } from "./named_secrets.ts";
import type { SecretKind, Span } from "./span.ts";

/**
 * A format of secrets. The secret is the named group `secret` at the end of the match, or the whole
 * match. No pattern may take more than linear time: each begins with letters of its own or behind
 * a character that its body can't hold, and every repetition without an end stops at one that the
 * next match needs.
 */
interface SecretFormat {
  kind: SecretKind;
  pattern: RegExp;
}

const format = (kind: SecretKind, pattern: RegExp): SecretFormat => ({ kind, pattern });

/**
 * Formats by which issuers let their secrets be known. From the issuers' own documentation of the
 * prefixes and lengths; lengths are lower bounds where an issuer has changed them.
 */
const SECRET_FORMATS: readonly SecretFormat[] = [
  format("aws-key", /(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])/g),
  format(
    "aws-key",
    /secret_?access_?key["']?[ \t]{0,4}[=:][ \t]{0,4}["']?(?<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])/gi,
  ),
  format("gcp-key", /(?<![\w-])AIza[\w-]{35}/g),
  format("gcp-key", /(?<![\w-])GOCSPX-[\w-]{20,80}/g),
  format("gcp-key", /(?<![\w.-])ya29\.[\w-]{20,2048}/g),
  format("gcp-key", /(?<![\w/-])1\/\/0[\w-]{25,512}/g),
  format("github-token", /gh[pousr]_[A-Za-z0-9]{30,255}/g),
  format("github-token", /github_pat_[A-Za-z0-9_]{22,255}/g),
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
  // a password may hold "@" and, unless it looks like a port, "/"
  format(
    "url-secret",
    /:\/\/[^\s/:@"'<>]{0,128}:(?<secret>(?![0-9]{1,5}[/?])[^\s"'<>]{1,256})(?=@[\w.-]{1,253}(?:[:/?\s"']|$))/g,
  ),
  format(
    "url-secret",
    /[?&](?:[a-z_-]{0,30}token|api_?key|key|sig|signature|secret|password|code|x-amz-(?:signature|credential|security-token)|x-goog-(?:signature|credential))=(?<secret>[^\s&#"'<>]{4,4096})/gi,
  ),
  format(
    "service-token",
    /discord(?:app)?\.com\/api\/webhooks\/[0-9]{15,25}\/(?<secret>[\w-]{20,120})/g,
  ),
  format("service-token", /(?<![0-9])[0-9]{8,12}:AA[\w-]{30,40}/g),
  format("service-token", /(?<![\w.-])[a-z0-9]{6}\.(?=[a-z]{0,15}[0-9])[a-z0-9]{16}(?![\w.-])/g),
  format(
    "auth-header",
    /(?:set-)?cookie["']?[ \t]{0,4}:[ \t]{0,4}(?<secret>[^\s"'][^"'\n]{3,4096})/gi,
  ),
  // hashes of passwords, as files of users have them
  format(
    "password",
    /\$(?:1|2[abxy]|5|6|7|y|gy|apr1|argon2\w{1,2}|scrypt|pbkdf2[\w-]{0,10})\$[^\s:"'|]{20,400}/g,
  ),
  format("password", /:[a-f0-9]{32}:(?<secret>[a-f0-9]{32})(?=:::)/gi),
  // a line of .pgpass: host, port, database, user
  format(
    "password",
    /^[\w.*-]{1,253}:(?:[0-9]{2,5}|\*):[\w*-]{1,64}:[\w*-]{1,64}:(?<secret>[^\s:]{3,256})$/gm,
  ),
  // a key or token as bytes of a dump
  format(
    "high-entropy",
    /(?<![\w])(?:[0-9a-f]{2}(?:[0-9a-f]{2})? {1,2}){7,32}(?<=[a-f][0-9a-f ]{0,40})[0-9a-f]{2,4}(?!\w)/gi,
  ),
];

/** Secrets by a format of their issuer. */
export function secretFormatSpans(text: string): Span[] {
  const spans: Span[] = [];
  for (const { kind, pattern } of SECRET_FORMATS) {
    for (const match of text.matchAll(pattern)) {
      const end = match.index + match[0].length;
      const secret = match.groups?.["secret"] ?? match[0];
      if (isPlaceholder(secret)) continue;
      spans.push({ start: end - secret.length, end, kind });
    }
  }
  return spans;
}
