import * as Plot from "@observablehq/plot";
import { OPERATOR_TYPES, type OperatorType } from "../model/vocabulary.ts";
import { axis, frame } from "./frame.ts";
import { OPERATOR_COLOURS } from "./palette.ts";
import { chartSvg } from "./svg.ts";
import { count, formatSeconds, percent } from "./ticks.ts";

/** A wide row; read are `operator_type`, `pty_line_whole_share` and `pty_key_gap_p50`. */
type EchoRow = Readonly<Record<string, unknown>>;

const SYMBOLS: Record<OperatorType, "circle" | "triangle" | "square" | "diamond" | "times"> = {
  human: "circle",
  agent: "triangle",
  automation: "square",
  mixed: "diamond",
  unknown: "times",
};

interface Point {
  type: OperatorType;
  share: number;
  /** Decimal logarithm of the seconds between keys; null where no key was seen. */
  gap: number | null;
}

/**
 * What came back of the keys, one mark a session: the share of lines that arrived whole (pasted or
 * written by a program) against the median time between keys. Sessions without a single typed key
 * stand on the left edge. Shape and colour both tell the type.
 */
export function echoChart(rows: Iterable<EchoRow>, options: { title?: string } = {}): string {
  const points: Point[] = [];
  let without = 0;
  for (const row of rows) {
    const share = row["pty_line_whole_share"];
    const gap = row["pty_key_gap_p50"];
    if (typeof share !== "number") {
      without++;
      continue;
    }
    points.push({
      type: OPERATOR_TYPES.find((name) => name === row["operator_type"]) ?? "unknown",
      share,
      gap: typeof gap === "number" && gap > 0 ? Math.log10(gap) : null,
    });
  }
  const types = OPERATOR_TYPES.filter((type) => points.some((point) => point.type === type));
  const told = types.map((type) => {
    const those = points.filter((point) => point.type === type);
    const whole = those.reduce((sum, point) => sum + point.share, 0) / those.length;
    return `${type}: ${count(those.length, "session")}, ${percent(whole)} of lines whole`;
  }).join("; ");
  const subtitle = `${count(points.length, "session")}; ${without} without a line are left out`;
  return chartSvg([panel(points)], {
    title: options.title ?? "Lines that arrive whole, and keys between them",
    subtitle,
    legend: types.map((name) => ({ name, colour: OPERATOR_COLOURS[name] })),
    description: `Scatter of sessions: share of lines that arrive whole against the median time ` +
      `between keys, log scale. ${subtitle}. ${told}.`,
  });
}

function panel(points: readonly Point[]) {
  const height = 340;
  const gaps = points.flatMap(({ gap }) => gap === null ? [] : [gap]);
  const low = Math.floor(Math.min(-2, ...gaps)) - 0.4;
  const high = Math.ceil(Math.max(0, ...gaps));
  const ticks = Array.from({ length: high - Math.ceil(low) + 1 }, (_, i) => Math.ceil(low) + i);
  const plot = Plot.plot({
    ...frame(height),
    x: {
      ...axis("Median time between keys (left edge: no key seen)"),
      domain: [low, high],
      ticks,
      tickFormat: (at: number) => formatSeconds(10 ** at),
      grid: true,
    },
    y: { label: "Lines that arrive whole", domain: [0, 1], tickFormat: percent, grid: true },
    symbol: { domain: [...OPERATOR_TYPES], range: OPERATOR_TYPES.map((type) => SYMBOLS[type]) },
    color: { type: "identity" },
    marks: [
      Plot.dot(points, {
        x: (point: Point) => point.gap ?? low + 0.12,
        y: "share",
        symbol: "type",
        stroke: (point: Point) => OPERATOR_COLOURS[point.type],
        strokeWidth: 1.6,
        strokeOpacity: 0.85,
        r: 4,
      }),
    ],
  });
  return { plot, height };
}
