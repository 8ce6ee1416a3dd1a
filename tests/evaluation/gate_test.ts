import assert from "node:assert/strict";
import { f1Interval } from "../../lib/evaluation/bootstrap.ts";
import { unmet } from "../../lib/evaluation/gate.ts";
import { measure } from "../../lib/evaluation/measure.ts";
import { report } from "../../lib/evaluation/report.ts";
import { judgement } from "./judgements.ts";

const people = (n: number, human: number) =>
  Array.from({ length: n }, () => judgement("human", human));
const SOME = [
  ...people(8, 0.9),
  ...people(2, 0.1),
  judgement("human", 0.4, { verdict: "unknown" }),
];

Deno.test("unmet() names what is not reached, and nothing else", () => {
  const measures = measure(SOME);
  const precision = (name: string | null, least: number) =>
    unmet(measures, [{ measure: "precision", name, least }]);
  assert.deepEqual(precision("human", 1), []);
  assert.deepEqual(precision(null, 0), [], "a class that neither occurs nor is called is left out");
  assert.deepEqual(unmet(measures, [{ measure: "recall", name: "human", least: 0.9 }]), [
    "recall of human is 0.727, wanted at least 0.9",
  ]);
  assert.deepEqual(unmet(measures, [{ measure: "unknown", most: 0.05 }]), [
    "1 of 11 judged are unknown (0.091), at most 0.05 may be",
  ]);
  assert.deepEqual(precision("automation", 0.5), [
    "precision of automation can't be measured: nothing to count",
  ], "a gate on what never occurs does not pass in silence");
});

Deno.test("f1Interval() holds F1, narrows with more sessions, and counts segments with theirs", () => {
  const few = SOME.map((each, i) => ({ ...each, session: `s${i}` }));
  const many = [...Array(20).keys()].flatMap((k) =>
    SOME.map((each, i) => ({ ...each, session: `${k}-${i}` }))
  );
  const width = (some: typeof few) => {
    const { low, high } = f1Interval(some, "human")!;
    const f1 = measure(some).classes[0]!.f1!;
    assert(low <= f1 && f1 <= high);
    return high - low;
  };
  assert(width(many) < width(few) / 2);
  const inFewSessions = many.map((each, i) => ({ ...each, session: `s${i % 11}` }));
  assert(width(inFewSessions) > width(many), "20 segments of a session are no 20 sessions");
  assert.deepEqual(f1Interval(few, "human"), f1Interval(few, "human"), "seeded");
  assert.equal(f1Interval([judgement("human", 0.9)], "automation"), null);
});

Deno.test("report() counts under each facet, cohorts by the verdict", () => {
  const some = [
    judgement("human", 0.9, { facets: { substrate: "asciicast" } }),
    judgement("agent", 0.9, {
      facets: { substrate: "aws-cloudtrail" },
      cohort: "lambda",
      verdict: "unknown",
    }),
  ];
  const { by } = report(some, { groupBy: "fixture.source", facets: ["substrate", "cohort"] });
  assert.deepEqual(by["substrate"]?.map(({ group, n }) => [group, n]), [
    ["asciicast", 1],
    ["aws-cloudtrail", 1],
  ]);
  assert.deepEqual(by["cohort"]?.map(({ group, withheld }) => [group, withheld]), [
    ["", 0],
    ["lambda", 1],
  ]);
});
