import * as Plot from "@observablehq/plot";
import { printable } from "../model/printable.ts";
import { frame, timeRows } from "./frame.ts";
import { categoryColours } from "./palette.ts";
import { chartSvg } from "./svg.ts";
import { count } from "./ticks.ts";

/** A wide row; read are `principal`, `substrate`, `started_at` and `ended_at`. */
type TimelineRow = Readonly<Record<string, unknown>>;

/** More principals than this make no picture: those with most sessions are shown. */
const MOST_PRINCIPALS = 30;

interface Span {
  principal: string;
  substrate: string;
  from: Date;
  until: Date;
}

/**
 * Who was where and when: one row a principal, one bar a session from begin to end, coloured by the
 * substrate that saw it. Sessions too short to see are drawn as a line.
 */
export function timelineChart(
  rows: Iterable<TimelineRow>,
  options: { title?: string } = {},
): string {
  const spans: Span[] = [];
  let without = 0;
  for (const row of rows) {
    const from = new Date(String(row["started_at"]));
    const until = new Date(String(row["ended_at"] ?? row["started_at"]));
    if (isNaN(from.getTime())) {
      without++;
      continue;
    }
    spans.push({
      principal: String(row["principal"] ?? "not known").slice(0, 400),
      substrate: String(row["substrate"] ?? "not known"),
      from,
      until: isNaN(until.getTime()) || until < from ? from : until,
    });
  }
  const ranked = ranking(spans.map((span) => span.principal));
  const shown = ranked.slice(0, MOST_PRINCIPALS);
  const substrates = ranking(spans.map((span) => span.substrate));
  const colours = categoryColours(substrates);
  const drawn = spans.filter((span) => shown.includes(span.principal));
  const subtitle = [
    `${count(drawn.length, "session")} of ${count(shown.length, "principal")}`,
    ...ranked.length > shown.length ? [`${ranked.length - shown.length} more not shown`] : [],
    ...without > 0 ? [`${without} without a begin left out`] : [],
  ].join(", ");
  return chartSvg([panel(drawn, { principals: shown, colours })], {
    title: options.title ?? "Sessions by principal across substrates",
    subtitle,
    legend: [...colours].map(([name, colour]) => ({ name, colour })),
    description: `Timeline: a bar for each session from begin to end, a row for each principal, ` +
      `coloured by substrate (${substrates.join(", ")}). ${subtitle}.`,
  });
}

function panel(
  spans: readonly Span[],
  { principals, colours }: { principals: readonly string[]; colours: Map<string, string> },
) {
  const height = 76 + 20 * Math.max(1, principals.length);
  const times = spans.flatMap(({ from, until }) => [from.getTime(), until.getTime()]);
  const plot = Plot.plot({
    ...frame(height),
    ...timeRows(times, { rows: principals, tickFormat: shortName }),
    marginLeft: 190,
    color: { type: "identity" },
    marks: [
      Plot.barX(spans, {
        x1: "from",
        x2: "until",
        y: "principal",
        fill: (span: Span) => colours.get(span.substrate)!,
        fillOpacity: 0.75,
      }),
      Plot.tickX(spans, {
        x: "from",
        y: "principal",
        stroke: (span: Span) => colours.get(span.substrate)!,
        strokeWidth: 1.5,
      }),
    ],
  });
  return { plot, height };
}

/** Names by how often they come, then by name. */
function ranking(names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([name]) => name);
}

/** A name as a row's label: of an ARN what stands last, and that it is one; of others the begin. */
function shortName(name: string): string {
  const isArn = name.startsWith("arn:");
  const last = isArn ? name.slice(name.lastIndexOf("/") + 1) : name;
  const shown = printable(last.slice(0, 100));
  const most = isArn ? 20 : 26;
  return `${shown.length > most ? `${shown.slice(0, most - 1)}…` : shown}${isArn ? " (aws)" : ""}`;
}
