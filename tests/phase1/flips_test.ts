import assert from "node:assert/strict";
import fc from "../property.ts";
import { evaluateRow } from "../../lib/phase1/evaluate.ts";
import { explain, formatExplanation } from "../../lib/phase1/explain.ts";
import { smallestFlips } from "../../lib/phase1/flips.ts";
import { packFile, packOf, ruleFile } from "./packs.ts";

const PACK = packOf(
  packFile({ cohorts: { thin: "Few events" } }),
  ruleFile("quick", {
    when: "pty_gap_p50 < params.edge",
    params: { edge: { value: 0.2, min: 0.1, max: 0.3, doc: "A test" } },
    votes: [{ class: "agent", weight: 4 }],
  }),
  ruleFile("slow", { when: "pty_gap_p50 >= 0.4", votes: [{ class: "human", weight: 2 }] }),
  ruleFile("even", {
    when: "pty_gap_p90 <= 2 * pty_gap_p50 + 0.1 && pty_line_whole_share > 0.5",
    votes: [{ class: "automation", weight: 4 }],
  }),
  ruleFile("thin", { when: "pty_events < 30", votes: [{ cohort: "thin" }] }),
);

const PERSON = { pty_events: 100, pty_gap_p50: 0.5, pty_gap_p90: 2, pty_line_whole_share: 0 };

Deno.test("smallestFlips() gives one feature where one is enough, else two", () => {
  assert.equal(evaluateRow(PACK, PERSON).operatorType, "human");
  const flips = smallestFlips(PACK, PERSON);
  assert.deepEqual(flips.map(({ to, changes }) => ({ to, changes })), [
    { to: "unknown", changes: [{ feature: "pty_gap_p50", from: 0.5, to: 0.3999 }] },
    { to: "agent", changes: [{ feature: "pty_gap_p50", from: 0.5, to: 0.1999 }] },
    {
      to: "automation",
      changes: [
        { feature: "pty_gap_p90", from: 2, to: 1.1 },
        { feature: "pty_line_whole_share", from: 0, to: 0.5001 },
      ],
    },
  ]);
});

Deno.test("smallestFlips() makes nothing up: no value that was not measured, no share above 1", () => {
  const { pty_line_whole_share: _, ...unmeasured } = PERSON;
  const flips = smallestFlips(PACK, unmeasured);
  assert.deepEqual(flips.map(({ to }) => to), ["unknown", "agent"]);
  const segments = ["human", "agent"].map((operatorType, i) => ({
    ...{ fromSeconds: i, operatorType: operatorType as "human" | "agent", confidence: 0.9 },
  }));
  const lone = packOf(ruleFile("lone", { when: "pty_line_whole_share > 1.5" }));
  assert.deepEqual(smallestFlips(lone, PERSON), []);
  const mixed = explain(lone, PERSON, { segments });
  assert.match(
    formatExplanation(mixed),
    /No change of one or two features was found that would flip mixed\n$/,
  );
});

Deno.test("smallestFlips() steps over an edge that floating point puts a hair off", () => {
  const row = { pty_events: 50, pty_gap_p50: 0.04, pty_gap_p90: 0.12, pty_line_whole_share: 0.9 };
  const [flip] = smallestFlips(PACK, row);
  assert.deepEqual(flip!.changes, [{ feature: "pty_gap_p90", from: 0.12, to: 0.1801 }]);
});

Deno.test("smallestFlips() leads where it says, and no change of one feature is smaller", () => {
  const share = fc.integer({ min: 0, max: 100 }).map((i) => i / 100);
  const row = fc.record({
    pty_events: fc.integer({ min: 1, max: 60 }),
    pty_gap_p50: share,
    pty_gap_p90: share,
    pty_line_whole_share: share,
  });
  fc.assert(
    fc.property(row, (row) => {
      const own = evaluateRow(PACK, row).operatorType;
      const flips = smallestFlips(PACK, row);
      for (const { to, changes } of flips) {
        const changed = Object.fromEntries(changes.map(({ feature, to }) => [feature, to]));
        assert.equal(evaluateRow(PACK, { ...row, ...changed }).operatorType, to);
        for (const { feature, from } of changes) {
          assert.equal(from, row[feature as keyof typeof row]);
        }
      }
      for (const feature of ["pty_gap_p50", "pty_gap_p90", "pty_line_whole_share"] as const) {
        for (let value = 0; value <= 1; value += 0.01) {
          const to = evaluateRow(PACK, { ...row, [feature]: value }).operatorType;
          if (to === own) continue;
          const size = Math.abs(value - row[feature]) / Math.max(value, row[feature]);
          const known = flips.find((flip) => flip.to === to);
          assert(known !== undefined && known.size <= size + 0.002, `${feature} ${value} to ${to}`);
        }
      }
    }),
    { numRuns: 30 },
  );
});
