import assert from "node:assert/strict";
import { resolve } from "node:path";
import fc from "../property.ts";
import { ConfigError } from "../../lib/model/errors.ts";
import { isLabelKey, isLabelValue } from "../../lib/model/label.ts";
import { labelsOfFile, parseLabelTable, readLabelTable } from "../../lib/sources/labels_table.ts";

const HEAD = "file\ttruth.operator-type\tdriver\tsource\tnote\n";

Deno.test("parseLabelTable() makes truth, fixture labels and a note of the columns", () => {
  const table = parseLabelTable(
    `${HEAD}human/1.cast.gz\thuman\tA person\thuman/site_1\tfree <b>text</b>\r\n` +
      `agent/2.cast\tagent\t\t\t\n\n`,
    "data/labels.tsv",
  );
  assert.deepEqual(labelsOfFile(table, "data/human/1.cast.gz"), {
    labels: [
      { key: "truth.operator-type", value: "human" },
      { key: "fixture.driver", value: "A-person" },
      { key: "fixture.source", value: "human-site_1" },
    ],
    note: "free <b>text</b>",
    refused: {},
  });
  assert.deepEqual(table.rows.get(resolve("data/agent/2.cast"))?.labels, [
    { key: "truth.operator-type", value: "agent" },
  ]);
  assert.equal(labelsOfFile(table, "data/other.cast"), undefined);
});

Deno.test("parseLabelTable() counts rows and values that it can't take", () => {
  const table = parseLabelTable(
    `${HEAD}\thuman\n../../etc/passwd\thuman\n/etc/passwd\thuman\na.cast\tmartian\t\u202E\n` +
      `a.cast\thuman\n./a.cast\thuman\n`,
    "data/labels.tsv",
  );
  assert.deepEqual(table.refused, {
    "row names no file": 1,
    "file lies outside the table's folder": 2,
    "file comes twice": 2,
  });
  assert.deepEqual(table.rows.get(resolve("data/a.cast")), {
    labels: [],
    note: null,
    refused: { "operator type is not known": 1, "value is not valid": 1 },
  });
});

Deno.test("parseLabelTable() names the line of a head without a file column", () => {
  assert.throws(
    () => parseLabelTable("path,truth\nx,human\n", "t.tsv"),
    (error) => error instanceof ConfigError && /^t\.tsv:1: .*"file"/.test(error.message),
  );
});

Deno.test("parseLabelTable() gives valid labels for any text", () => {
  const cell = fc.string({ unit: "binary" });
  const lines = fc.array(fc.array(cell).map((cells) => cells.join("\t")));
  fc.assert(fc.property(lines, (rows) => {
    const table = parseLabelTable(["file\ttruth.x\t\u0000\tA b", ...rows].join("\n"), "t.tsv");
    for (const { labels, note } of table.rows.values()) {
      assert.ok((note?.length ?? 0) <= 2000);
      for (const { key, value } of labels) assert.ok(isLabelKey(key) && isLabelValue(value));
    }
  }));
});

Deno.test("parseLabelTable() reads lines whichever way they end, and none of millions that are empty", () => {
  const table = parseLabelTable(
    `\ufeff${HEAD.trim()}\ra.cast\thuman\r\nb.cast\tagent\r${"\n".repeat(10_000_000)}`,
    "t.tsv",
  );
  assert.deepEqual([...table.rows.keys()], [resolve("a.cast"), resolve("b.cast")]);
});

Deno.test("readLabelTable() says that a table is not there, or is no plain file", async () => {
  await assert.rejects(readLabelTable("/dev/zero"), /no plain file/);
  await assert.rejects(readLabelTable("nowhere/labels.tsv"), ConfigError);
});
