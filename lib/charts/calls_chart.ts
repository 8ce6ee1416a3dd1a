import * as Plot from "@observablehq/plot";
import type { CallMinute } from "../model/call_minute.ts";
import { axis, countAxis, frame } from "./frame.ts";
import { CATEGORY_COLOURS, categoryColours } from "./palette.ts";
import { chartSvg } from "./svg.ts";
import { count, timeUnit } from "./ticks.ts";

/** What is read of a minute of API calls. */
export type CallsOfMinute = Pick<CallMinute, "minuteMs" | "calls" | "callsOmitted">;

const OTHERS = "other services";
const OMITTED = "not kept in detail";

/**
 * API calls a minute over the time of a session, stacked by service. The six services called most
 * have a colour; calls of a minute beyond the thousand that are kept have none of a service. `title`
 * stands above the picture.
 */
export function callsChart(
  minutes: Iterable<CallsOfMinute>,
  options: { title: string },
): string {
  const rows = [...minutes].sort((a, b) => a.minuteMs - b.minuteMs);
  const totals = new Map<string, number>();
  const add = (service: string, calls: number) =>
    totals.set(service, (totals.get(service) ?? 0) + calls);
  for (const { calls, callsOmitted } of rows) {
    for (const [, method] of calls) add(serviceOf(method), 1);
    if (callsOmitted > 0) add(OMITTED, callsOmitted);
  }
  const ranked = [...totals].filter(([name]) => name !== OMITTED).sort((a, b) => b[1] - a[1]);
  const named = ranked.slice(0, CATEGORY_COLOURS.length - 1).map(([name]) => name);
  const rest = [
    ...ranked.length > named.length ? [OTHERS] : [],
    ...totals.has(OMITTED) ? [OMITTED] : [],
  ];
  const colours = new Map([
    ...categoryColours(named),
    ...rest.map((name): [string, string] => [name, CATEGORY_COLOURS.at(-1)!]),
  ]);
  const start = rows[0]?.minuteMs ?? 0;
  const seconds = ((rows.at(-1)?.minuteMs ?? start) - start) / 1000 + 60;
  const unit = timeUnit(seconds);
  const bars = rows.flatMap(({ minuteMs, calls, callsOmitted }) => {
    const counts = new Map<string, number>();
    for (const [, method] of calls) {
      const service = colours.has(serviceOf(method)) ? serviceOf(method) : OTHERS;
      counts.set(service, (counts.get(service) ?? 0) + 1);
    }
    if (callsOmitted > 0) counts.set(OMITTED, callsOmitted);
    const from = (minuteMs - start) / 1000 / unit.seconds;
    return [...colours.keys()].filter((service) => counts.has(service)).map((service) => ({
      service,
      from,
      until: from + 60 / unit.seconds,
      calls: counts.get(service)!,
    }));
  });
  const total = [...totals.values()].reduce((sum, calls) => sum + calls, 0);
  const subtitle = `${count(total, "call")} in ${count(rows.length, "minute")} with calls, ` +
    count(ranked.length, "service");
  return chartSvg([panel(bars, { colours, unit: unit.name, length: seconds / unit.seconds })], {
    title: options.title,
    subtitle,
    legend: [...colours].map(([name, colour]) => ({ name, colour })),
    description: `API calls a minute over time, stacked by service: ${subtitle}. Most called: ` +
      `${ranked.slice(0, 6).map(([name, calls]) => `${name} ${calls}`).join(", ")}.`,
  });
}

interface Bar {
  service: string;
  from: number;
  until: number;
  calls: number;
}

function panel(
  bars: readonly Bar[],
  { colours, unit, length }: { colours: Map<string, string>; unit: string; length: number },
) {
  const height = 220;
  const sums = new Map<number, number>();
  for (const { from, calls } of bars) sums.set(from, (sums.get(from) ?? 0) + calls);
  const most = Math.max(1, ...sums.values());
  const plot = Plot.plot({
    ...frame(height),
    x: { ...axis(`Time since the first call (${unit})`), domain: [0, Math.max(length, 1e-6)] },
    y: countAxis("Calls a minute", most),
    color: { type: "identity" },
    marks: [
      Plot.rectY(
        bars,
        Plot.stackY({
          x1: "from",
          x2: "until",
          y: "calls",
          z: "service",
          order: [...colours.keys()],
          fill: (bar: Bar) => colours.get(bar.service)!,
          insetLeft: 0.25,
          insetRight: 0.25,
        }),
      ),
      Plot.ruleY([0], { strokeOpacity: 0.4 }),
    ],
  });
  return { plot, height };
}

/** `compute` of `compute.googleapis.com/v1.compute.instances.get`. */
function serviceOf(method: string): string {
  return method.split("/")[0]!.replace(/\.(googleapis|amazonaws)\.com$/, "");
}
