import * as Plot from "@observablehq/plot";
import { OPERATOR_TYPES } from "../model/vocabulary.ts";
import { axis, frame } from "./frame.ts";
import { OPERATOR_COLOURS, SERIES_COLOUR } from "./palette.ts";
import { chartSvg } from "./svg.ts";
import { count, percent, wholeNumber, wholeTicks } from "./ticks.ts";

/** More values than this are added up in a last row. */
const MOST_VALUES = 20;

/**
 * How the values of one label are spread: one bar a value, the most frequent first. `values` holds
 * one entry a subject; null and undefined are subjects without the label. `key` is the label's, told
 * in the picture and, without a `title`, above it.
 */
export function labelChart(
  values: Iterable<string | null | undefined>,
  options: { key: string; title?: string },
): string {
  const counts = new Map<string, number>();
  let without = 0;
  for (const value of values) {
    if (value === null || value === undefined) without++;
    else counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const ranked = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const rest = ranked.slice(MOST_VALUES);
  const total = ranked.reduce((sum, [, subjects]) => sum + subjects, 0);
  const rows = [
    ...ranked.slice(0, MOST_VALUES).map(([value, subjects]) => ({ value, subjects })),
    ...rest.length === 0 ? [] : [{
      value: `${rest.length} other values`,
      subjects: rest.reduce((sum, [, subjects]) => sum + subjects, 0),
    }],
  ].map((row) => ({
    ...row,
    text: `${wholeNumber(row.subjects)} (${percent(row.subjects / total)})`,
  }));
  const subtitle = `${count(total, "subject")} with the label, ${wholeNumber(without)} without`;
  return chartSvg([panel(rows)], {
    title: options.title ?? `Values of ${options.key}`,
    subtitle,
    description: `Number of subjects by value of the label ${options.key}: ` +
      `${rows.map(({ value, text }) => `${value} ${text}`).join(", ")}. ${subtitle}.`,
  });
}

interface Row {
  value: string;
  subjects: number;
  text: string;
}

function panel(rows: readonly Row[]) {
  const height = 66 + 24 * Math.max(1, rows.length);
  const most = Math.max(1, ...rows.map((row) => row.subjects));
  const plot = Plot.plot({
    ...frame(height),
    marginLeft: 160,
    marginRight: 90,
    x: { ...axis("Subjects"), domain: [0, most], ticks: wholeTicks(most, 6), grid: true },
    y: {
      label: null,
      type: "band",
      domain: rows.map((row) => row.value),
      padding: 0.25,
      tickFormat: (value: string) => value.length > 24 ? `${value.slice(0, 23)}…` : value,
    },
    color: { type: "identity" },
    marks: [
      Plot.barX(rows, { x: "subjects", y: "value", fill: (row: Row) => colourOf(row.value) }),
      Plot.text(rows, { x: "subjects", y: "value", text: "text", textAnchor: "start", dx: 5 }),
      Plot.ruleX([0], { strokeOpacity: 0.4 }),
    ],
  });
  return { plot, height };
}

function colourOf(value: string): string {
  const type = OPERATOR_TYPES.find((name) => name === value);
  return type === undefined ? SERIES_COLOUR : OPERATOR_COLOURS[type];
}
