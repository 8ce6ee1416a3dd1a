import * as Plot from "@observablehq/plot";
import type { CorrelationTier } from "../model/correlation.ts";
import { printable } from "../model/printable.ts";
import { OPERATOR_TYPES, type OperatorType } from "../model/vocabulary.ts";
import { frame, timeRows } from "./frame.ts";
import { OPERATOR_COLOURS } from "./palette.ts";
import { chartSvg } from "./svg.ts";
import { count } from "./ticks.ts";

/**
 * A session of an identity, from `startedMs` to `endedMs`, both in milliseconds since 1970. `id` is
 * what links name; `identity` is shown, cut or numbered where it is long.
 */
export interface IdentitySpan {
  id: string;
  identity: string;
  /** Where it was seen: `teleport`, `gcp`, `aws`, … */
  side: string;
  startedMs: number;
  endedMs: number;
  /** Who drove it; what is no type of operator counts as `unknown`. */
  operatorType: string;
}

/** Two sessions that say something together. */
export interface SpanLink {
  /** Ids of two spans; a link to a session that is not among them is not drawn. */
  sessions: readonly [string, string];
  tier: CorrelationTier;
}

/** More rows than this make no picture: identities with most links and sessions are shown. */
const MOST_ROWS = 36;
/** A longer name is told by a number: a cut one would be neither whole nor hidden. */
const MAX_NAME = 34;
const WIDTHS: Readonly<Record<CorrelationTier, number>> = { high: 2.4, medium: 1.6, low: 0.7 };

/**
 * The traces of each identity: a row for each side it was seen on, a bar for each session coloured
 * by who drove it, and a line between sessions that correlate, the stronger the surer.
 */
export function identityTimelineChart(
  spans: readonly IdentitySpan[],
  { links = [], title = "Sessions by identity" }: {
    links?: readonly SpanLink[];
    title?: string;
  } = {},
): string {
  const byId = new Map(spans.map((span) => [span.id, span]));
  const drawnLinks = links.filter(({ sessions }) => sessions.every((id) => byId.has(id)));
  const { rows, identities, left } = rowsOf(spans, drawnLinks);
  const shown = new Set(rows);
  const drawn = spans.filter((span) => shown.has(rowOf(span)));
  const lines = drawnLinks.flatMap(({ sessions, tier }) => {
    const [a, b] = sessions.map((id) => byId.get(id)!);
    const [from, to] = [rowOf(a!), rowOf(b!)];
    if (!shown.has(from) || !shown.has(to)) return [];
    return [{ at: new Date(Math.max(a!.startedMs, b!.startedMs)), from, to, tier }];
  });
  const types = OPERATOR_TYPES.filter((type) => drawn.some((span) => typeOf(span) === type));
  const subtitle = [
    `${count(drawn.length, "session")} of ${
      identities === 1 ? "1 identity" : `${identities} identities`
    }`,
    `${count(lines.length, "link")}`,
    ...left > 0 ? [`${left} more not shown`] : [],
  ].join(", ");
  return chartSvg([panel(drawn, { rows, lines })], {
    title,
    subtitle,
    legend: types.map((name) => ({ name, colour: OPERATOR_COLOURS[name] })),
    description: `Timeline: a row for each identity and the side it was seen on, a bar for each ` +
      `session coloured by who drove it, a line between sessions that correlate. ${subtitle}.`,
  });
}

/** The rows of the identities that most is to be said of, and how many identities are left out. */
function rowsOf(spans: readonly IdentitySpan[], links: readonly SpanLink[]) {
  const identityOf = new Map(spans.map(({ id, identity }) => [id, identity]));
  const weights = new Map<string, number>();
  const weigh = (identity: string, weight: number) =>
    weights.set(identity, (weights.get(identity) ?? 0) + weight);
  for (const { identity } of spans) weigh(identity, 1);
  for (const { sessions: [id], tier } of links) weigh(identityOf.get(id)!, 1000 * WIDTHS[tier]);
  const ranked = [...weights].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const rows: string[] = [];
  let identities = 0;
  for (const [identity] of ranked) {
    const own = [...new Set(spans.filter((span) => span.identity === identity).map(rowOf))].sort();
    if (rows.length > 0 && rows.length + own.length > MOST_ROWS) break;
    rows.push(...own);
    identities++;
  }
  return { rows, identities, left: ranked.length - identities };
}

function typeOf({ operatorType }: IdentitySpan): OperatorType {
  return OPERATOR_TYPES.find((type) => type === operatorType) ?? "unknown";
}

function rowOf({ identity, side }: IdentitySpan): string {
  return JSON.stringify([identity, side]);
}

function panel(
  spans: readonly IdentitySpan[],
  { rows, lines }: {
    rows: readonly string[];
    lines: readonly { at: Date; from: string; to: string; tier: CorrelationTier }[];
  },
) {
  const height = 76 + 18 * Math.max(1, rows.length);
  const numbers = new Map<string, number>();
  const times = spans.flatMap(({ startedMs, endedMs }) => [startedMs, endedMs]);
  const colour = (span: IdentitySpan) => OPERATOR_COLOURS[typeOf(span)];
  const plot = Plot.plot({
    ...frame(height),
    ...timeRows(times, { rows, tickFormat: (row) => rowName(row, { rows, numbers }) }),
    marginLeft: 250,
    color: { type: "identity" },
    marks: [
      Plot.barX(spans, {
        x1: (span: IdentitySpan) => new Date(span.startedMs),
        x2: (span: IdentitySpan) => new Date(span.endedMs),
        y: rowOf,
        fill: colour,
        fillOpacity: 0.75,
      }),
      Plot.tickX(spans, {
        x: (span: IdentitySpan) => new Date(span.startedMs),
        y: rowOf,
        stroke: colour,
        strokeWidth: 1.5,
      }),
      Plot.link(lines, {
        x1: "at",
        x2: "at",
        y1: "from",
        y2: "to",
        stroke: "currentColor",
        strokeOpacity: 0.65,
        strokeWidth: ({ tier }: { tier: CorrelationTier }) => WIDTHS[tier],
      }),
    ],
  });
  return { plot, height };
}

/** The identity with its first row, and the side. */
function rowName(
  row: string,
  { rows, numbers }: { rows: readonly string[]; numbers: Map<string, number> },
): string {
  const [identity, side] = JSON.parse(row) as [string, string];
  const isFirst = rows.find((each) => JSON.parse(each)[0] === identity) === row;
  if (!isFirst) return printable(side.slice(0, 12));
  const name = printable(identity);
  if (name.length <= MAX_NAME) return `${name}  ${printable(side.slice(0, 12))}`;
  if (!numbers.has(identity)) numbers.set(identity, numbers.size + 1);
  return `identity ${numbers.get(identity)}  ${printable(side.slice(0, 12))}`;
}
