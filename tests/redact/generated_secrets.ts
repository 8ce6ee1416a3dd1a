import type { SpanKind } from "../../lib/redact/span.ts";

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER = UPPER.toLowerCase();
const DIGITS = "0123456789";
const ALPHABETS = {
  upper: UPPER + DIGITS,
  alnum: UPPER + LOWER + DIGITS,
  base36: LOWER + DIGITS,
  base64: `${UPPER}${LOWER}${DIGITS}+/`,
  url: `${UPPER}${LOWER}${DIGITS}-_`,
  hex: "0123456789abcdef",
  digits: DIGITS,
};

type Draw = (alphabet: keyof typeof ALPHABETS, length: number) => string;

export function drawer(random: () => number): Draw {
  return (alphabet, length) => {
    const chars = ALPHABETS[alphabet];
    return Array.from({ length }, () => chars[Math.floor(random() * chars.length)]).join("");
  };
}

/** Secrets by the kind that they are found as; no literal here has a secret's whole form. */
export const NAMED_FORMATS: readonly [SpanKind, (draw: Draw) => string][] = [
  ["aws-key", (draw) => `AKIA${draw("upper", 16)}`],
  ["gcp-key", (draw) => `AIza${draw("url", 35)}`],
  ["gcp-key", (draw) => `ya29.${draw("url", 120)}`],
  ["github-token", (draw) => `ghp_${draw("alnum", 36)}`],
  ["github-token", (draw) => `github_pat_${draw("alnum", 22)}_${draw("alnum", 59)}`],
  ["gitlab-token", (draw) => `glpat-${draw("url", 20)}`],
  [
    "slack-token",
    (draw) => `xoxb-${draw("digits", 12)}-${draw("digits", 12)}-${draw("alnum", 24)}`,
  ],
  ["stripe-key", (draw) => `sk_live_${draw("alnum", 24)}`],
  ["npm-token", (draw) => `npm_${draw("alnum", 36)}`],
  ["pypi-token", (draw) => `pypi-AgEI${draw("url", 150)}`],
  ["openai-key", (draw) => `sk-proj-${draw("alnum", 48)}`],
  ["anthropic-key", (draw) => `sk-ant-api03-${draw("url", 93)}`],
  ["service-token", (draw) => `hf_${draw("alnum", 34)}`],
  ["service-token", (draw) => `hvs.${draw("url", 90)}`],
  ["jwt", (draw) => `eyJ${draw("url", 33)}.eyJ${draw("url", 80)}.${draw("url", 43)}`],
  [
    "private-key",
    (draw) =>
      `-----BEGIN ${"RSA PRIVATE"} KEY-----\n` +
      Array.from({ length: 12 }, () => draw("base64", 64)).join("\n") +
      `\n-----END ${"RSA PRIVATE"} KEY-----`,
  ],
];

/** Secrets that no format names, in the company that gives them away. The secret comes last. */
export const IN_CONTEXT: readonly [SpanKind, (draw: Draw) => [before: string, secret: string]][] = [
  ["password", (draw) => ["export DB_PASSWORD=", draw("base36", 10)]],
  ["password", (draw) => ["mysqldump --password ", draw("alnum", 12)]],
  ["password", (draw) => [`{"api_key": "`, draw("alnum", 24)]],
  ["password", (draw) => ["client-secret: ", `7${draw("alnum", 20)}`]],
  ["auth-header", (draw) => ["Authorization: Bearer ", draw("url", 40)]],
  ["auth-header", (draw) => ["authorization: Basic ", draw("base64", 28)]],
  ["auth-header", (draw) => ["X-Vault-Token: ", draw("alnum", 26)]],
  ["url-secret", (draw) => ["postgres://app:", `${draw("alnum", 14)}`]],
  ["url-secret", (draw) => ["https://x.example/d?sig=", draw("url", 43)]],
  ["password", (draw) => ["curl -u deploy:", draw("alnum", 12)]],
  ["aws-key", (draw) => ["aws_secret_access_key = ", draw("alnum", 40)]],
];
