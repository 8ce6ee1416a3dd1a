import * as Plot from "@observablehq/plot";
import { GAP_BUCKETS, type PtyRhythm } from "../model/pty_features.ts";
import { OPERATOR_TYPES } from "../model/vocabulary.ts";
import { OPERATOR_COLOURS, SERIES_COLOUR } from "./palette.ts";
import { frame } from "./frame.ts";
import { chartSvg, type LegendEntry, type Panel } from "./svg.ts";
import { count, formatSeconds, timeUnit, wholeNumber, wholeTicks } from "./ticks.ts";

/** More columns than this would be thinner than three pixels: neighbouring bins are joined. */
const COLUMNS = 240;
/** Gaps shorter than this are bursts, longer than that pauses (`facts/cadence.md`). */
const BURST_SECONDS = 0.2;
const PAUSE_SECONDS = 5;

/** Where the axis of gaps has a mark: lengths that people have words for. */
export const GAP_TICKS = [
  { seconds: 0.0001, text: "0.1 ms" },
  { seconds: 0.001, text: "1 ms" },
  { seconds: 0.01, text: "10 ms" },
  { seconds: 0.1, text: "100 ms" },
  { seconds: 1, text: "1 s" },
  { seconds: 10, text: "10 s" },
  { seconds: 60, text: "1 min" },
  { seconds: 600, text: "10 min" },
  { seconds: 3600, text: "1 h" },
];

/**
 * A stretch of a session, `fromSeconds` to `untilSeconds` since its first output, and who drove it:
 * `operatorType` as a row of the frame has it, which may be no type.
 */
export interface RhythmSegment {
  fromSeconds: number;
  untilSeconds: number;
  operatorType: unknown;
}

/**
 * The rhythm of one session in three panels: print events over time, bytes a second over time (log
 * scale), and how many gaps between events had which length (log scale; the height is the square
 * root, so that a few long pauses show beside thousands of short gaps). The colour is that of
 * `operatorType`, a neutral one where it is none of the types. Silences of more than 5 s that fill
 * whole columns are marked, and `segments` are shaded in the colours of their drivers. `title` stands
 * above.
 */
export function rhythmChart(
  rhythm: PtyRhythm,
  options: { title: string; operatorType?: unknown; segments?: readonly RhythmSegment[] },
): string {
  const columns = columnsOf(rhythm);
  const events = sum(rhythm.events);
  const seconds = rhythm.events.length * rhythm.bin_seconds;
  const gaps = rhythm.gap_histogram;
  const pauses = sum(gaps.slice(bucketOf(PAUSE_SECONDS)));
  const subtitle = `${count(events, "print event")} over ${formatSeconds(seconds)}, ` +
    `${count(sum(rhythm.bytes), "byte")}, ${count(pauses, "gap")} over ${PAUSE_SECONDS} s`;
  const fill = colourOf(options.operatorType, SERIES_COLOUR);
  const shades = shadesOf(options.segments ?? [], columns);
  const legend = [...new Map(shades.map(({ type, colour }) => [type, colour]))]
    .map(([name, colour]): LegendEntry => ({ name, colour }));
  return chartSvg(
    [
      eventsPanel(columns, { fill, shades }),
      bytesPanel(columns, { fill, shades }),
      gapsPanel(gaps, fill),
    ],
    {
      title: options.title,
      subtitle,
      legend,
      description:
        `Rhythm of a session: ${subtitle}. ${
          segmentText(shades)
        }Top: print events over time. Middle: bytes ` +
        `a second over time, log scale. Bottom: number of gaps between events by length, log scale.`,
    },
  );
}

interface Column {
  from: number;
  until: number;
  events: number;
  bytesPerSecond: number;
}

interface Columns {
  rows: Column[];
  unit: string;
  /** The unit in seconds. */
  unitSeconds: number;
  /** Width of a column in seconds. */
  width: number;
}

