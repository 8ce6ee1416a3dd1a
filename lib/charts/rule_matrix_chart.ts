import * as Plot from "@observablehq/plot";
import { frame } from "./frame.ts";
import { OPERATOR_COLOURS, SERIES_COLOUR } from "./palette.ts";
import { chartSvg } from "./svg.ts";
import { count, wholeNumber } from "./ticks.ts";

/**
 * Two rules, `first` and `second`, that voted on the same subjects (`RulePair` of an evaluation): on
 * `both` so many, and `opposed` on so many of them.
 */
interface PairOfRules {
  first: string;
  second: string;
  both: number;
  opposed: number;
}

/** Rules in the picture: those that vote together most. */
const MOST_RULES = 24;

interface Cell {
  row: string;
  column: string;
  both: number;
  opposed: number;
  /** Share of `both` that is opposed. */
  conflict: number;
}

const CONFLICT = OPERATOR_COLOURS.agent;

/**
 * Which rules vote together and which against each other: each cell has the number of subjects that
 * both voted on; the bluer, the more; an orange bar is the share on which they favour other classes.
 */
export function ruleMatrixChart(
  pairs: readonly PairOfRules[],
  options: { title?: string } = {},
): string {
  const weight = new Map<string, number>();
  for (const { first, second, both } of pairs) {
    for (const id of [first, second]) weight.set(id, (weight.get(id) ?? 0) + both);
  }
  const ranked = [...weight].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const rules = ranked.slice(0, MOST_RULES).map(([id]) => id).sort();
  const cells = pairs.filter(({ first, second }) => rules.includes(first) && rules.includes(second))
    .map(({ first, second, both, opposed }): Cell => {
      const [column, row] = first < second ? [first, second] : [second, first];
      return { row, column, both, opposed, conflict: both === 0 ? 0 : opposed / both };
    });
  const opposed = cells.filter((cell) => cell.opposed > 0).sort((a, b) => b.opposed - a.opposed);
  const left = ranked.length - rules.length;
  const subtitle = `${count(rules.length, "rule")}${left > 0 ? `, ${left} more not shown` : ""}; ` +
    `${
      count(cells.length, "pair")
    } voted together, ${opposed.length} of them also against each other`;
  const told = opposed.slice(0, 8).map(({ row, column, opposed, both }) =>
    `${column} and ${row}: ${opposed} of ${both}`
  );
  return chartSvg([panel(cells, rules)], {
    title: options.title ?? "Rules that vote together, and against each other",
    subtitle,
    legend: [
      { name: "voted together", colour: SERIES_COLOUR },
      { name: "share against each other", colour: CONFLICT },
    ],
    description: `Matrix of rules. ${subtitle}. Most opposed: ${told.join("; ") || "none"}.`,
  });
}

function panel(cells: readonly Cell[], rules: readonly string[]) {
  const rows = rules.slice(1);
  const columns = rules.slice(0, -1);
  const height = 160 + 22 * Math.max(1, rows.length);
  const most = Math.max(1, ...cells.map((cell) => cell.both));
  const plot = Plot.plot({
    ...frame(height),
    marginLeft: 190,
    marginTop: 6,
    marginBottom: 150,
    x: { label: null, type: "band", domain: columns, tickRotate: -60, padding: 0.05 },
    y: { label: null, type: "band", domain: rows, padding: 0.05 },
    color: { type: "identity" },
    marks: [
      Plot.cell(cells, {
        x: "column",
        y: "row",
        fill: SERIES_COLOUR,
        fillOpacity: (cell: Cell) => 0.08 + 0.5 * Math.sqrt(cell.both / most),
      }),
      Plot.tickY(cells.filter((cell) => cell.opposed > 0), {
        x: "column",
        y: "row",
        stroke: CONFLICT,
        strokeWidth: (cell: Cell) => 2 + 6 * cell.conflict,
        dy: 8,
      }),
      Plot.text(cells, {
        x: "column",
        y: "row",
        text: (cell: Cell) => wholeNumber(cell.both),
        fontSize: 9,
      }),
    ],
  });
  return { plot, height };
}
