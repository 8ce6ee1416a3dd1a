import assert from "node:assert/strict";
import { Redactor } from "../../lib/redact/redactor.ts";
import { digestOf, PRINTERS } from "../phase2/terminal_canvas.ts";
import { drawer, IN_CONTEXT, NAMED_FORMATS } from "./generated_secrets.ts";
import { seeded } from "../seeded.ts";
import { PROSE } from "./ordinary_text.ts";

/** Whether any run of 12 characters of a secret is left in a text, blanks and line ends aside. */
function leaks(lines: readonly string[], secret: string): boolean {
  const text = lines.map((line) => line.replace(/^[^ ]+ s(?: \+[^ ]+ s)?(?: \([^)]*\))? /, ""))
    .join("");
  const closed = text.replace(/\s+/g, "");
  const body = secret.replace(/\s+|-----[A-Z ]+-----/g, "");
  for (let at = 0; at + 12 <= body.length; at += 4) {
    if (closed.includes(body.slice(at, at + 12))) return true;
  }
  return body.length < 12 && closed.includes(body);
}

Deno.test("Redactor replaces every secret of known formats in terminal output, however printed", async () => {
  const random = seeded(5);
  const draw = drawer(random);
  const makers = [
    ...NAMED_FORMATS.map(([kind, make]) => ({
      kind,
      make: () => ["key is ", make(draw)] as const,
    })),
    ...IN_CONTEXT.map(([kind, make]) => ({ kind, make: () => make(draw) })),
  ];
  let placed = 0;
  const leaked: string[] = [];
  for (let round = 0; round < 20; round++) {
    for (const printer of PRINTERS) {
      const secrets = makers.map(({ kind, make }) => ({ kind, made: make() }));
      const cols = [60, 80, 133][round % 3]!;
      const text = secrets.map(({ made: [before, secret] }) => {
        const behind = before.startsWith("postgres") ? "@db/x" : " end";
        return `$ ${"x".repeat(Math.floor(random() * cols))} ${before}${secret}${behind}\n`;
      }).join("");
      const { lines } = await digestOf(printer.pieces(text, random, cols), { cols });
      for (const { kind, made: [, secret] } of secrets) {
        placed++;
        if (leaks(lines, secret)) leaked.push(`${kind}, ${printer.name}, ${cols}: ${secret}`);
      }
    }
  }
  assert.ok(placed >= 2000, `${placed} secrets were placed`);
  assert.deepEqual(leaked, []);
  console.log(`    ${placed} secrets in ${makers.length} formats: all replaced`);
});

/** Formats that no pattern knows: only their context and their entropy give them away. */
const UNNAMED: readonly ((draw: ReturnType<typeof drawer>) => readonly [string, string])[] = [
  (draw) => ["NEW_RELIC_KEY=", `NRAK-${draw("upper", 27)}`],
  (draw) => ["cookie: session=", draw("base64", 64)],
  (draw) => ["signing key ", draw("alnum", 43)],
  (draw) => ["dsn https://", `${draw("alnum", 32)}@o1.ingest.example/5`],
  (draw) => ["webhook /t/", `${draw("alnum", 9)}/${draw("alnum", 24)}`],
];

Deno.test("Redactor replaces most secrets that no format names", async () => {
  const random = seeded(9);
  const draw = drawer(random);
  let placed = 0;
  let found = 0;
  for (let round = 0; round < 100; round++) {
    const secrets = UNNAMED.map((make) => make(draw));
    const text = secrets.map(([before, secret]) => `${before}${secret} \n`).join("");
    const printer = PRINTERS[round % PRINTERS.length]!;
    const { lines } = await digestOf(printer.pieces(text, random, 80));
    for (const [, secret] of secrets) {
      placed++;
      const longest = secret.split(/[^A-Za-z0-9+]/).reduce((a, b) => b.length > a.length ? b : a);
      if (!leaks(lines, longest)) found++;
    }
  }
  assert.ok(found >= 0.9 * placed, `${found} of ${placed}`);
  console.log(`    ${found} of ${placed} secrets in ${UNNAMED.length} formats without a name`);
});

Deno.test("Redactor leaves ordinary words of logs and prose as they are", () => {
  const { lines } = new Redactor().lines(PROSE.map((text) => ({ text })));
  const [before, after] = [PROSE, lines].map((list) => list.join("\n").split(/\s+/));
  const replaced = lines.join("\n").match(/\[[a-z-]+ \d+\]/g) ?? [];
  assert.ok(before!.length > 1500 && after!.length > 1500, `${before!.length} words`);
  assert.ok(replaced.length <= 0.01 * before!.length, replaced.join(" "));
  console.log(`    ${replaced.length} of ${before!.length} ordinary tokens replaced`);
});

Deno.test("Redactor names the same secret the same, also where nothing tells that it is one", () => {
  const { lines, counts } = new Redactor(["acme"]).lines([
    { text: "echo hunter2secret and bob@example.com" },
    { text: "$ mysql -p --password hunter2secret -h Acme" },
    { text: "token ghp_abcdefghijABCDEFGHIJ01234", wraps: true },
    { text: "56789abcdefXYZ rest of it" },
    { text: "again ghp_abcdefghijABCDEFGHIJ0123456789abcdefXYZ" },
    { text: "Enter passphrase for key: open sesame 1" },
  ]);
  assert.deepEqual(lines, [
    "echo [password 1] and [email 1]",
    "$ mysql -p --password [password 1] -h [word 1]",
    "token [github-token 1]",
    " rest of it",
    "again [github-token 1]",
    "Enter passphrase for key: [password 2]",
  ]);
  assert.deepEqual(counts, { password: 3, email: 1, word: 1, "github-token": 2 });
});
