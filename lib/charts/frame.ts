import { CHART_WIDTH, chartDocument } from "./svg.ts";
import { wholeNumber, wholeTicks } from "./ticks.ts";

/** What every plot of this room has in common; spread it first, then what differs. */
export function frame(height: number) {
  return {
    document: chartDocument(),
    className: "shellscope-plot",
    width: CHART_WIDTH,
    height,
    marginLeft: 52,
    marginRight: 20,
    marginTop: 26,
    marginBottom: 40,
  };
}

/** An axis label as all charts have it: in the middle, without an arrow. */
export function axis(label: string | null) {
  return { label, labelAnchor: "center" as const, labelArrow: "none" as const };
}

/** An axis of whole numbers from 0 to `most`. */
export function countAxis(label: string, most: number) {
  return {
    label,
    domain: [0, most],
    ticks: wholeTicks(most, 5),
    tickFormat: wholeNumber,
    grid: true,
  };
}

/** Rows of bars over time: the axes of both, and room for ticks of two lines. */
export function timeRows(
  times: readonly number[],
  { rows, tickFormat }: { rows: readonly string[]; tickFormat: (row: string) => string },
) {
  return {
    marginBottom: 50,
    x: {
      ...axis("Time (UTC)"),
      type: "utc" as const,
      domain: timeDomain(times),
      grid: true,
    },
    y: { label: null, type: "band" as const, domain: [...rows], padding: 0.25, tickFormat },
  };
}

/** From the first of some moments to the last, a minute at least; in milliseconds since 1970. */
function timeDomain(times: readonly number[]): [Date, Date] {
  const [first, last] = times.length === 0
    ? [0, 86_400_000]
    : [times.reduce((a, b) => Math.min(a, b)), times.reduce((a, b) => Math.max(a, b))];
  return [new Date(first), new Date(Math.max(last, first + 60_000))];
}
