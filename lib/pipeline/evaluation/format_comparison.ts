import { table } from "../../evaluation/format_evaluation.ts";
import type { HitCount, PackComparison, RuleShift } from "./compare_packs.ts";

/** Lines shown of each list. */
const SHOWN = 20;

/** Two packs compared, as Markdown that is safe in a terminal. */
export function formatComparison(comparison: PackComparison): string {
  const { before, after, n, labelled, changes, moves, rules } = comparison;
  const { becameRight, becameWrong, noLongerRight } = comparison;
  const parts = [
    `${before} to ${after}: ${changes.length} of ${n} verdicts change; of ${labelled} labelled ` +
    `${becameRight} became right, ${becameWrong} wrong, ${noLongerRight} are no longer right`,
  ];
  if (moves.length > 0) {
    parts.push(table(
      ["from", "to", "n", "became right", "became wrong"],
      moves.map(({ from, to, n, becameRight, becameWrong }) => [
        ...[from, to],
        ...[n, becameRight, becameWrong],
      ]),
    ));
  }
  const known = changes.filter(({ truth }) => truth !== null);
  if (known.length > 0) {
    parts.push(cut(
      known.length,
      table(
        ["labelled", "truth", "from", "to", "effect"],
        known.slice(0, SHOWN).map(({ subjectId, truth, from, to, effect }) => [
          ...[subjectId, truth ?? "", from, to, effect],
        ]),
      ),
    ));
  }
  if (rules.length > 0) parts.push(formatShifts(rules));
  return parts.join("\n\n") + "\n";
}

function formatShifts(rules: readonly RuleShift[]): string {
  const totals = table(
    ["rule that votes otherwise", "before", "after"],
    rules.map(({ ruleId, before, after }) => [ruleId, before, after]),
  );
  const differs = ({ before, after }: HitCount) => before !== after;
  const lines = rules.flatMap(({ ruleId, days, principals }) => [
    ...days.filter(differs).map((count) => lineOf(ruleId, "day", count)),
    ...principals.filter(differs).map((count) => lineOf(ruleId, "principal", count)),
  ]);
  if (lines.length === 0) return totals;
  const head = ["rule", "by", "of", "before", "after"];
  return `${totals}\n\n${cut(lines.length, table(head, lines.slice(0, SHOWN)))}`;
}

function lineOf(ruleId: string, by: string, { of, before, after }: HitCount) {
  return [ruleId, by, of || "(not known)", before, after];
}

function cut(all: number, text: string): string {
  return all > SHOWN ? `${text}\n${all - SHOWN} more` : text;
}
