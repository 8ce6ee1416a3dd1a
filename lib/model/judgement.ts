import type { Distribution } from "./verdict.ts";
import type { DriverClass, OperatorType } from "./vocabulary.ts";

/** One subject whose truth is known, and what a writer said of it. */
export interface JudgedSubject {
  subjectId: string;
  truth: string;
  /** null where the writer has no verdict on it. */
  verdict: OperatorType | null;
  /** Why the verdict was withheld; null where it was not. */
  cohort: string | null;
  /** What it is counted under besides, such as its source; empty where not known. */
  group: string;
}

/** A judged subject with what led to the verdict: curves, calibration and tuning need it. */
export interface Judgement extends JudgedSubject {
  verdict: OperatorType;
  /** Over the classes, calibrated. */
  distribution: Distribution;
  /** By how much the best class leads the second; 0 where no rule voted. */
  margin: number;
  /** Score rules that fired, with their log-odds. */
  votes: readonly { ruleId: string; weights: Readonly<Partial<Record<DriverClass, number>>> }[];
  /** Score rules that could not vote for want of a value. */
  abstained: readonly string[];
}
