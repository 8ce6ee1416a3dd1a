import assert from "node:assert/strict";
import fc from "../property.ts";
import { entropySpans } from "../../lib/redact/entropy.ts";
import { secretSpans } from "../../lib/redact/secrets.ts";
import { mergeSpans, replaceSpans, type Span } from "../../lib/redact/span.ts";
import { WordList } from "../../lib/redact/word_list.ts";
import { leastTime } from "./least_time.ts";
import { drawer, IN_CONTEXT, NAMED_FORMATS } from "./generated_secrets.ts";
import { seeded } from "../seeded.ts";

/** The text with each span as `<kind>`. */
function masked(text: string, spans: readonly Span[] = secretSpans(text)): string {
  return replaceSpans(text, spans, ({ kind }) => `<${kind}>`);
}

Deno.test("secretSpans() finds every secret of a well-known format, whole and by its kind", () => {
  const draw = drawer(seeded(7));
  for (let i = 0; i < 60; i++) {
    for (const [kind, make] of NAMED_FORMATS) {
      const secret = make(draw);
      for (const [before, after] of [["", ""], ["got ", " ok"], ["x='", "'"], ["(", ")"]]) {
        assert.equal(masked(before + secret + after), `${before}<${kind}>${after}`, secret);
      }
    }
  }
});

Deno.test("secretSpans() finds values behind the name of a secret", () => {
  const draw = drawer(seeded(11));
  for (let i = 0; i < 60; i++) {
    for (const [kind, make] of IN_CONTEXT) {
      const [before, secret] = make(draw);
      const after = before.startsWith("postgres") ? "@db/x" : before.endsWith('"') ? '"}' : " end";
      assert.equal(masked(before + secret + after), `${before}<${kind}>${after}`, secret);
    }
  }
});

Deno.test("secretSpans() leaves alone what is none", () => {
  const cases = [
    "password: ********",
    "Password: ",
    "token=null, secret: true",
    "the token bucket was full and the secret of success",
    "export TOKEN=$OTHER",
    "password=${DB_PASSWORD}",
    "see https://example.org/a/b?page=2#token",
    "2026-11-25T20:44:07.123Z pod web-7d4b9c6f5-x2x9z restarted 3 times",
    "0c0b2f9e-7f8a-4c1e-9d43-0a1b2c3d4e5f",
    "commit 53f9ede1c2b7a6d5e4f3c2b1a0998877665544aa",
    "getServiceAccountCredentialsFromEnvironment",
    "/usr/lib/python3/dist-packages/apt/progress/__init__.py",
    "compute.googleapis.com/v1.compute.instances.aggregatedList",
    "arn:aws:sts::123456789012:assumed-role/AdministratorAccess/session",
    "us-east-1-prod-kubernetes-cluster-01-node-pool-blue-42",
    "basic authentication failed; bearer of bad news",
  ];
  for (const text of cases) assert.equal(masked(text), text);
});

Deno.test("secretSpans() finds a private key without its end, and two in a row", () => {
  const body = "\n" + "QUJD".repeat(16) + "\n" + "REVG".repeat(8) + "\n";
  const begin = `-----BEGIN ${"OPENSSH PRIVATE"} KEY-----`;
  const end = `-----END ${"OPENSSH PRIVATE"} KEY-----`;
  assert.equal(masked(`a ${begin}${body}$ ls`), "a <private-key>$ ls");
  assert.equal(
    masked(`${begin}${body}${end} and ${begin}${body}${end}.`),
    "<private-key> and <private-key>.",
  );
});

Deno.test("secretSpans() finds words wherever they stand alone, in any case", () => {
  const words = new WordList<string>();
  for (const word of ["acme", "prod-db", "ACME Corp."]) words.add(word, word);
  assert.equal(
    masked(
      "Acme's ACME CORP. on prod-db, not acmeist or prod-dbs",
      secretSpans("Acme's ACME CORP. on prod-db, not acmeist or prod-dbs", { words }),
    ),
    "<word>'s <word> on <word>, not acmeist or prod-dbs",
  );
});

Deno.test("entropySpans() counts hex only where it is asked to", () => {
  const hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
  assert.deepEqual(entropySpans(hash), []);
  assert.deepEqual(entropySpans(hash, { hex: true }), [
    { start: 0, end: 64, kind: "high-entropy" },
  ]);
});

Deno.test("entropySpans() finds what is drawn at random and passes words by", () => {
  const draw = drawer(seeded(3));
  let found = 0;
  const tries = 500;
  for (let i = 0; i < tries; i++) {
    for (const alphabet of ["alnum", "base64", "url", "base36"] as const) {
      found += entropySpans(`x ${draw(alphabet, 32)} y`).length > 0 ? 1 : 0;
    }
  }
  assert.ok(found >= 0.95 * 4 * tries, `${found} of ${4 * tries}`);
});

Deno.test("secretSpans() gives spans in order, none over another, inside the text", () => {
  const pieces = fc.constantFrom(
    ...[
      "password=",
      "token: ",
      "eyJ",
      ".",
      "://",
      "@",
      "a@b.de",
      "AKIA",
      "-----BEGIN PRIVATE KEY-----",
    ],
    ...["\n", " ", "Bearer ", "ghp_", "0123456789abcdefABCDEF", "…"],
  );
  fc.assert(fc.property(fc.array(fc.oneof(pieces, fc.string())), (parts) => {
    const text = parts.join("");
    let at = 0;
    for (const { start, end } of secretSpans(text, { hex: true })) {
      assert.ok(start >= at && end > start && end <= text.length);
      at = end;
    }
  }));
});

Deno.test("secretSpans() takes time in proportion to the text, whatever it repeats", () => {
  const pieces = [
    ...[
      "eyJ",
      "eyJ.",
      "eyJaaaaaaaa.",
      "://a:",
      "://",
      "a@",
      "a@b.",
      "password",
      "password=",
      "--token ",
    ],
    ...[
      "-----BEGIN PRIVATE KEY-----\n",
      "-----BEGIN RSA PRIVATE KEY-----",
      "1//0",
      "Bearer ",
      "a.",
      "-",
    ],
    ...[
      "authorization:",
      "sk-",
      "x-",
      "?token",
      "&sig=",
      "-u a:",
      "aA1",
      "secret_access_key=",
      "::1",
    ],
    ...["passwordé=", "token=\\\n> ", "mysql -p", "docker login ", "cookie: ", "$6$", "aabb "],
    ...["Private-Lines: 1\n", "echo a | ", "é'", "YWFh", "://a:b@c"],
  ];
  for (const piece of pieces) {
    const time = (length: number) => {
      const text = piece.repeat(Math.ceil(length / piece.length));
      return leastTime(() => secretSpans(text));
    };
    time(20_000);
    const [short, long] = [Math.max(2, time(40_000)), time(400_000)];
    assert.ok(long < 60 * short + 200, `${piece}: ${short} ms, ten times as long ${long} ms`);
  }
});

Deno.test("mergeSpans() joins what overlaps under the kind that came first", () => {
  assert.deepEqual(
    mergeSpans([
      { start: 5, end: 9, kind: "jwt" },
      { start: 3, end: 7, kind: "high-entropy" },
      { start: 9, end: 10, kind: "word" },
      { start: 0, end: 1, kind: "email" },
    ]),
    [
      { start: 0, end: 1, kind: "email" },
      { start: 3, end: 9, kind: "jwt" },
      { start: 9, end: 10, kind: "word" },
    ],
  );
});
