import * as Plot from "@observablehq/plot";
import { axis, frame } from "./frame.ts";
import { SERIES_COLOUR } from "./palette.ts";
import { chartSvg } from "./svg.ts";
import { count, percent, wholeNumber } from "./ticks.ts";

/**
 * The `confusion` of an evaluation (`Measures`): rows of truths, or of the rules (`truth`), with how
 * many subjects they have (`n`) and `cells` by what was said, one of `columns`.
 */
interface Confusion {
  columns: readonly string[];
  confusion: readonly { truth: string; n: number; cells: Readonly<Record<string, number>> }[];
}

/** With more columns those of withheld verdicts become one. */
const MOST_COLUMNS = 7;
const WITHHELD = "withheld";

function withoutCohorts({ columns, confusion }: Confusion): Confusion {
  const isCohort = (said: string) => said.startsWith(`${WITHHELD}: `);
  return {
    columns: [...columns.filter((said) => !isCohort(said)), WITHHELD],
    confusion: confusion.map(({ cells, ...row }) => {
      const kept = Object.entries(cells).filter(([said]) => !isCohort(said));
      const withheld = Object.entries(cells).filter(([said]) => isCohort(said))
        .reduce((sum, [, subjects]) => sum + subjects, 0);
      return { ...row, cells: { ...Object.fromEntries(kept), [WITHHELD]: withheld } };
    }),
  };
}

/** What rows and columns are, and what is said of those that are the same. */
const SIDES = {
  truth: {
    title: "Verdicts against the truth",
    ...{ rows: "Truth", columns: "Said", same: "right" },
    described: "rows are truths and columns verdicts",
    nothing: "Nothing was judged whose truth is known",
  },
  rules: {
    title: "The model against the rules",
    ...{ rows: "Rules", columns: "Model", same: "alike" },
    described: "rows are verdicts of the rules and columns those of the model",
    nothing: "Nothing was judged by both",
  },
} as const;

type Sides = (typeof SIDES)[keyof typeof SIDES];

/**
 * Verdicts against the truth, or a model's against the rules: a row a truth, a column a verdict, the
 * share of the row as depth of colour, and the number in each cell. Cells that are the same on both
 * sides have a frame.
 */
export function confusionChart(
  measures: Confusion,
  options: { title?: string; against?: keyof typeof SIDES } = {},
): string {
  const sides = SIDES[options.against ?? "truth"];
  const drawn = measures.columns.length > MOST_COLUMNS ? withoutCohorts(measures) : measures;
  const { columns, confusion } = drawn;
  const cells = confusion.flatMap(({ truth, n, cells }) =>
    columns.map((said): Cell => {
      const subjects = cells[said] ?? 0;
      return { truth, said, subjects, share: n === 0 ? 0 : subjects / n };
    })
  );
  const total = confusion.reduce((sum, row) => sum + row.n, 0);
  const right = cells.filter(({ truth, said }) => truth === said)
    .reduce((sum, { subjects }) => sum + subjects, 0);
  const subtitle = total === 0
    ? sides.nothing
    : `${count(total, "subject")}, ${wholeNumber(right)} ${sides.same} (${percent(right / total)})`;
  const told = confusion.map(({ truth, n, cells }) =>
    `${truth} (${n}): ${Object.entries(cells).map(([said, k]) => `${said} ${k}`).join(", ")}`
  );
  return chartSvg([panel(cells, drawn, sides)], {
    title: options.title ?? sides.title,
    subtitle,
    description: `Confusion, ${sides.described}. ${subtitle}. ${told.join("; ")}.`,
  });
}

interface Cell {
  truth: string;
  said: string;
  subjects: number;
  share: number;
}

function panel(cells: readonly Cell[], { columns, confusion }: Confusion, sides: Sides) {
  const height = 96 + 44 * Math.max(1, confusion.length);
  const right = cells.filter(({ truth, said }) => truth === said);
  const plot = Plot.plot({
    ...frame(height),
    marginLeft: 110,
    marginTop: 46,
    marginBottom: 10,
    x: {
      ...axis(sides.columns),
      axis: "top",
      type: "band",
      domain: [...columns],
      padding: 0.04,
      tickFormat: (said: string) => said.replace("withheld: ", "⊘ "),
    },
    y: {
      label: sides.rows,
      labelArrow: "none",
      type: "band",
      domain: confusion.map(({ truth }) => truth),
      padding: 0.06,
    },
    color: { type: "identity" },
    marks: [
      Plot.cell(cells, {
        x: "said",
        y: "truth",
        fill: SERIES_COLOUR,
        fillOpacity: ({ share }: Cell) => share === 0 ? 0.06 : 0.15 + 0.55 * share,
      }),
      Plot.cell(right, { x: "said", y: "truth", stroke: "currentColor", strokeWidth: 1.5 }),
      Plot.text(cells, {
        x: "said",
        y: "truth",
        text: ({ subjects }: Cell) => subjects === 0 ? "·" : wholeNumber(subjects),
        fontSize: 13,
        fontWeight: 600,
      }),
    ],
  });
  return { plot, height };
}
