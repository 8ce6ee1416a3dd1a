import { formatEvaluation, percent, table } from "../../evaluation/format_evaluation.ts";
import type { Comparison } from "../../evaluation/compare.ts";
import { printable } from "../../model/printable.ts";
import type { ModelComparison } from "./compare_models.ts";

/** Two models compared, as Markdown that is safe in a terminal. */
export function formatModels({ n, agreed, kappa, sides, between }: ModelComparison): string {
  const [first, second] = sides.map(({ version }) => printable(version));
  const parts = [
    `${first} and ${second} on ${n} sessions that both judged: ${agreed} alike ` +
    `(${percent(agreed, n)}), kappa ${kappa === null ? "not defined" : kappa.toFixed(3)}`,
  ];
  if (between.moves.length > 0) parts.push(movesTable(between, ["the first", "the second"]));
  for (const { version, rules, report } of sides) {
    parts.push(
      `${printable(version)}: differs from the rules on ${rules.changes.length} of ${rules.n}`,
    );
    if (rules.moves.length > 0) parts.push(movesTable(rules, ["the rules", "the model"]));
    parts.push(
      report.n === 0 ? "None of them has a truth to measure by" : formatEvaluation(report, report),
    );
  }
  return `${parts.join("\n\n").trimEnd()}\n`;
}

function movesTable({ moves }: Comparison, [from, to]: readonly [string, string]): string {
  return table(
    [from, to, "n", "became right", "became wrong"],
    moves.map((move) => [move.from, move.to, move.n, move.becameRight, move.becameWrong]),
  );
}
