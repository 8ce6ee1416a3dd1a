import assert from "node:assert/strict";
import { measureSweep, suggestPoint } from "../../lib/evaluation/sweep_measures.ts";
import type { SweepPoint, SweptCount } from "../../lib/model/sweep.ts";

const count = (truth: string, verdict: SweptCount["verdict"], n: number, withheld = false) => ({
  ...{ truth, verdict, n, withheld },
});

/** The higher the edge, the more is called agent. */
const POINTS: SweepPoint[] = [
  [1, 0],
  [5, 0],
  [8, 1],
  [8, 1],
  [8, 1],
  [10, 5],
].map(([hits, falseAlarms], i) => ({
  values: { edge: i },
  counts: [
    count("agent", "agent", hits!),
    count("agent", "unknown", 10 - hits!),
    count("human", "agent", falseAlarms!),
    count("human", "human", 20 - falseAlarms!),
    count("human", "unknown", 3, true),
    count("", "agent", i),
  ],
}));

Deno.test("measureSweep() counts right, wrong and withheld, and the volume called", () => {
  const [, , third] = measureSweep(POINTS);
  assert.deepEqual([third!.right, third!.unknown, third!.withheld], [27, 2, 3]);
  const { precision, recall, called } = third!.classes.agent;
  assert.deepEqual([recall.hits, recall.of], [8, 10]);
  assert.deepEqual([precision.hits, precision.of, called], [8, 9, 11]);
});

Deno.test("suggestPoint() takes the most recall that has the precision, in the middle", () => {
  const points = measureSweep(POINTS);
  const edge = (precision: number) => suggestPoint(points, { name: "agent", precision })?.values;
  assert.deepEqual(edge(1), { edge: 1 });
  assert.deepEqual(edge(0.8), { edge: 3 });
  assert.deepEqual(edge(0.5), { edge: 5 });
  assert.equal(suggestPoint(points.slice(2), { name: "agent", precision: 0.99 }), null);
});
