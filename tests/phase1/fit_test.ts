import assert from "node:assert/strict";
import fc from "../property.ts";
import type { TruthfulRow } from "../../lib/model/judgement.ts";
import { DRIVER_CLASSES } from "../../lib/model/vocabulary.ts";
import { fitCalibration, fitTemperature } from "../../lib/phase1/fit_calibration.ts";
import { fitThresholds } from "../../lib/phase1/fit_thresholds.ts";
import { fitWeights } from "../../lib/phase1/fit_weights.ts";
import { judge } from "../../lib/phase1/judge.ts";
import { weightsOf } from "../../lib/phase1/revote.ts";
import { MAX_WEIGHT } from "../../lib/phase1/rule_schema.ts";
import { packFile, packOf, ruleFile } from "./packs.ts";
import { truthful } from "./truthful.ts";

const range = (value: number, min: number, max: number) => ({ value, min, max, doc: "A test" });

/** Quick gaps speak for an agent, slow ones for a person, from one threshold on. */
const PACK = packOf(
  packFile({ params: { edge: range(0.1, 0.02, 0.5) }, cohorts: { thin: "Few events" } }),
  ruleFile("quick", {
    when: "pty_gap_p50 < params.edge",
    votes: [{ class: "agent", weight: 2 }, { class: "human", weight: -1 }],
  }),
  ruleFile("slow", {
    when: "pty_gap_p50 >= params.edge",
    votes: [{ class: "human", weight: 2 }],
  }),
  ruleFile("thin", {
    when: "pty_events < params.least",
    params: { least: range(30, 10, 100) },
    votes: [{ cohort: "thin" }],
  }),
);

function row(subjectId: string, truth: string, gap: number, group = ""): TruthfulRow {
  return truthful(subjectId, truth, { group, row: { pty_events: 100, pty_gap_p50: gap } });
}

const GAPS = [0.05, 0.12, 0.2, 0.24, 0.3, 0.35, 0.4, 0.45];
/** People are slower than 0.25 s here, agents quicker. */
const CORPUS = GAPS.map((gap, i) => row(`s${i}`, gap < 0.25 ? "agent" : "human", gap));

Deno.test("fitThresholds() finds the edge that labels show, within its range", () => {
  const values = fitThresholds(PACK, CORPUS);
  assert.deepEqual([...values.keys()], ["edge"], "what decides who is judged stays");
  const edge = values.get("edge")!;
  assert(edge > 0.24 && edge <= 0.3, String(edge));
});

Deno.test("fitThresholds() leaves what labels do not speak against", () => {
  const plain = [row("a", "agent", 0.01), row("h", "human", 0.6)];
  assert.deepEqual(fitThresholds(PACK, plain), new Map());
  assert.deepEqual(fitThresholds(PACK, []), new Map());
});

Deno.test("fitWeights() raises what labels bear out, lowers what they do not, and keeps signs", () => {
  const right = fitWeights(PACK, judge(PACK, [row("a", "agent", 0.05), row("h", "human", 0.4)]));
  assert(right.get("quick")!.agent! > 2);
  const contrary = [...Array(50).keys()].flatMap((i) => [
    row(`a${i}`, "agent", 0.4),
    row(`h${i}`, "human", 0.05),
  ]);
  const wrong = fitWeights(PACK, judge(PACK, contrary), { strength: 0.01 });
  assert.deepEqual(wrong.get("quick"), { agent: 0.05, human: -0.05 });
  assert.deepEqual(fitWeights(PACK, []), weightsOf(PACK));
});

Deno.test("fitWeights() keeps signs, classes and the range of weights, whatever the labels", () => {
  const subject = fc.record({
    truth: fc.constantFrom("human", "agent", "automation", "mixed"),
    gap: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(subject, { maxLength: 12 }), (some) => {
      const rows = some.map(({ truth, gap }, i) => row(`s${i}`, truth, gap));
      const fitted = fitWeights(PACK, judge(PACK, rows), { strength: 0.1 });
      for (const [id, written] of weightsOf(PACK)) {
        const own = fitted.get(id)!;
        assert.deepEqual(Object.keys(own).sort(), Object.keys(written).sort());
        for (const name of DRIVER_CLASSES) {
          const [weight, before] = [own[name] ?? 0, written[name] ?? 0];
          assert.equal(Math.sign(weight), Math.sign(before));
          assert(Math.abs(weight) <= MAX_WEIGHT);
        }
      }
    }),
    { numRuns: 25 },
  );
});

Deno.test("fitWeights() does not depend on the order of subjects, nor on what is withheld", () => {
  const fitted = fitWeights(PACK, judge(PACK, CORPUS));
  assert.deepEqual(fitWeights(PACK, judge(PACK, CORPUS.toReversed())), fitted);
  const thin = truthful("t", "human", { row: { pty_events: 5, pty_gap_p50: 0.01 } });
  assert.deepEqual(fitWeights(PACK, judge(PACK, [...CORPUS, thin])), fitted);
});

Deno.test("fitTemperature() is high where votes are often wrong, low where they are right", () => {
  const many = (truth: (i: number) => string) =>
    judge(PACK, [...Array(60).keys()].map((i) => row(`s${i}`, truth(i), 0.05)));
  const noisy = fitTemperature(PACK, many((i) => i % 3 === 0 ? "human" : "agent"))!;
  const sound = fitTemperature(PACK, many(() => "agent"))!;
  assert(sound.value < 1 && noisy.value > sound.value, `${sound.value} ${noisy.value}`);
  assert.equal(fitTemperature(PACK, []), null);
});

Deno.test("fitCalibration() judges each group by weights that have not seen it", () => {
  // each group contradicts the other: whoever has seen both is surer than he should be
  const groups = ["one", "two"].flatMap((group) =>
    [...Array(20).keys()].map((i) =>
      row(`${group}${i}`, group === "one" ? "agent" : "human", 0.05, group)
    )
  );
  const judgements = judge(PACK, groups);
  assert(fitCalibration(PACK, judgements)!.value > fitTemperature(PACK, judgements)!.value);
});
