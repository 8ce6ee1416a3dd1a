import assert from "node:assert/strict";
import fc from "../property.ts";
import { type KnownName, Pseudonyms } from "../../lib/redact/pseudonyms.ts";
import { rawContentSpans } from "../../lib/redact/raw_content.ts";
import { WordList } from "../../lib/redact/word_list.ts";

const KEY = new Uint8Array(32).fill(7);
const NAMES: KnownName[] = [
  { kind: "person", name: "Alice@example.com" },
  { kind: "person", name: "arn:aws:sts::123456789012:assumed-role/Ops/bob" },
  { kind: "login", name: "root" },
  { kind: "login", name: "alice@example.com" },
  { kind: "login", name: "x" },
  { kind: "login", name: "agent" },
  { kind: "target", name: "db-1.prod.example" },
  { kind: "scope", name: "prod" },
];

Deno.test("Pseudonyms.rewrite() puts one pseudonym for one name, whatever its case and place", () => {
  const pseudonyms = new Pseudonyms(KEY, NAMES);
  const [alice, root, prod, db, x] = ["alice@example.com", "root", "prod", "db-1.prod.example", "x"]
    .map((name) => pseudonyms.rewrite(name));
  assert.match(
    [alice, root, prod, db, x].join(),
    /^person-[0-9a-f]{4},login-[0-9a-f]{4},scope-[0-9a-f]{4},target-[0-9a-f]{4},login-[0-9a-f]{4}$/,
  );
  const cases: [string, string][] = [
    ["ALICE@example.com on db-1", `${alice} on ${db}`],
    ["alice, (alice@example.com)", `${alice}, (${alice})`],
    ["malice, aliceX, rooted", "malice, aliceX, rooted"],
    ["root in prod", `${root} in ${prod}`],
    ["10 x 3", "10 x 3"],
    ["agent", "agent"],
    ["alice@exa…", `${alice}…`],
  ];
  for (const [text, expected] of cases) assert.equal(pseudonyms.rewrite(text), expected, text);
});

Deno.test("Pseudonyms.rewrite() covers addresses and e-mail addresses that no row names", () => {
  const pseudonyms = new Pseudonyms(KEY, NAMES);
  const shown = pseudonyms.rewrite(
    "from 10.1.2.3 and 2001:db8::17 by carol@example.org at 10:20:30, v1.2.3, 10.1.2.3",
  );
  assert.match(
    shown,
    /^from (address-[0-9a-f]{6}) and (address-[0-9a-f]{6}) by person-[0-9a-f]{6} at 10:20:30, v1\.2\.3, \1$/,
  );
  assert.deepEqual(pseudonyms.nameSpans(shown), []);
});

Deno.test("Pseudonyms are the same under one key only", () => {
  const [a, b] = [KEY, new Uint8Array(32).fill(8)].map((key) =>
    new Pseudonyms(key, NAMES).rewrite("root")
  );
  assert.equal(new Pseudonyms(KEY, NAMES.toReversed()).rewrite("root"), a);
  assert.notEqual(a, b);
});

Deno.test("Pseudonyms tell ten thousand names apart", () => {
  const names = Array.from({ length: 10_000 }, (_, i): KnownName => ({
    kind: "person",
    name: `user${i}@example.com`,
  }));
  const pseudonyms = new Pseudonyms(KEY, names);
  assert.equal(new Set(names.map(({ name }) => pseudonyms.rewrite(name))).size, names.length);
});

Deno.test("Pseudonyms.rewrite() leaves no name behind", () => {
  const name = fc.string({ minLength: 4, maxLength: 12 }).filter((text) => text.trim().length > 3);
  fc.assert(fc.property(
    fc.array(name, { minLength: 1, maxLength: 8 }),
    fc.array(fc.constantFrom(" ", ", ", ": ", "(", ")"), { minLength: 9, maxLength: 9 }),
    (names, between) => {
      const known = names.map((name): KnownName => ({ kind: "target", name }));
      const pseudonyms = new Pseudonyms(KEY, known);
      const text = between.map((gap, i) => gap + (names[i] ?? "")).join("");
      assert.deepEqual(pseudonyms.nameSpans(pseudonyms.rewrite(text)), []);
    },
  ));
});

Deno.test("WordList.find() agrees with a search word by word", () => {
  const word = fc.stringMatching(/^[abc.]{1,4}$/);
  fc.assert(fc.property(fc.array(word), fc.stringMatching(/^[abc. ]{0,40}$/), (words, text) => {
    const list = new WordList<string>();
    for (const word of words) list.add(word, word);
    const isWord = (at: number) => /[abc]/.test(text[at] ?? " ");
    const expected: string[] = [];
    for (let at = 0; at < text.length;) {
      const found = words.filter((word) =>
        text.startsWith(word, at) && !(isWord(at - 1) && isWord(at)) &&
        !(isWord(at + word.length - 1) && isWord(at + word.length))
      ).reduce((a, b) => b.length > a.length ? b : a, "");
      if (found !== "") expected.push(found);
      at += found.length || 1;
    }
    assert.deepEqual(list.find(text).map(({ start, end }) => text.slice(start, end)), expected);
  }));
});

Deno.test("rawContentSpans() finds terminal text, payloads and home folders", () => {
  const cases: [string, string | null][] = [
    ["\x1b[31mred", "terminal-text"],
    ["shown as \\u001b[0m", "terminal-text"],
    ["root@web-1:~# cat /etc/passwd", "terminal-text"],
    ["x\n[ops@host dir]$ ls", "terminal-text"],
    [`{"requestParameters": {"bucketName": "b"}}`, "payload"],
    ["SELECT name, iban FROM accounts WHERE id = 3", "payload"],
    ["/home/alice/.ssh/id_rsa", "path"],
    ["select the sessions from the table", null],
    ["costs 5 $ a run", null],
    ["12 sessions of 3 people", null],
  ];
  for (const [text, kind] of cases) {
    assert.equal(rawContentSpans(text)[0]?.kind ?? null, kind, text);
  }
});
