import assert from "node:assert/strict";
import fc from "../property.ts";
import { formatEvaluation, table } from "../../lib/evaluation/format_evaluation.ts";
import { measure } from "../../lib/evaluation/measure.ts";
import { rate } from "../../lib/evaluation/rate.ts";
import type { JudgedSubject } from "../../lib/model/judgement.ts";
import { OPERATOR_TYPES } from "../../lib/model/vocabulary.ts";

let next = 0;
function subjects(
  count: number,
  truth: string,
  verdict: JudgedSubject["verdict"],
  rest: { cohort?: string; group?: string } = {},
): JudgedSubject[] {
  const { cohort = null, group = "all" } = rest;
  return Array.from(
    { length: count },
    () => ({ subjectId: `s${next++}`, truth, verdict, cohort, group, session: "", facets: {} }),
  );
}

const SOME = [
  ...subjects(8, "human", "human", { group: "one" }),
  ...subjects(1, "human", "agent", { group: "one" }),
  ...subjects(1, "human", "unknown", { group: "two" }),
  ...subjects(3, "agent", "agent", { group: "three" }),
  ...subjects(1, "automation", "agent", { group: "three" }),
  ...subjects(2, "automation", "automation", { group: "three" }),
  ...subjects(2, "automation", "unknown", { cohort: "insufficient-data", group: "three" }),
  ...subjects(1, "automation", null),
];

Deno.test("measure() counts right, wrong, unknown, withheld and unjudged", () => {
  const { n, right, wrong, abstained, withheld, unjudged } = measure(SOME);
  assert.deepEqual([n, right, wrong, abstained, withheld, unjudged], [18, 13, 2, 1, 2, 1]);
});

Deno.test("measure() gives the confusion with unknown and withheld as columns", () => {
  const { columns, confusion } = measure(SOME);
  assert.deepEqual(columns, [
    "human",
    "agent",
    "automation",
    "unknown",
    "withheld: insufficient-data",
  ]);
  assert.deepEqual(confusion[2], {
    truth: "automation",
    n: 5,
    cells: { agent: 1, automation: 2, "withheld: insufficient-data": 2 },
  });
});

Deno.test("measure() gives precision, recall without the withheld, and F1", () => {
  const [human, agent, automation] = measure(SOME).classes;
  assert.deepEqual([human?.precision.value, human?.recall.value], [1, 0.8]);
  assert.deepEqual([agent?.precision.value, agent?.recall.value, agent?.f1?.toFixed(3)], [
    0.6,
    1,
    "0.750",
  ]);
  assert.deepEqual([automation?.recall.hits, automation?.recall.of], [2, 3]);
});

Deno.test("measure() counts a class that never occurs as nothing, not as 0", () => {
  const [, agent] = measure(subjects(2, "human", "human")).classes;
  assert.deepEqual([agent?.precision.value, agent?.recall.value, agent?.f1], [null, null, null]);
});

Deno.test("measure() does not depend on the order, and every sum adds up", () => {
  const subject = fc.record({
    subjectId: fc.string(),
    truth: fc.constantFrom("human", "agent", "automation", "mixed"),
    verdict: fc.constantFrom(...OPERATOR_TYPES, null),
    cohort: fc.constantFrom("kube", null),
    group: fc.constantFrom("a", "b"),
    session: fc.constant(""),
    facets: fc.constant({}),
  });
  fc.assert(fc.property(fc.array(subject), (some) => {
    const measures = measure(some);
    assert.deepEqual(measure([...some].reverse()).groups, measures.groups);
    const { n, right, wrong, abstained, withheld, unjudged } = measures;
    assert.equal(right + wrong + abstained + withheld, n);
    assert.equal(n + unjudged, some.length);
    assert.equal(measures.confusion.reduce((sum, row) => sum + row.n, 0), n);
  }));
});

Deno.test("rate() is Wilson's interval", () => {
  const { low, high } = rate(8, 10);
  assert.deepEqual([low.toFixed(3), high.toFixed(3)], ["0.490", "0.943"]);
  assert.equal(rate(0, 0).value, null);
});

Deno.test("formatEvaluation() gives Markdown tables with hostile labels inert", () => {
  const hostile = subjects(1, "human", "agent", { group: "a|b\u001b[31m`<img>`" });
  const text = formatEvaluation(measure([...SOME, ...hostile]), { groupBy: "fixture.source" });
  assert.match(text, /^19 judged against the truth: 13 right, 3 wrong, 1 unknown, 2 withheld/);
  assert.match(text, /\| truth {6}\| +n \| human \| agent \|/);
  assert.match(text, /\| three +\| automation +\| +5 \| +2 \|/);
  assert.doesNotMatch(text, /[^\n\x20-\x7e]/);
  assert.match(text, /a\\\|b/);
});

Deno.test("table() aligns numbers to the right", () => {
  assert.equal(
    table(["a", "n"], [["x", 1], ["long", 20]]),
    ["| a    |   n |", "| ---- | --: |", "| x    |   1 |", "| long |  20 |"].join("\n"),
  );
});
