import * as Plot from "@observablehq/plot";
import { OPERATOR_TYPES, type OperatorType } from "../model/vocabulary.ts";
import { OPERATOR_COLOURS } from "./palette.ts";
import { CHART_WIDTH, chartDocument, chartSvg } from "./svg.ts";
import { wholeTicks } from "./ticks.ts";

/** A session's wide row; read are its `operator_type` and its `confidence`. */
type ConfidenceRow = Readonly<Record<string, unknown>>;

const BIN = 0.05;

/**
 * How sure the verdicts are: for each type of operator, how many sessions got it with which
 * confidence, in bins of 0.05. Sessions without a verdict are named in the line under the title.
 */
export function confidenceChart(
  rows: Iterable<ConfidenceRow>,
  options: { title?: string } = {},
): string {
  const bins = new Map<OperatorType, number[]>();
  let unknown = 0;
  for (const row of rows) {
    const confidence = row["confidence"];
    const type = OPERATOR_TYPES.find((name) => name === row["operator_type"]) ?? "unknown";
    if (type === "unknown" || typeof confidence !== "number") {
      unknown++;
      continue;
    }
    const counts = bins.get(type) ?? new Array<number>(Math.round(1 / BIN)).fill(0);
    const bin = Math.min(counts.length - 1, Math.max(0, Math.floor(confidence / BIN + 1e-9)));
    counts[bin] = (counts[bin] ?? 0) + 1;
    bins.set(type, counts);
  }
  const types = OPERATOR_TYPES.filter((type) =>
    type !== "unknown" && (type !== "mixed" || bins.has(type))
  );
  const boxes = types.flatMap((type) =>
    (bins.get(type) ?? []).map((sessions, i) => ({
      type,
      from: i * BIN,
      until: (i + 1) * BIN,
      sessions,
    })).filter((box) => box.sessions > 0)
  );
  const totals = types.map((type) => ({
    type,
    sessions: (bins.get(type) ?? []).reduce((total, sessions) => total + sessions, 0),
  }));
  const subtitle = [
    ...totals.map((total) => `${total.type} ${total.sessions}`),
    `no verdict with a confidence ${unknown}`,
  ].join(", ");
  return chartSvg([panel(types, boxes, totals)], {
    title: options.title ?? "Confidence by class",
    subtitle: `Sessions: ${subtitle}`,
    description: `Number of sessions by confidence of their verdict, one row a type of operator. ` +
      `Sessions: ${subtitle}.`,
  });
}

interface Box {
  type: OperatorType;
  from: number;
  until: number;
  sessions: number;
}

function panel(
  types: readonly OperatorType[],
  boxes: readonly Box[],
  totals: readonly { type: OperatorType; sessions: number }[],
) {
  const height = 60 + 80 * types.length;
  const most = Math.max(1, ...boxes.map((box) => box.sessions));
  const ticks = wholeTicks(most, 2);
  const plot = Plot.plot({
    document: chartDocument(),
    className: "shellscope-plot",
    width: CHART_WIDTH,
    height,
    marginLeft: 96,
    marginRight: 44,
    marginTop: 22,
    marginBottom: 38,
    x: {
      label: "Confidence of the verdict",
      labelAnchor: "center",
      labelArrow: "none",
      domain: [0, 1],
      ticks: 10,
    },
    y: { domain: [0, most], axis: null },
    fy: { domain: [...types], axis: null, padding: 0.15 },
    marks: [
      Plot.gridY(ticks),
      Plot.axisY(ticks, {
        anchor: "right",
        label: null,
        tickSize: 0,
        fillOpacity: 0.7,
        tickFormat: (value: number) => value.toLocaleString("en-US"),
      }),
      Plot.rectY(boxes, {
        fy: "type",
        x1: "from",
        x2: "until",
        y: "sessions",
        fill: (box: Box) => OPERATOR_COLOURS[box.type],
        inset: 0.5,
      }),
      Plot.ruleY(totals, { fy: "type", y: 0, strokeOpacity: 0.5 }),
      Plot.text(totals, {
        fy: "type",
        text: (total: { type: OperatorType }) => total.type,
        frameAnchor: "left",
        textAnchor: "end",
        dx: -10,
        fontSize: 12,
        fontWeight: 600,
        fill: (total: { type: OperatorType }) => OPERATOR_COLOURS[total.type],
      }),
    ],
    color: { type: "identity" },
  });
  return { plot, height };
}
