import type { AbstentionPoint } from "./curves.ts";
import { formatEvaluation, formatGroups, percent, table } from "./format_evaluation.ts";
import { type Rate, rateText } from "./rate.ts";
import type { EvaluationReport } from "./report.ts";

/**
 * What each rule (`ruleId`) is good for, where it is known: verdicts that differ without it
 * (`changed`); `right` and `wrong` are the pack with it minus the pack without it.
 */
export type Marginals = readonly {
  ruleId: string;
  changed: number;
  right: number;
  wrong: number;
}[];

/** Shares decided at which the abstention curve is shown. */
const COVERAGES = [1, 0.95, 0.9, 0.8, 0.7, 0.5];

/** Wrong verdicts that are listed. */
const WRONG_SHOWN = 20;

/** All measures as Markdown, safe in a terminal; what can't be told is left out. */
export function formatReport(
  report: EvaluationReport,
  options: { marginals?: Marginals } = {},
): string {
  const facets = Object.entries(report.by).filter(([, groups]) =>
    new Set(groups.map(({ group }) => group)).size > 1
  );
  const parts = [
    formatEvaluation(report, { groupBy: report.groupBy }),
    ...facets.map(([by, groups]) => formatGroups(groups, by)),
    formatWrong(report),
    formatCurves(report),
    formatCalibration(report),
    formatAbstention(report.abstention),
    formatRules(report, options.marginals ?? []),
  ];
  return parts.map((part) => part.trimEnd()).filter((part) => part !== "").join("\n\n") + "\n";
}

/** The first of those that are wrong: what to look at next. */
function formatWrong({ judged }: EvaluationReport): string {
  const wrong = judged.filter(({ truth, verdict }) => verdict !== truth && verdict !== "unknown");
  if (wrong.length === 0) return "";
  const rows = wrong.slice(0, WRONG_SHOWN).map(({ subjectId, truth, verdict, group }) => [
    ...[subjectId, truth, verdict, group],
  ]);
  const more = wrong.length > WRONG_SHOWN ? `\n${wrong.length - WRONG_SHOWN} more are wrong` : "";
  return table(["wrong", "truth", "verdict", "group"], rows) + more;
}

function formatCurves({ curves }: EvaluationReport): string {
  return table(
    ["class against the others", "ROC area", "average precision"],
    curves.map(({ name, rocArea, averagePrecision }) => [
      name,
      rocArea === null ? "" : rocArea.toFixed(3),
      averagePrecision === null ? "" : averagePrecision.toFixed(3),
    ]),
  );
}

function formatCalibration({ calibration }: EvaluationReport): string {
  const { n, bins, expectedError, brier, logLoss } = calibration;
  if (expectedError === null) return "";
  const figures = `Calibration over ${n}: expected error ${expectedError.toFixed(3)}, Brier ` +
    `${brier?.toFixed(3)}, log loss ${logLoss?.toFixed(3)}`;
  const rows = bins.filter((bin) => bin.n > 0).map(({ from, to, n, stated, right }) => [
    `${from.toFixed(1)} to ${to.toFixed(1)}`,
    n,
    stated?.toFixed(3) ?? "",
    rateText(right),
  ]);
  return `${figures}\n\n${table(["probability stated", "n", "mean stated", "right"], rows)}`;
}

function formatAbstention(points: readonly AbstentionPoint[]): string {
  if (points.length === 0) return "";
  const chosen = new Set(
    COVERAGES.map((share) => points.find(({ coverage }) => coverage <= share) ?? points.at(-1)!),
  );
  const rows = [...chosen].map(({ margin, decided, coverage, accuracy }) => [
    margin.toFixed(3),
    `${decided} (${percent(coverage, 1)})`,
    percent(accuracy, 1),
  ]);
  return table(["least lead", "decided", "of these right"], rows);
}

function formatRules({ rules }: EvaluationReport, marginals: Marginals): string {
  if (rules.length === 0) return "";
  const effects = new Map(marginals.map((effect) => [effect.ruleId, effect]));
  const rows = rules.map(({ ruleId, fired, abstained, coverage, overlap, conflict, accuracy }) => {
    const effect = effects.get(ruleId);
    return [
      ruleId,
      fired,
      abstained,
      shareText(coverage),
      shareText(overlap),
      shareText(conflict),
      rateText(accuracy),
      effect === undefined ? "" : effect.changed,
      effect === undefined ? "" : signed(effect.right),
      effect === undefined ? "" : signed(effect.wrong),
    ];
  });
  const head = [
    "rule",
    "votes",
    "abstains",
    "coverage",
    "overlap",
    "conflict",
    "accuracy",
    "changes",
  ];
  return table([...head, "right", "wrong"], rows);
}

function shareText({ value }: Rate): string {
  return value === null ? "" : value.toFixed(2);
}

function signed(number: number): string {
  return number > 0 ? `+${number}` : String(number);
}
