import * as Plot from "@observablehq/plot";
import { DAY_MS, isoDay } from "../model/time.ts";
import { axis, countAxis, frame } from "./frame.ts";
import { CATEGORY_COLOURS, categoryColours, OPERATOR_COLOURS } from "./palette.ts";
import { chartSvg } from "./svg.ts";
import { count, percent } from "./ticks.ts";

/**
 * Number of `sessions` that began on one `day` (`YYYY-MM-DD`), by what is known of their recordings:
 * `coverage` is a `SessionCoverage`.
 */
interface CoverageOfDay {
  day: string;
  coverage: string;
  sessions: number;
}

const RECORDED = "recorded";

/**
 * What was covered, day by day: sessions by what is known of their recordings. Days between the
 * first and the last on which nothing was seen are there, as nothing: a gap is not a quiet day.
 */
export function coverageChart(
  rows: readonly CoverageOfDay[],
  options: { title?: string } = {},
): string {
  const totals = new Map<string, number>();
  for (const { coverage, sessions } of rows) {
    totals.set(coverage, (totals.get(coverage) ?? 0) + sessions);
  }
  const others = [...totals].filter(([name]) => name !== RECORDED)
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([name]) => name);
  const names = [...totals.has(RECORDED) ? [RECORDED] : [], ...others];
  const colours = categoryColours(others);
  // recorded in full has a colour of its own, whatever else there is
  colours.set(RECORDED, OPERATOR_COLOURS.automation);
  for (const [name, colour] of colours) {
    if (name !== RECORDED && colour === OPERATOR_COLOURS.automation) {
      colours.set(name, CATEGORY_COLOURS.at(-1)!);
    }
  }
  const days = daysBetween(rows.map((row) => row.day).sort());
  const seen = new Set(rows.map((row) => row.day));
  const total = [...totals.values()].reduce((sum, sessions) => sum + sessions, 0);
  const empty = days.filter((day) => !seen.has(day)).length;
  const subtitle = total === 0 ? "No session has a day" : `${count(total, "session")} on ` +
    `${count(days.length, "day")}, ${percent((totals.get(RECORDED) ?? 0) / total)} recorded whole` +
    (empty > 0 ? `; ${count(empty, "day")} without any` : "");
  return chartSvg([panel(rows, { days, names, colours })], {
    title: options.title ?? "Coverage by day",
    subtitle,
    legend: names.map((name) => ({ name, colour: colours.get(name)! })),
    description: `Sessions by day and by what is known of their recordings. ${subtitle}. ` +
      `${names.map((name) => `${name} ${totals.get(name)}`).join(", ")}.`,
  });
}

function panel(
  rows: readonly CoverageOfDay[],
  { days, names, colours }: { days: string[]; names: string[]; colours: Map<string, string> },
) {
  const height = 220;
  const sums = new Map<string, number>();
  for (const { day, sessions } of rows) sums.set(day, (sums.get(day) ?? 0) + sessions);
  const most = Math.max(1, ...sums.values());
  const every = Math.ceil(days.length / 10) || 1;
  const plot = Plot.plot({
    ...frame(height),
    x: {
      ...axis("Day (UTC)"),
      type: "band",
      domain: days,
      ticks: days.filter((_, i) => i % every === 0),
      padding: days.length > 60 ? 0 : 0.15,
    },
    y: countAxis("Sessions", most),
    color: { type: "identity" },
    marks: [
      Plot.barY(
        rows,
        Plot.stackY({
          x: "day",
          y: "sessions",
          z: "coverage",
          order: names,
          fill: (row: CoverageOfDay) => colours.get(row.coverage)!,
        }),
      ),
      Plot.ruleY([0], { strokeOpacity: 0.4 }),
    ],
  });
  return { plot, height };
}

/** Every day from the first to the last, at most 400; the days given where they are more. */
function daysBetween(sorted: readonly string[]): string[] {
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return [];
  const days = (Date.parse(last) - Date.parse(first)) / DAY_MS;
  if (!(days <= 400)) return [...new Set(sorted)];
  return Array.from(
    { length: days + 1 },
    (_, i) => isoDay(Date.parse(first) + i * DAY_MS),
  );
}
