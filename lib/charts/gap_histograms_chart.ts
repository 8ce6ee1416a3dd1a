import * as Plot from "@observablehq/plot";
import { OPERATOR_TYPES, type OperatorType } from "../model/vocabulary.ts";
import { axis, frame } from "./frame.ts";
import { OPERATOR_COLOURS } from "./palette.ts";
import { GAP_TICKS } from "./rhythm_chart.ts";
import { chartSvg } from "./svg.ts";
import { count, percent } from "./ticks.ts";

/**
 * The gaps of one session (`histogram` is the `gap_histogram` of its `pty_rhythm`) and who drove it:
 * `operatorType` as a row of the frame has it.
 */
interface GapRow {
  operatorType: unknown;
  histogram: readonly number[];
}

/**
 * How long the gaps between print events are, one row a type of operator: of each session the share
 * of its gaps in each bucket, averaged over the sessions, so that a long one does not speak for all.
 */
export function gapHistogramsChart(
  rows: Iterable<GapRow>,
  options: { title?: string } = {},
): string {
  const groups = new Map<OperatorType, { sessions: number; shares: number[] }>();
  for (const { operatorType, histogram } of rows) {
    const total = histogram.reduce((sum, gaps) => sum + gaps, 0);
    if (total === 0) continue;
    const type = OPERATOR_TYPES.find((name) => name === operatorType) ?? "unknown";
    const group = groups.get(type) ?? { sessions: 0, shares: histogram.map(() => 0) };
    histogram.forEach((gaps, i) => group.shares[i] = (group.shares[i] ?? 0) + gaps / total);
    group.sessions++;
    groups.set(type, group);
  }
  const types = OPERATOR_TYPES.filter((type) => groups.has(type));
  const bars = types.flatMap((type) => {
    const { sessions, shares } = groups.get(type)!;
    return shares.map((share, i) => ({
      type,
      from: i / 10 - 4,
      until: (i + 1) / 10 - 4,
      share: share / sessions,
    })).filter(({ share }) => share > 0);
  });
  const told = types.map((type) => count(groups.get(type)!.sessions, `${type} session`)).join(", ");
  const peaks = types.map((type) => {
    const peak = bars.filter((bar) => bar.type === type).reduce((a, b) =>
      b.share > a.share ? b : a
    );
    return `${type} at ${(10 ** peak.from).toPrecision(1)} s (${percent(peak.share)})`;
  }).join(", ");
  return chartSvg([panel(types, bars)], {
    title: options.title ?? "Gaps between print events, by class",
    subtitle: told || "No session has gaps to show",
    description: `Mean share of gaps by length, log scale, one row a type of operator: ${told}. ` +
      `Peaks: ${peaks}.`,
  });
}

interface Bar {
  type: OperatorType;
  from: number;
  until: number;
  share: number;
}

function panel(types: readonly OperatorType[], bars: readonly Bar[]) {
  const height = 66 + 90 * types.length;
  const low = Math.min(-3, ...bars.map((bar) => bar.from));
  const high = Math.max(2, ...bars.map((bar) => bar.until));
  const ticks = GAP_TICKS.map(({ seconds, text }) => ({ at: Math.log10(seconds), text }))
    .filter(({ at }) => at > low - 0.01 && at < high + 0.01);
  const most = Math.max(0.01, ...bars.map((bar) => bar.share));
  const plot = Plot.plot({
    ...frame(height),
    marginLeft: 96,
    marginRight: 52,
    x: {
      ...axis("Length of the gap"),
      domain: [low, high],
      ticks: ticks.map(({ at }) => at),
      tickFormat: (at: number) => ticks.find((tick) => tick.at === at)?.text ?? "",
    },
    y: { domain: [0, most], axis: null },
    fy: { domain: [...types], axis: null, padding: 0.15 },
    marks: [
      Plot.axisY([most], {
        anchor: "right",
        label: null,
        tickSize: 0,
        fillOpacity: 0.7,
        tickFormat: percent,
      }),
      Plot.gridX(ticks.map(({ at }) => at), { strokeOpacity: 0.12 }),
      Plot.rectY(bars, {
        fy: "type",
        x1: "from",
        x2: "until",
        y: "share",
        fill: (bar: Bar) => OPERATOR_COLOURS[bar.type],
        insetLeft: 0.5,
      }),
      Plot.ruleY(types, { fy: (type) => type, y: 0, strokeOpacity: 0.5 }),
      Plot.text(types, {
        fy: (type) => type,
        text: (type) => type,
        frameAnchor: "left",
        textAnchor: "end",
        dx: -10,
        fontSize: 12,
        fontWeight: 600,
        fill: (type: OperatorType) => OPERATOR_COLOURS[type],
      }),
    ],
    color: { type: "identity" },
  });
  return { plot, height };
}
