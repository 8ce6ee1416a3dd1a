import { printable } from "../model/printable.ts";
import type { ClassMeasure, GroupMeasure, Measures } from "./measure.ts";
import { rateText } from "./rate.ts";

/**
 * The measures as Markdown: confusion, one line a class, one line a group. What comes from labels
 * is escaped, so the text is safe in a terminal and in a table.
 */
export function formatEvaluation(measures: Measures, options: { groupBy?: string } = {}): string {
  const parts = [headline(measures)];
  if (measures.unjudged > 0) parts.push(`${measures.unjudged} with a truth have no verdict`);
  parts.push(
    table(
      ["truth", "n", ...measures.columns],
      measures.confusion.map((row) => [
        row.truth,
        row.n,
        ...measures.columns.map((column) => row.cells[column] ?? 0),
      ]),
    ),
    table(
      ["class", "precision", "recall", "F1"],
      measures.classes.map(({ name, precision, recall, f1, f1Interval }) => [
        name,
        rateText(precision),
        rateText(recall),
        f1 === null ? "" : f1.toFixed(3) + between(f1Interval),
      ]),
    ),
    formatGroups(measures.groups, options.groupBy ?? "group"),
  );
  return parts.join("\n\n") + "\n";
}

/** The counts in one line. */
export function headline({ n, right, wrong, abstained, withheld }: Measures): string {
  const decided = right + wrong;
  return `${n} judged against the truth: ${right} right, ${wrong} wrong, ${abstained} unknown, ` +
    `${withheld} withheld; of ${decided} decided ${percent(right, decided)} right`;
}

/** One line a group and truth, as Markdown. */
export function formatGroups(groups: readonly GroupMeasure[], by: string): string {
  return table(
    [by, "truth", "n", "right", "wrong", "unknown", "withheld"],
    groups.map((group) => [
      group.group || "(none)",
      group.truth,
      group.n,
      group.right,
      group.wrong === 0 ? 0 : `${group.wrong} (${wrongAs(group.wrongAs)})`,
      group.abstained,
      group.withheld,
    ]),
  );
}

function wrongAs(counts: Record<string, number>): string {
  return Object.entries(counts).map(([name, count]) => `${count} ${name}`).join(", ");
}

/** ` (0.871 to 0.996)`, or nothing. */
function between(interval: ClassMeasure["f1Interval"]): string {
  return interval == null ? "" : ` (${interval.low.toFixed(3)} to ${interval.high.toFixed(3)})`;
}

/** `97.5 %`. */
export function percent(part: number, whole: number): string {
  return whole === 0 ? "none" : `${(100 * part / whole).toFixed(1)} %`;
}

/** A Markdown pipe table, padded so that it reads as plain text too. Numbers stand right. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => escaped(String(cell))));
  const widths = head.map((_, i) => Math.max(3, ...cells.map((row) => (row[i] ?? "").length)));
  const right = head.map((_, i) => rows.some((row) => typeof row[i] === "number"));
  const line = (row: readonly string[]) =>
    `| ${
      widths.map((width, i) =>
        right[i] ? (row[i] ?? "").padStart(width) : (row[i] ?? "").padEnd(width)
      ).join(" | ")
    } |`;
  const rule = `| ${
    widths.map((width, i) => right[i] ? `${"-".repeat(width - 1)}:` : "-".repeat(width)).join(" | ")
  } |`;
  const [first = [], ...others] = cells;
  return [line(first), rule, ...others.map(line)].join("\n");
}

function escaped(text: string): string {
  return printable(text).replace(/[\\|`*<>[\]]/g, "\\$&");
}