function columnsOf(rhythm: PtyRhythm): Columns {
  const joined = Math.max(1, Math.ceil(rhythm.events.length / COLUMNS));
  // A recording of one event has no length: any width draws it.
  const width = joined * (rhythm.bin_seconds > 0 ? rhythm.bin_seconds : 1);
  const unit = timeUnit(rhythm.events.length * width / joined);
  const rows: Column[] = [];
  for (let start = 0; start < rhythm.events.length; start += joined) {
    const at = rows.length * width;
    rows.push({
      from: at / unit.seconds,
      until: (at + width) / unit.seconds,
      events: sum(rhythm.events.slice(start, start + joined)),
      bytesPerSecond: sum(rhythm.bytes.slice(start, start + joined)) / width,
    });
  }
  return { rows, unit: unit.name, unitSeconds: unit.seconds, width };
}

function eventsPanel(columns: Columns, { fill, shades }: TimeStyle): Panel {
  const { rows, unit, width } = columns;
  const silences = silencesOf(columns);
  const height = 140;
  const most = Math.max(1, ...rows.map((row) => row.events));
  const plot = Plot.plot({
    ...frame(height),
    marginBottom: 24,
    x: { ...timeAxis(rows, unit), label: null },
    y: {
      label: `Print events in ${formatSeconds(width)}`,
      grid: true,
      ticks: wholeTicks(most, 4),
      tickFormat: wholeNumber,
      domain: [0, most],
    },
    marks: [
      shading(shades),
      Plot.ruleY(silences, {
        x1: "from",
        x2: "until",
        y: most * 0.06,
        stroke: "currentColor",
        strokeOpacity: 0.55,
        strokeDasharray: "2,2",
      }),
      Plot.rectY(rows, { x1: "from", x2: "until", y: "events", fill, inset: 0 }),
      Plot.ruleY([0], { strokeOpacity: 0.4 }),
    ],
  });
  return { plot, height };
}

function bytesPanel({ rows, unit }: Columns, { fill, shades }: TimeStyle): Panel {
  const height = 156;
  const rates = rows.filter((row) => row.bytesPerSecond > 0);
  const values = rates.map((row) => row.bytesPerSecond);
  const low = 10 ** Math.floor(Math.log10(Math.min(1, ...values)));
  const high = Math.max(10, ...values);
  const plot = Plot.plot({
    ...frame(height),
    x: timeAxis(rows, unit),
    y: {
      label: "Bytes a second",
      type: "log",
      domain: [low, high],
      ticks: powersOfTen(low, high),
      tickFormat: siNumber,
      grid: true,
    },
    marks: [
      shading(shades),
      Plot.rect(rates, {
        x1: "from",
        x2: "until",
        y1: low,
        y2: "bytesPerSecond",
        fill,
      }),
      Plot.ruleY([low], { strokeOpacity: 0.4 }),
    ],
  });
  return { plot, height };
}

interface TimeStyle {
  fill: string;
  shades: readonly Shade[];
}

/** A segment as it is drawn, in units of the time axis. */
interface Shade {
  from: number;
  until: number;
  type: string;
  colour: string;
}

function shadesOf(
  segments: readonly RhythmSegment[],
  { rows, unitSeconds }: Columns,
): Shade[] {
  const end = rows.at(-1)?.until ?? 0;
  return segments.map(({ fromSeconds, untilSeconds, operatorType }) => ({
    from: Math.min(end, Math.max(0, fromSeconds / unitSeconds)),
    until: Math.min(end, Math.max(0, untilSeconds / unitSeconds)),
    type: OPERATOR_TYPES.find((name) => name === operatorType) ?? "unknown",
    colour: colourOf(operatorType, OPERATOR_COLOURS.unknown),
  })).filter(({ from, until }) => until > from);
}

function shading(shades: readonly Shade[]) {
  return Plot.rect(shades, { x1: "from", x2: "until", fill: "colour", fillOpacity: 0.16 });
}

function segmentText(shades: readonly Shade[]): string {
  return shades.length === 0
    ? ""
    : `Driven in turn by ${shades.map(({ type }) => type).join(", ")}. `;
}

