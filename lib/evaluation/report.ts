import type { JudgedSubject, Judgement } from "../model/judgement.ts";
import { f1Interval } from "./bootstrap.ts";
import { calibration, type CalibrationMeasure } from "./calibration.ts";
import { abstentionCurve, type AbstentionPoint, type ClassCurve, classCurves } from "./curves.ts";
import { type GroupMeasure, measure, type Measures } from "./measure.ts";
import { type RuleMeasure, ruleMeasures, type RulePair, rulePairs } from "./rule_measures.ts";

/** A labelled subject and what was said of it. */
type Told = Pick<Judgement, "subjectId" | "truth" | "verdict" | "cohort" | "group">;

/** All that is measured of verdicts whose truth is known. */
export interface EvaluationReport extends Measures {
  /** What was measured, in the order of the input. */
  judged: Told[];
  /** What the groups of `groups` are, and those under each facet besides. */
  groupBy: string;
  /** Measures by value, under the name of each facet that was asked for. */
  by: Record<string, GroupMeasure[]>;
  /** ROC and precision-recall of each class over all thresholds. */
  curves: ClassCurve[];
  /** Whether what is said with 0.8 is right eight times of ten. */
  calibration: CalibrationMeasure;
  /** How many verdicts stand, and how right they are, over the margin that one asks for. */
  abstention: AbstentionPoint[];
  /** What each rule is good for; empty where votes are not known. */
  rules: RuleMeasure[];
  /** Rules that voted on the same subjects, and how often they favoured other classes. */
  pairs: RulePair[];
}

/** What is measured beside the whole. */
export interface ReportOptions {
  /** What `group` of the subjects is. */
  groupBy: string;
  /** Labelled subjects without a verdict: counted, not measured. */
  unjudged?: readonly JudgedSubject[];
  /** What subjects are counted under besides; `cohort` is the verdict's. */
  facets?: readonly string[];
  /** Rules to measure; those that voted, unless told. */
  ruleIds?: readonly string[];
}

/** Measures judgements of any origin. Pure. */
export function report(
  judgements: readonly Judgement[],
  options: ReportOptions,
): EvaluationReport {
  const { groupBy, unjudged = [], facets = [] } = options;
  const measures = measure([...judgements, ...unjudged]);
  const ruleIds = options.ruleIds ??
    [...new Set(judgements.flatMap(({ votes }) => votes.map(({ ruleId }) => ruleId)))].sort();
  const judged = judgements.filter(({ verdict, cohort }) =>
    verdict !== "unknown" || cohort === null
  );
  return {
    ...measures,
    judged: judgements.map(({ subjectId, truth, verdict, cohort, group }) => ({
      ...{ subjectId, truth, verdict, cohort, group },
    })),
    classes: measures.classes.map((each) => ({
      ...each,
      f1Interval: each.f1 === null ? null : f1Interval(judged, each.name),
    })),
    groupBy,
    by: Object.fromEntries(facets.map((facet) => [facet, groupsBy(judgements, facet)])),
    curves: classCurves(judgements),
    calibration: calibration(judgements),
    abstention: abstentionCurve(judgements),
    rules: ruleIds.length === 0 ? [] : ruleMeasures(judgements, ruleIds),
    pairs: rulePairs(judgements),
  };
}

function groupsBy(judgements: readonly Judgement[], facet: string): GroupMeasure[] {
  return measure(
    judgements.map((each) => ({
      ...each,
      group: facet === "cohort" ? each.cohort ?? "" : each.facets[facet] ?? "",
    })),
  ).groups;
}
