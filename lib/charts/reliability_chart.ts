import * as Plot from "@observablehq/plot";
import { axis, frame } from "./frame.ts";
import { SERIES_COLOUR } from "./palette.ts";
import { chartSvg } from "./svg.ts";
import { count, percent, wholeNumber } from "./ticks.ts";

/**
 * What is read of a calibration (`CalibrationMeasure` of an evaluation): over `n` subjects the `bins`
 * of stated probability `from` … `to`, with the mean `stated` in it and the share that is `right` with
 * its interval (`value`, `low`, `high`); and the `expectedError`. null: no subject.
 */
interface Reliability {
  n: number;
  bins: readonly {
    from: number;
    to: number;
    n: number;
    stated: number | null;
    right: { value: number | null; low: number; high: number };
  }[];
  expectedError: number | null;
}

interface Bin {
  from: number;
  to: number;
  n: number;
  stated: number;
  right: number;
  low: number;
  high: number;
}

/**
 * Whether stated probabilities can be believed: of the subjects of each tenth, the share that turned
 * out right against what was stated, with 95 % intervals; on the diagonal both are the same. Below,
 * how many subjects each tenth has.
 */
export function reliabilityChart(
  measure: Reliability,
  options: { title?: string } = {},
): string {
  const bins = measure.bins.flatMap(({ stated, right, ...bin }): Bin[] =>
    stated === null || right.value === null
      ? []
      : [{ ...bin, stated, right: right.value, low: right.low, high: right.high }]
  );
  const error = measure.expectedError === null ? "" : `, off by ${percent(measure.expectedError)}`;
  const subtitle = measure.n === 0
    ? "Nothing was judged whose truth is known"
    : `${count(measure.n, "verdict")}${error} on average`;
  const told = bins.map(({ stated, right, n }) =>
    `stated ${percent(stated)}, right ${percent(right)} of ${n}`
  );
  return chartSvg([curvePanel(bins), countPanel(bins)], {
    title: options.title ?? "Stated probability and share that is right",
    subtitle,
    description: `Reliability. ${subtitle}. ${told.join("; ")}.`,
  });
}

const X = { domain: [0, 1], ticks: [0, 0.2, 0.4, 0.6, 0.8, 1], tickFormat: percent };

function curvePanel(bins: readonly Bin[]) {
  const height = 280;
  const plot = Plot.plot({
    ...frame(height),
    marginBottom: 24,
    x: { ...X, label: null, grid: true },
    y: { label: "Right", domain: [0, 1], tickFormat: percent, grid: true },
    marks: [
      Plot.line([[0, 0], [1, 1]], {
        stroke: "currentColor",
        strokeOpacity: 0.45,
        strokeDasharray: "4,4",
      }),
      Plot.ruleX(bins, {
        x: "stated",
        y1: "low",
        y2: "high",
        stroke: SERIES_COLOUR,
        strokeWidth: 2,
      }),
      Plot.line(bins, { x: "stated", y: "right", stroke: SERIES_COLOUR, strokeOpacity: 0.6 }),
      Plot.dot(bins, { x: "stated", y: "right", r: 5, fill: SERIES_COLOUR }),
    ],
  });
  return { plot, height };
}

function countPanel(bins: readonly Bin[]) {
  const height = 120;
  const most = Math.max(1, ...bins.map((bin) => bin.n));
  const plot = Plot.plot({
    ...frame(height),
    marginTop: 20,
    x: { ...axis("Probability stated"), ...X },
    y: { label: "Verdicts", domain: [0, most], ticks: [0, most], tickFormat: wholeNumber },
    marks: [
      Plot.rectY(bins, { x1: "from", x2: "to", y: "n", fill: SERIES_COLOUR, inset: 1 }),
      Plot.ruleY([0], { strokeOpacity: 0.4 }),
    ],
  });
  return { plot, height };
}
