import assert from "node:assert/strict";
import fc from "../property.ts";
import { formatRows, jsonLine } from "../../lib/cli/format.ts";
import { printable } from "../../lib/model/printable.ts";

const HOSTILE = [
  "\u001b[2J\u001b]0;owned\u0007",
  "\u001b]8;;http://evil\u001b\\click",
  "\u202eevil",
  "zero\u200bwidth",
  "\u{e0041}tag",
  "line\r\nbreak",
  "nul\u0000",
  "\ud800lone",
];

Deno.test("printable() leaves no character that a terminal acts on or a reader can't see", () => {
  for (const text of HOSTILE) assert.match(printable(text), /^[\x20-\x7e]*$/, JSON.stringify(text));
  assert.equal(printable("Grüße, 日本 🙂"), "Grüße, 日本 🙂");
});

Deno.test("formatRows() prints no raw control character in any format", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    for (const format of ["table", "jsonl", "csv"] as const) {
      const printed = formatRows([{ a: text, b: 1 }], { columns: ["a", "b"], format });
      // deno-lint-ignore no-control-regex
      assert.doesNotMatch(printed, /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f\u202e]/);
    }
  }));
});

Deno.test("jsonLine() gives back what went in", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => {
    const line = jsonLine({ text });
    assert.equal(line.includes("\n"), false);
    assert.equal(JSON.parse(line).text, text);
  }));
});

Deno.test("formatRows() disarms formulas and quotes in CSV", () => {
  const rows = ["=1+1", "+1", "-1", "@x", '="a","b"', "  =1", "plain", 'say "x"'].map((a) => ({
    a,
  }));
  const printed = formatRows(rows, { columns: ["a"], format: "csv" });
  assert.deepEqual(printed.split("\r\n"), [
    "a",
    "'=1+1",
    "'+1",
    "'-1",
    "'@x",
    `"'=""a"",""b"""`,
    "'  =1",
    "plain",
    '"say ""x"""',
    "",
  ]);
});

Deno.test("formatRows() disarms formulas of any width in CSV", () => {
  const signs = [..."=+-@＝＋－＠﹦﹢﹣﹫−"];
  for (const text of signs.flatMap((sign) => [`${sign}1`, ` ${sign}1`, `\u3000${sign}1`])) {
    const printed = formatRows([{ a: text }], { columns: ["a"], format: "csv" });
    assert.equal(printed, `a\r\n'${text}\r\n`);
  }
});

Deno.test("formatRows() prints numbers of a CSV as they are, negative ones too", () => {
  assert.equal(
    formatRows([{ a: -1.5, b: null, c: true }], { columns: ["a", "b", "c"], format: "csv" }),
    "a,b,c\r\n-1.5,,true\r\n",
  );
});

Deno.test("formatRows() aligns a table and clips long cells", () => {
  const rows = [{ name: "a", n: 0.123456 }, { name: "x".repeat(100), n: 12 }];
  const lines = formatRows(rows, { columns: ["name", "n"], format: "table" }).split("\n");
  assert.equal(lines[0], `name${" ".repeat(58)}n`);
  assert.equal(lines[2], `a${" ".repeat(61)}0.1235`);
  assert.equal(lines[3], `${"x".repeat(59)}…  12`);
});
