import { CHART_WIDTH, chartDocument } from "./svg.ts";

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

/** From the first of some moments to the last, a minute at least; in milliseconds since 1970. */
export function timeDomain(times: readonly number[]): [Date, Date] {
  const [first, last] = times.length === 0
    ? [0, 86_400_000]
    : [times.reduce((a, b) => Math.min(a, b)), times.reduce((a, b) => Math.max(a, b))];
  return [new Date(first), new Date(Math.max(last, first + 60_000))];
}
