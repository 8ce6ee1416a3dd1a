import assert from "node:assert/strict";
import fc from "../property.ts";
import { TerminalMask } from "../../lib/redact/mask_terminal.ts";

const masked = (...prints: string[]) => {
  const mask = new TerminalMask();
  return prints.map((print) => mask.mask(print));
};

Deno.test("TerminalMask keeps layout and hides words", () => {
  const cases: [string, string][] = [
    ["root@web-1:~# ls -la\r\n", "xxxx@xxx-0:~# xx -xx\r\n"],
    ["\x1b[1;31mERROR\x1b[0m 42%", "\x1b[1;31mXXXXX\x1b[0m 00%"],
    ["\x1b]0;secret title\x07ok", "xx"],
    ["\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\", "xxxx"],
    ["\x1bPsixel\x1b\\x\x1b(B", "x\x1b(B"],
    ["\x9b31mred \x9dtitle\x9c.", "\x1b[31mxxx ."],
    ["日本 é ½ ╭─╮", "ｘｘ x 0 ╭─╮"],
    ["a\u{e0041}b\u200bc", "xxx"],
  ];
  for (const [print, expected] of cases) assert.deepEqual(masked(print), [expected]);
});

Deno.test("TerminalMask follows sequences that are split over prints", () => {
  assert.deepEqual(masked("a\x1b", "]0;sec", "ret\x1b", "\\b\x1b[3", "1mc"), [
    ...["x", "", "", "x\x1b[3", "1mx"],
  ]);
  const piece = fc.oneof(
    fc.constantFrom("\x1b", "[", "]", "P", "0;", "31m", "\x07", "\\", "\x9b", "\x9d", "title", "7"),
    fc.string(),
  );
  fc.assert(fc.property(fc.array(piece), (prints) => {
    assert.equal(masked(...prints).join(""), masked(prints.join("")).join(""));
  }));
});

Deno.test("TerminalMask lets no letter or digit of a text through", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => {
    const plain = text.replaceAll(/\p{Cc}/gu, "");
    assert.match(masked(plain)[0]!, /^(?:[xXｘ0]|[^\p{L}\p{N}])*$/u);
  }));
});