/** Runs of columns without an event that last longer than a pause. */
function silencesOf({ rows, unitSeconds }: Columns): { from: number; until: number }[] {
  const silences: { from: number; until: number }[] = [];
  for (const { from, until, events } of rows) {
    const last = silences.at(-1);
    if (events > 0) continue;
    if (last !== undefined && Math.abs(last.until - from) < 1e-9) last.until = until;
    else silences.push({ from, until });
  }
  return silences.filter(({ from, until }) => (until - from) * unitSeconds > PAUSE_SECONDS);
}

function colourOf(operatorType: unknown, otherwise: string): string {
  const type = OPERATOR_TYPES.find((name) => name === operatorType) ?? "unknown";
  return type === "unknown" ? otherwise : OPERATOR_COLOURS[type];
}

function gapsPanel(histogram: readonly number[], fill: string): Panel {
  const height = 185;
  // In decades: Plot writes labels of a log scale at powers of ten only, and minutes are none.
  const buckets = histogram.map((gaps, i) => ({ from: i / 10 - 4, until: (i + 1) / 10 - 4, gaps }))
    .filter((bucket) => bucket.gaps > 0);
  const low = Math.min(-3, ...buckets.map((bucket) => bucket.from));
  const high = Math.max(2, ...buckets.map((bucket) => bucket.until));
  const ticks = GAP_TICKS.map(({ seconds, text }) => ({ at: Math.log10(seconds), text }))
    .filter((tick) => tick.at > low - 0.01 && tick.at < high + 0.01);
  const most = Math.max(1, ...buckets.map((bucket) => bucket.gaps));
  const marks = [
    {
      at: Math.log10(BURST_SECONDS),
      text: `← under ${BURST_SECONDS} s: bursts`,
      side: "end" as const,
    },
    {
      at: Math.log10(PAUSE_SECONDS),
      text: `over ${PAUSE_SECONDS} s: pauses →`,
      side: "start" as const,
    },
  ];
  const plot = Plot.plot({
    ...frame(height),
    marginTop: 38,
    x: {
      label: "Length of the gap",
      labelAnchor: "center",
      labelArrow: "none",
      domain: [low, high],
      ticks: ticks.map((tick) => tick.at),
      tickFormat: (at: number) => ticks.find((tick) => tick.at === at)?.text ?? "",
    },
    y: {
      label: "Gaps (square-root scale)",
      type: "sqrt",
      domain: [0, most],
      grid: true,
      ticks: wholeTicks(most, 6),
      tickFormat: wholeNumber,
    },
    marks: [
      Plot.rectY(buckets, { x1: "from", x2: "until", y: "gaps", fill, insetLeft: 0.5 }),
      Plot.ruleX(marks, { x: "at", strokeDasharray: "3,3", strokeOpacity: 0.6 }),
      ...marks.map((mark) =>
        Plot.text([mark], {
          x: "at",
          text: "text",
          frameAnchor: "top",
          textAnchor: mark.side,
          dx: mark.side === "end" ? -5 : 5,
          dy: -13,
          fillOpacity: 0.75,
        })
      ),
      Plot.ruleY([0], { strokeOpacity: 0.4 }),
    ],
  });
  return { plot, height };
}

function timeAxis(rows: readonly Column[], unit: string) {
  return {
    label: `Time since the first output (${unit})`,
    labelAnchor: "center" as const,
    labelArrow: "none" as const,
    domain: [0, rows.at(-1)?.until ?? 1],
  };
}

function bucketOf(seconds: number): number {
  return Math.min(GAP_BUCKETS, Math.round((Math.log10(seconds) + 4) * 10));
}

function powersOfTen(low: number, high: number): number[] {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
}

function siNumber(value: number): string {
  if (value >= 1e6) return `${value / 1e6}M`;
  return value >= 1e3 ? `${value / 1e3}k` : String(Number(value.toPrecision(1)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
