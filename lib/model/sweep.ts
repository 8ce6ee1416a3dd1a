import type { OperatorType } from "./vocabulary.ts";

/** How many subjects (`n`) of one `truth` get one `verdict`. */
export interface SweptCount {
  truth: string;
  verdict: OperatorType;
  /** Whether a cohort withholds it. */
  withheld: boolean;
  n: number;
}

/** What a pack says where its parameters have certain values. */
export interface SweepPoint {
  /** The swept parameters' values, by full name. */
  values: Record<string, number>;
  /** Only combinations that occur. */
  counts: SweptCount[];
}
