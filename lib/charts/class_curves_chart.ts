import * as Plot from "@observablehq/plot";
import type { DriverClass } from "../model/vocabulary.ts";
import { axis, frame } from "./frame.ts";
import { OPERATOR_COLOURS } from "./palette.ts";
import { chartSvg } from "./svg.ts";
import { percent } from "./ticks.ts";

/**
 * What is read of a class's curve (`ClassCurve` of an evaluation): of the class `name`, how many
 * subjects are it (`positives`) and are not (`negatives`), its `points` by `threshold` (shares from 0
 * to 1: `truePositiveRate`, `falsePositiveRate`, `precision`), and the areas `rocArea` and
 * `averagePrecision`, null where they can't be told.
 */
export interface CurveOfClass {
  name: DriverClass;
  positives: number;
  negatives: number;
  points: readonly {
    threshold: number;
    truePositiveRate: number;
    falsePositiveRate: number;
    precision: number;
  }[];
  rocArea: number | null;
  averagePrecision: number | null;
}

const ROC = "ROC";
const PR = "Precision and recall";
const DASHES: Record<DriverClass, string> = { human: "none", agent: "6,3", automation: "2,3" };

interface Point {
  name: DriverClass;
  side: string;
  x: number;
  y: number;
}

/**
 * ROC on the left, precision against recall on the right, one line a class, and on each the point at
 * which the class is called: at a probability of 0.5. Line style and colour both tell the class.
 */
export function classCurvesChart(
  curves: readonly CurveOfClass[],
  options: { title?: string } = {},
): string {
  const drawn = curves.filter((curve) => curve.points.length > 0);
  const lines = drawn.flatMap(({ name, points }) => [
    { name, side: ROC, x: 0, y: 0 },
    ...points.flatMap((point) => [
      { name, side: ROC, x: point.falsePositiveRate, y: point.truePositiveRate },
      { name, side: PR, x: point.truePositiveRate, y: point.precision },
    ]),
  ]);
  const chosen = drawn.flatMap(({ name, points }) => {
    // points go from the highest threshold down: the last that is not below it
    const point = points.findLast((point) => point.threshold >= 0.5) ?? points[0]!;
    return [
      { name, side: ROC, x: point.falsePositiveRate, y: point.truePositiveRate },
      { name, side: PR, x: point.truePositiveRate, y: point.precision },
    ];
  });
  const told = drawn.map(({ name, positives, negatives, rocArea, averagePrecision }) =>
    `${name} against the rest (${positives} and ${negatives}): area under ROC ${
      figure(rocArea)
    }, ` +
    `average precision ${figure(averagePrecision)}`
  );
  const subtitle = drawn.length === 0
    ? "No class has subjects on both sides"
    : drawn.map(({ name, rocArea, averagePrecision }) =>
      `${name}: ROC ${figure(rocArea)}, AP ${figure(averagePrecision)}`
    ).join("; ");
  return chartSvg([panel(lines, chosen)], {
    title: options.title ?? "How well each class is told from the rest",
    subtitle,
    legend: drawn.map(({ name }) => ({ name, colour: OPERATOR_COLOURS[name] })),
    description:
      `Left: ROC. Right: precision against recall. ${told.join("; ")}. Dots: the point ` +
      `at which a class is called.`,
  });
}

function panel(lines: readonly Point[], chosen: readonly Point[]) {
  const height = 350;
  const names = [...new Set(lines.map((point) => point.name))];
  const plot = Plot.plot({
    ...frame(height),
    marginTop: 34,
    fx: { domain: [ROC, PR], label: null, padding: 0.14 },
    x: {
      ...axis("Left: share of the others called. Right: recall"),
      domain: [0, 1],
      ticks: [0, 0.25, 0.5, 0.75, 1],
      tickFormat: percent,
      grid: true,
    },
    y: {
      label: "Left: recall. Right: precision",
      domain: [0, 1],
      ticks: [0, 0.25, 0.5, 0.75, 1],
      tickFormat: percent,
      grid: true,
    },
    color: { type: "identity" },
    marks: [
      Plot.line([{ x: 0, y: 0 }, { x: 1, y: 1 }].map((at) => ({ ...at, side: ROC })), {
        fx: "side",
        x: "x",
        y: "y",
        stroke: "currentColor",
        strokeOpacity: 0.35,
        strokeDasharray: "1,3",
      }),
      ...names.map((name) =>
        Plot.line(lines.filter((point) => point.name === name), {
          fx: "side",
          x: "x",
          y: "y",
          stroke: OPERATOR_COLOURS[name],
          strokeWidth: 2,
          strokeDasharray: DASHES[name],
        })
      ),
      Plot.dot(chosen, {
        fx: "side",
        x: "x",
        y: "y",
        r: 5,
        fill: (point: Point) => OPERATOR_COLOURS[point.name],
        stroke: "currentColor",
      }),
    ],
  });
  return { plot, height };
}

function figure(value: number | null): string {
  return value === null ? "none" : value.toFixed(3);
}
