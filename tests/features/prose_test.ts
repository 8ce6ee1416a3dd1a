import assert from "node:assert/strict";
import fc from "../property.ts";
import { Prose } from "../../lib/features/prose.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function shareOf(text: string): number | null {
  const prose = new Prose();
  const data = bytes(text);
  prose.add(data, 0, data.length);
  return prose.share;
}

const SENTENCE = 'I\'ll look at the output first, and then write (as "asked") a small test. ';
const NAMES = "src/main.ts:12 build_all x86-64 3.1s ok [12/80] \r\n";

const CASES: [name: string, text: string, least: number, most: number][] = [
  ["sentences", SENTENCE.repeat(5), 1, 1],
  ["names, numbers and paths", NAMES.repeat(10), 0, 0],
  ["messages of a few words", "Reading package lists... Done\r\n".repeat(20), 0, 0],
  ["half of each", (SENTENCE + "\r\n" + NAMES.repeat(2)).repeat(5), 0.4, 0.7],
  ["sentences in colour", SENTENCE.replaceAll(" ", " \x1b[1;32m").repeat(5), 1, 1],
  ["sentences behind a title", ("\x1b]0;a b c d\x07" + SENTENCE).repeat(5), 0.9, 1],
  [
    "sentences in JSON",
    `{"type":"text","text":"${"so we do it in another way now ".repeat(9)}"}`,
    0.9,
    1,
  ],
  ["another alphabet", "сначала посмотрим что говорит этот тест и исправим его ".repeat(4), 1, 1],
  ["accents", "daß wir über die Lösung für später reden können ".repeat(5), 1, 1],
];

for (const [name, text, least, most] of CASES) {
  Deno.test(`Prose tells ${name}`, () => {
    const share = shareOf(text);
    assert.ok(share !== null && share >= least && share <= most, String(share));
  });
}

Deno.test("Prose says nothing of few words, and looks at no more than 8 KiB", () => {
  assert.equal(shareOf(SENTENCE), null);
  assert.equal(shareOf(NAMES.repeat(2000) + SENTENCE.repeat(2000)), 0);
});

Deno.test("Prose gives the same however the text is cut", () => {
  const text = bytes(`\x1b[1m${SENTENCE}\x1b[0m${NAMES}`.repeat(6));
  const whole = new Prose();
  whole.add(text, 0, text.length);
  fc.assert(fc.property(fc.array(fc.nat(text.length), { maxLength: 20 }), (cuts) => {
    const pieces = new Prose();
    const ends = [...new Set([...cuts, text.length])].sort((a, b) => a - b);
    let from = 0;
    for (const end of ends) {
      pieces.add(text, from, end);
      from = end;
    }
    assert.equal(pieces.share, whole.share);
  }));
});

Deno.test("Prose takes any bytes", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
    const prose = new Prose();
    prose.add(data, 0, data.length);
    assert.ok(prose.share === null || (prose.share >= 0 && prose.share <= 1));
    prose.restart();
    assert.equal(prose.share, null);
  }));
});
