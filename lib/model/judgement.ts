import type { Distribution } from "./verdict.ts";
import type { DriverClass, OperatorType } from "./vocabulary.ts";

/** A subject whose truth is known, with all that rules read of it. */
export interface TruthfulRow {
  /** As `subject_id` in the store. */
  subjectId: string;
  /** The value of the label that holds the truth. */
  truth: string;
  /** What it is counted under, such as its source; empty where not known. */
  group: string;
  /** What else it is counted under, by label or column. */
  facets: Readonly<Record<string, string>>;
  /** The sessions it is about: itself, the one it is a segment of, or an activity's members. */
  sessions: readonly string[];
  /** Its row of the frame: what rules read. */
  row: Readonly<Record<string, unknown>>;
  /** Of a session: its segments, in order of time. */
  segments: readonly Readonly<Record<string, unknown>>[];
}

/** One subject whose truth is known, and what a writer said of it. */
export interface JudgedSubject {
  /** As `subject_id` in the store. */
  subjectId: string;
  /** The value of the label that holds the truth. */
  truth: string;
  /** null where the writer has no verdict on it. */
  verdict: OperatorType | null;
  /** Why the verdict was withheld; null where it was not. */
  cohort: string | null;
  /** What it is counted under besides, such as its source; empty where not known. */
  group: string;
  /** Its session: what shares one is no independent evidence. */
  session: string;
  /** What else it is counted under, by label or column. */
  facets: Readonly<Record<string, string>>;
}

/** A judged subject with what led to the verdict: curves, calibration and tuning need it. */
export interface Judgement extends JudgedSubject {
  /** The type stated; `unknown` also where a cohort withholds it. */
  verdict: OperatorType;
  /** Over the classes, calibrated. */
  distribution: Distribution;
  /** By how much the best class leads the second; 0 where no rule voted. */
  margin: number;
  /** Score rules that fired, by `ruleId`, with their log-odds by class as `weights`. */
  votes: readonly { ruleId: string; weights: Readonly<Partial<Record<DriverClass, number>>> }[];
  /** Score rules that could not vote for want of a value. */
  abstained: readonly string[];
}

/** What is known of a labelled subject before anybody judges it. */
export function knownOf(
  { subjectId, truth, group, facets, sessions }: TruthfulRow,
): Omit<JudgedSubject, "verdict" | "cohort"> {
  return { subjectId, truth, group, facets, session: sessions[0] ?? subjectId };
}
