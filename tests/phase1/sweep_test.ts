import assert from "node:assert/strict";
import fc from "../property.ts";
import { UsageError } from "../../lib/model/errors.ts";
import type { TruthfulRow } from "../../lib/model/judgement.ts";
import { judge } from "../../lib/phase1/judge.ts";
import type { SweepPoint } from "../../lib/model/sweep.ts";
import { sweep } from "../../lib/phase1/sweep.ts";
import { packFile, packOf, ruleFile } from "./packs.ts";
import { truthful } from "./truthful.ts";

const range = (value: number, min: number, max: number) => ({ value, min, max, doc: "A test" });

/** Parameters used in every way: as a bound, in a sum, twice, in a choice, squared, in a cohort. */
const PACK = packOf(
  packFile({
    cohorts: { thin: "Few events", "aws-service": "A cloud's own" },
    params: { edge: range(0.1, 0, 1), least: range(30, 0, 60) },
    macros: { judged: "has(pty_events) && pty_events >= params.least" },
  }),
  ruleFile("bound", {
    applies: "judged",
    when: "pty_gap_p50 < params.edge",
    votes: [{ class: "agent", weight: 4 }],
  }),
  ruleFile("between", {
    applies: "judged",
    when: "pty_gap_p90 > params.edge && pty_gap_p90 <= params.edge * 2 + 0.1",
    votes: [{ class: "human", weight: 2 }, { class: "automation", weight: -1 }],
  }),
  ruleFile("choice", {
    when: "(pty_gap_p50 < params.edge ? pty_gap_p90 : pty_gap_p50) > 0.4 || !judged",
    votes: [{ class: "automation", weight: 2.5 }],
  }),
  ruleFile("square", {
    when: "pty_gap_cv < params.edge * (1 - params.edge) || params.edge == 0.5",
    votes: [{ class: "human", weight: 1 }],
  }),
  ruleFile("fixed", {
    when: "pty_gap_cv >= 0.3",
    votes: [{ class: "human", weight: 1.5 }],
  }),
  ruleFile("thin", { when: "pty_events < params.least", votes: [{ cohort: "thin" }] }),
  ruleFile("own", { when: "pty_gap_cv > 0.9", votes: [{ cohort: "aws-service" }] }),
);

/** The same counts, by judging anew at each point. */
function slow(rows: readonly TruthfulRow[], point: SweepPoint): SweepPoint["counts"] {
  const params = new Map(Object.entries(point.values));
  const counts = new Map<string, SweepPoint["counts"][number]>();
  for (const { truth, verdict, cohort } of judge(PACK, rows, { params })) {
    const withheld = cohort !== null && verdict === "unknown";
    const key = `${truth} ${verdict} ${withheld}`;
    const count = counts.get(key) ?? { truth, verdict, withheld, n: 0 };
    count.n++;
    counts.set(key, count);
  }
  return [...counts.values()];
}

function sorted(counts: SweepPoint["counts"]): string[] {
  const merged = new Map<string, number>();
  for (const { truth, verdict, withheld, n } of counts) {
    const key = `${truth} ${verdict} ${withheld}`;
    merged.set(key, (merged.get(key) ?? 0) + n);
  }
  return [...merged].map(([key, n]) => `${key} ${n}`).sort();
}

const share = fc.integer({ min: 0, max: 20 }).map((i) => i / 20);
const measured = fc.record({
  from_seconds: fc.integer({ min: 0, max: 100 }),
  pty_events: fc.integer({ min: 0, max: 60 }),
  pty_gap_p50: share,
  pty_gap_p90: fc.option(share),
  pty_gap_cv: share,
});
const subject = fc.record({
  truth: fc.constantFrom("human", "agent", "automation"),
  row: measured,
  segments: fc.array(measured, { maxLength: 2 }),
}).map(({ truth, ...rest }) => truthful("s", truth, rest));

Deno.test("sweep() says at every point what judging anew says there", () => {
  const values = [0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.6, 0.95, 1];
  fc.assert(
    fc.property(fc.array(subject, { maxLength: 8 }), (rows) => {
      const one = sweep(PACK, rows, [{ name: "edge", values }]);
      const two = sweep(PACK, rows, [{ name: "least", values: [0, 20, 40] }, { name: "edge" }]);
      const other = sweep(PACK, rows, [{ name: "edge", values }, { name: "least" }]);
      for (const point of [...one, ...two, ...other]) {
        assert.deepEqual(
          sorted(point.counts),
          sorted(slow(rows, point)),
          JSON.stringify(point.values),
        );
      }
    }),
    { numRuns: 40 },
  );
});

Deno.test("sweep() takes even steps over the range, 50 of one and 7 of each of two", () => {
  const rows = [truthful("s", "human", { row: { pty_events: 20 } })];
  const edges = sweep(PACK, rows, [{ name: "edge" }]).map(({ values }) => values["edge"]!);
  assert.deepEqual([edges.length, edges[0], edges.at(-1)], [50, 0, 1]);
  assert.equal(sweep(PACK, rows, [{ name: "edge" }, { name: "least" }]).length, 49);
  const [few] = sweep(PACK, [], [{ name: "edge" }]);
  assert.deepEqual(few?.counts, []);
});

Deno.test("sweep() names the nearest parameter where there is none of the name", () => {
  assert.throws(
    () => sweep(PACK, [], [{ name: "egde" }]),
    (error) => error instanceof UsageError && /no parameter "egde".*edge/.test(error.message),
  );
});
