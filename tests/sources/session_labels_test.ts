import assert from "node:assert/strict";
import { ConfigError } from "../../lib/model/errors.ts";
import { parseSessionLabels } from "../../lib/sources/session_labels.ts";

const HEAD = "principal\tsince\tuntil\tdriver\ttruth.operator-type\tfixture.source\tnote";
const DAY = "2026-03-10T09:00:00Z\t2026-03-10T10:00:00Z";

Deno.test("parseSessionLabels() reads who, when and which driver, and labels of the others", () => {
  const { rows, refused } = parseSessionLabels(
    [
      HEAD,
      `ana@example.com\t${DAY}\t\thuman\tdesk\tby hand`,
      "",
      `ana@example.com\t${DAY}\tagent.\tagent`,
    ]
      .join("\n"),
    "labels.tsv",
  );
  assert.deepEqual(refused, {});
  assert.deepEqual(rows.map(({ line, driver }) => [line, driver]), [[4, "agent."], [2, ""]]);
  assert.deepEqual(rows[1], {
    line: 2,
    principal: "ana@example.com",
    sinceMs: Date.parse("2026-03-10T09:00:00Z"),
    untilMs: Date.parse("2026-03-10T10:00:00Z"),
    driver: "",
    labels: [
      { key: "truth.operator-type", value: "human" },
      { key: "fixture.source", value: "desk" },
    ],
    refused: {},
    note: "by hand",
  });
});

Deno.test("parseSessionLabels() counts rows that it can't use, and refuses a table without columns", () => {
  const { rows, refused } = parseSessionLabels(
    [HEAD, `\t${DAY}\t\thuman`, "ana\tsoon\tlater\t\thuman", `ana\t${DAY}\t\trobot`].join("\n"),
    "labels.tsv",
  );
  assert.deepEqual(refused, { "row names no principal": 1, "row has no stretch of time": 1 });
  assert.deepEqual(rows.map((row) => row.refused), [{ "operator type is not known": 1 }]);
  assert.throws(
    () => parseSessionLabels("principal\tsince\ttruth.operator-type", "labels.tsv"),
    (error) => error instanceof ConfigError && /"until"/.test(error.message),
  );
});
