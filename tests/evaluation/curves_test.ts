import assert from "node:assert/strict";
import fc from "../property.ts";
import { calibration } from "../../lib/evaluation/calibration.ts";
import { compareVerdicts } from "../../lib/evaluation/compare.ts";
import { abstentionCurve, classCurves } from "../../lib/evaluation/curves.ts";
import { ruleMeasures, rulePairs } from "../../lib/evaluation/rule_measures.ts";
import { judgement } from "./judgements.ts";

const SOME = [
  judgement("human", 0.9),
  judgement("human", 0.8),
  judgement("agent", 0.7),
  judgement("human", 0.6),
  judgement("agent", 0.1, { agent: 0.85 }),
];

Deno.test("classCurves() gives the points of ROC and PR, and their areas", () => {
  const [human] = classCurves(SOME);
  assert.deepEqual([human?.positives, human?.negatives], [3, 2]);
  assert.deepEqual(
    human?.points.map(({ hits, falseAlarms }) => [hits, falseAlarms]),
    [[1, 0], [2, 0], [2, 1], [3, 1], [3, 2]],
  );
  // 5 of the 6 pairs of a person and another stand in the right order
  assert.equal(human?.rocArea?.toFixed(4), (5 / 6).toFixed(4));
  assert.equal(human?.averagePrecision?.toFixed(4), ((1 + 1 + 3 / 4) / 3).toFixed(4));
  assert.equal(classCurves(SOME)[2]?.rocArea, null);
});

Deno.test("classCurves() leaves out what a cohort withholds, and counts ties half", () => {
  const withheld = judgement("agent", 0.99, { cohort: "kube" });
  assert.deepEqual(classCurves([...SOME, withheld]), classCurves(SOME));
  const tied = [judgement("human", 0.5), judgement("agent", 0.5)];
  assert.equal(classCurves(tied)[0]?.rocArea, 0.5);
});

Deno.test("classCurves() gives the share of pairs in order as area", () => {
  const one = fc.record({
    truth: fc.constantFrom("human", "agent", "automation"),
    human: fc.integer({ min: 0, max: 10 }).map((tenths) => tenths / 10),
  }).map(({ truth, human }) => judgement(truth, human));
  fc.assert(fc.property(fc.array(one, { maxLength: 40 }), (some) => {
    const [human] = classCurves(some);
    const those = some.filter(({ truth }) => truth === "human");
    const others = some.filter(({ truth }) => truth !== "human");
    if (those.length === 0 || others.length === 0) return assert.equal(human?.rocArea, null);
    let inOrder = 0;
    for (const a of those) {
      for (const b of others) {
        const [p, q] = [a.distribution.human, b.distribution.human];
        inOrder += p > q ? 1 : p === q ? 0.5 : 0;
      }
    }
    assert.ok(Math.abs(human!.rocArea! - inOrder / (those.length * others.length)) < 1e-9);
  }));
});

Deno.test("abstentionCurve() decides fewer and more surely as the margin grows", () => {
  const points = abstentionCurve(SOME);
  assert.deepEqual(points.map(({ decided }) => decided), [5, 4, 3, 2, 1]);
  assert.deepEqual(points.map(({ accuracy }) => accuracy.toFixed(2)), [
    "0.80",
    "0.75",
    "1.00",
    "1.00",
    "1.00",
  ]);
});

Deno.test("calibration() compares what was stated with what came true", () => {
  const sure = Array.from({ length: 10 }, (_, i) => judgement(i < 6 ? "human" : "agent", 0.85));
  const { n, bins, expectedError, brier } = calibration(sure);
  assert.equal(n, 10);
  assert.deepEqual([bins[8]?.n, bins[8]?.right.value], [10, 0.6]);
  assert.equal(expectedError?.toFixed(3), "0.250");
  assert.ok(brier !== null && brier > 0.4 && brier < 0.8);
  assert.equal(calibration([]).expectedError, null);
});

Deno.test("ruleMeasures() counts coverage, overlap, conflict and accuracy", () => {
  const forHuman = { ruleId: "typed", weights: { human: 2 } };
  const notHuman = { ruleId: "whole", weights: { human: -2 } };
  const forAgent = { ruleId: "thinks", weights: { agent: 1, automation: -1 } };
  const [typed, whole, thinks, idle] = ruleMeasures([
    judgement("human", 0.9, { votes: [forHuman] }),
    judgement("agent", 0.9, { votes: [forHuman, notHuman] }),
    judgement("agent", 0.1, { votes: [notHuman, forAgent], abstained: ["typed"] }),
    judgement("human", 0.1, { votes: [forHuman], cohort: "kube" }),
  ], ["typed", "whole", "thinks", "idle"]);
  assert.deepEqual([typed?.fired, typed?.abstained, typed?.coverage.of], [2, 1, 3]);
  assert.deepEqual([typed?.accuracy.hits, typed?.conflict.hits, typed?.overlap.hits], [1, 1, 1]);
  assert.deepEqual([whole?.accuracy.value, whole?.conflict.hits, whole?.overlap.hits], [1, 1, 2]);
  assert.deepEqual([thinks?.accuracy.value, thinks?.conflict.hits], [1, 0]);
  assert.deepEqual([idle?.fired, idle?.accuracy.value], [0, null]);
});

Deno.test("rulePairs() counts votes on the same subject and how often they are opposed", () => {
  const votes = [
    { ruleId: "b", weights: { human: 1 } },
    { ruleId: "a", weights: { agent: 1 } },
  ];
  assert.deepEqual(rulePairs([judgement("human", 0.5, { votes })]), [
    { first: "a", second: "b", both: 1, opposed: 1 },
  ]);
});

Deno.test("compareVerdicts() says what changed, and what of it became wrong", () => {
  const of = (subjectId: string, verdict: "human" | "agent" | "unknown", truth: string | null) => ({
    ...{ subjectId, verdict, truth, group: "" },
  });
  const comparison = compareVerdicts(
    [
      ...[of("1", "human", "human"), of("2", "unknown", "agent"), of("3", "agent", null)],
      ...[of("4", "human", "human"), of("5", "agent", "human"), of("gone", "human", null)],
    ],
    [
      ...[of("1", "agent", "human"), of("2", "agent", "agent"), of("3", "unknown", null)],
      ...[of("4", "unknown", "human"), of("5", "unknown", "human"), of("new", "human", null)],
    ],
  );
  assert.deepEqual([comparison.n, comparison.labelled], [5, 4]);
  assert.equal(comparison.noLongerRight, 1);
  assert.deepEqual([comparison.becameRight, comparison.becameWrong], [1, 1]);
  assert.deepEqual(comparison.changes.map(({ effect }) => effect), [
    "became-wrong",
    "became-right",
    "none",
    "no-longer-right",
    "none",
  ]);
});
