import * as Plot from "@observablehq/plot";
import { axis, frame } from "./frame.ts";
import { OPERATOR_COLOURS, SERIES_COLOUR } from "./palette.ts";
import { chartSvg } from "./svg.ts";
import { count, percent, wholeNumber, wholeTicks } from "./ticks.ts";

/** What becomes of the verdicts when one number of the rules is set to `value`. */
export interface SweepPoint {
  /** The number tried, in the parameter's own unit. */
  value: number;
  /** A share, as `recall`; null where nothing is called, or nothing is to be found. */
  precision: number | null;
  recall: number | null;
  /** How many subjects are called. */
  volume: number;
}

const PRECISION = OPERATOR_COLOURS.human;
const RECALL = OPERATOR_COLOURS.agent;

/**
 * One number of the rules swept over its range: precision and recall of a class above, how many
 * sessions are called below, and where the number stands now (`current`). `parameter` is its full
 * name; it makes the heading where no `title` is given.
 */
export function sweepChart(
  points: readonly SweepPoint[],
  options: { parameter: string; current: number; title?: string },
): string {
  const sorted = points.toSorted((a, b) => a.value - b.value);
  const { parameter, current } = options;
  const near = sorted.reduce<SweepPoint | null>(
    (best, point) =>
      best === null || Math.abs(point.value - current) < Math.abs(best.value - current)
        ? point
        : best,
    null,
  );
  const subtitle = near === null
    ? "No value was tried"
    : `${count(sorted.length, "value")} tried; at ${current}: precision ${
      shown(near.precision)
    }, ` +
      `recall ${shown(near.recall)}, ${count(near.volume, "session")} called`;
  const told = sorted.map(({ value, precision, recall, volume }) =>
    `${value}: ${shown(precision)}, ${shown(recall)}, ${volume}`
  );
  return chartSvg([ratePanel(sorted, current), volumePanel(sorted, options)], {
    title: options.title ?? `If ${parameter} were another`,
    subtitle,
    legend: [{ name: "precision", colour: PRECISION }, { name: "recall (dashed)", colour: RECALL }],
    description: `Sweep of ${parameter}: precision, recall and number called at each value. ` +
      `${subtitle}. ${told.join("; ")}.`,
  });
}

function domainOf(points: readonly SweepPoint[], current: number): [number, number] {
  const values = [...points.map((point) => point.value), current];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? [low - 1, high + 1] : [low, high];
}

function now(current: number) {
  return Plot.ruleX([current], { strokeDasharray: "3,3", strokeOpacity: 0.7 });
}

function ratePanel(points: readonly SweepPoint[], current: number) {
  const height = 210;
  const line = (y: "precision" | "recall", stroke: string, strokeDasharray: string) => [
    Plot.line(points, { x: "value", y, stroke, strokeWidth: 2, strokeDasharray }),
    Plot.dot(points.filter((point) => point[y] !== null), { x: "value", y, fill: stroke, r: 2.5 }),
  ];
  const plot = Plot.plot({
    ...frame(height),
    marginBottom: 22,
    x: { label: null, domain: domainOf(points, current) },
    y: { label: "Share", domain: [0, 1], tickFormat: percent, grid: true },
    marks: [
      now(current),
      ...line("precision", PRECISION, "none"),
      ...line("recall", RECALL, "6,3"),
    ],
  });
  return { plot, height };
}

function volumePanel(
  points: readonly SweepPoint[],
  { parameter, current }: { parameter: string; current: number },
) {
  const height = 130;
  const most = Math.max(1, ...points.map((point) => point.volume));
  const plot = Plot.plot({
    ...frame(height),
    marginTop: 20,
    x: { ...axis(parameter), domain: domainOf(points, current) },
    y: {
      label: "Called",
      domain: [0, most],
      ticks: wholeTicks(most, 3),
      tickFormat: wholeNumber,
      grid: true,
    },
    marks: [
      now(current),
      Plot.areaY(points, {
        x: "value",
        y: "volume",
        curve: "step",
        fill: SERIES_COLOUR,
        fillOpacity: 0.35,
      }),
      Plot.line(points, { x: "value", y: "volume", curve: "step", stroke: SERIES_COLOUR }),
      Plot.ruleY([0], { strokeOpacity: 0.4 }),
    ],
  });
  return { plot, height };
}

function shown(share: number | null): string {
  return share === null ? "none" : percent(share);
}
