import * as Plot from "@observablehq/plot";
import { axis, frame } from "./frame.ts";
import { categoryColours } from "./palette.ts";
import { chartSvg } from "./svg.ts";
import { count, formatBytes } from "./ticks.ts";

/**
 * What is read of a pull (`PullRow`, where each is told): `source`, `pulled_at`, `bytes_scanned`,
 * `rows`, `outcome`.
 */
interface PullOfSource {
  source: string;
  pulled_at: string;
  bytes_scanned: number | null;
  rows: number;
  outcome: string;
}

/**
 * What pulls cost: bytes that the engines scanned, one bar a pull in order of time, coloured by
 * source; pulls that failed are hatched out pale. `usdPerTerabyte` adds what that is in money.
 */
export function pullsChart(
  pulls: readonly PullOfSource[],
  options: { usdPerTerabyte?: number; title?: string } = {},
): string {
  const sorted = pulls.toSorted((a, b) => a.pulled_at < b.pulled_at ? -1 : 1);
  const sources = [...new Set(sorted.map(({ source }) => kindOf(source)))];
  const colours = categoryColours(sources);
  const bars = sorted.map((pull, i): Bar => ({
    at: i + 1,
    kind: kindOf(pull.source),
    bytes: pull.bytes_scanned ?? 0,
    failed: pull.outcome === "failed",
  }));
  const total = bars.reduce((sum, bar) => sum + bar.bytes, 0);
  const money = options.usdPerTerabyte === undefined
    ? ""
    : `, about ${(total / 1e12 * options.usdPerTerabyte).toFixed(2)} USD`;
  const untold = sorted.filter(({ bytes_scanned }) => bytes_scanned === null).length;
  const subtitle = `${count(sorted.length, "pull")}, ${formatBytes(total)} scanned${money}` +
    (untold > 0 ? `; ${untold} do not say (local files cost nothing)` : "");
  return chartSvg([panel(bars, colours)], {
    title: options.title ?? "What pulls scanned",
    subtitle,
    legend: [...colours].map(([name, colour]) => ({ name, colour })),
    description: `Bytes scanned by each pull, in order of time. ${subtitle}. ` +
      `${
        bars.slice(-20).map(({ at, kind, bytes }) => `${at} ${kind} ${formatBytes(bytes)}`).join(
          ", ",
        )
      }.`,
  });
}

interface Bar {
  at: number;
  kind: string;
  bytes: number;
  failed: boolean;
}

function panel(bars: readonly Bar[], colours: Map<string, string>) {
  const height = 200;
  const most = Math.max(1, ...bars.map((bar) => bar.bytes));
  const every = Math.ceil(bars.length / 20) || 1;
  const plot = Plot.plot({
    ...frame(height),
    marginLeft: 72,
    x: {
      ...axis("Pull, in order of time"),
      type: "band",
      domain: bars.map((bar) => bar.at),
      ticks: bars.map((bar) => bar.at).filter((_, i) => i % every === 0),
      padding: 0.15,
    },
    y: {
      label: "Bytes scanned",
      domain: [0, most],
      ticks: [0, most / 2, most],
      tickFormat: formatBytes,
      grid: true,
    },
    color: { type: "identity" },
    marks: [
      Plot.barY(bars, {
        x: "at",
        y: "bytes",
        fill: (bar: Bar) => colours.get(bar.kind)!,
        fillOpacity: (bar: Bar) => bar.failed ? 0.35 : 0.9,
      }),
      Plot.ruleY([0], { strokeOpacity: 0.4 }),
    ],
  });
  return { plot, height };
}

/** `teleport athena` of a source with its place, which names an organisation. */
function kindOf(source: string): string {
  return source.split(" ").slice(0, 2).join(" ");
}
