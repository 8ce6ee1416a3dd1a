import assert from "node:assert/strict";
import fc from "../property.ts";
import { escapeHtml, visibleText, withoutTerminalCodes } from "../../lib/notebook/visible_text.ts";

Deno.test("visibleText() shows what can't be seen", () => {
  const cases: [string, string][] = [
    ["plain ä 漢 👍", "plain ä 漢 👍"],
    ["a\x1b[31m\x07\x9b", "a\\u001b[31m\\u0007\\u009b"],
    ["evil\u202etxt\u2066\u200f", "evil\\u202etxt\\u2066\\u200f"],
    ["z\u200bw\u00ad\ufeff\u3164\u{e0041}", "z\\u200bw\\u00ad\\ufeff\\u{3164}\\u{e0041}"],
    ["line\u2028\n\t\ud800", "line\\u2028\\u000a\\u0009\\ud800"],
    [`z${"\u0300".repeat(9)}`, `z${"\u0300".repeat(4)}…`],
  ];
  for (const [text, shown] of cases) assert.equal(visibleText(text), shown);
  assert.equal(visibleText("a\n\tb\r", { keep: "lines" }), "a\n\tb\\u000d");
  assert.equal(visibleText("abcdef", { maxLength: 4 }), "abcd… (2 more)");
});

Deno.test("withoutTerminalCodes() takes control sequences out, whatever their form", () => {
  const cases: [string, string][] = [
    ["a\x1b[31mred\x1b[0m", "ared"],
    ["\x1b]0;title\x07b", "b"],
    ["\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"],
    ["\x1bPq..\x1b\\z\x1b_x\x1b\\", "z"],
    ["\x9b1mq\x9d0;t\x9c", "q"],
    ["\x1b(Bok\x1b=\x1b7\r\n", "ok\n"],
    ["\x1b]never ends\nnext", "\nnext"],
    ["\x1b", ""],
  ];
  for (const [text, plain] of cases) assert.equal(withoutTerminalCodes(text), plain);
});

Deno.test("withoutTerminalCodes() and visibleText() leave no control character", () => {
  const hostile = fc.array(
    fc.oneof(
      fc.constantFrom("\x1b", "[", "]", "P", "\\", "\x07", "\x9b", ";", "31", "m", "\n"),
      fc.string(),
    ),
  ).map((parts) => parts.join(""));
  fc.assert(fc.property(hostile, (text) => {
    assert.doesNotMatch(visibleText(withoutTerminalCodes(text)), /[\p{Cc}\p{Cf}]/u);
  }));
});

Deno.test("withoutTerminalCodes() and visibleText() take time in proportion to the text", () => {
  const began = performance.now();
  for (const piece of ["\x1b]", "\x1b[0", "\x1b[", "\u0300", "\x1bP\x1b", "\x9d\x9b0;"]) {
    const text = piece.repeat(200_000);
    withoutTerminalCodes(text);
    visibleText(text);
  }
  assert.ok(performance.now() - began < 5000);
});

Deno.test("escapeHtml() escapes what leads out of text and quotes", () => {
  assert.equal(
    escapeHtml(`<a b='c' d="e">&amp;`),
    "&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;amp;",
  );
});
