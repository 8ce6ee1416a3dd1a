/** How a feature is stored: a count, a number (seconds, shares, bytes), or a yes/no. */
type FeatureType = "integer" | "number" | "flag";

/** One feature: a column of its family's table, and a name in rules. */
export interface FeatureDefinition {
  type: FeatureType;
  /** Unit or range: `s`, `bytes`, `events`, `0..1`, …; empty for flags. */
  unit: string;
  /** What it measures, in one sentence. */
  doc: string;
}

/** The features of one family: column of the store and variable of the rules, to what it is. */
export type FeatureTable = Readonly<Record<string, FeatureDefinition>>;

/** A row of a feature table: null is "not measured". */
export type FeatureRow<T extends FeatureTable> = {
  [K in keyof T]: (T[K]["type"] extends "flag" ? boolean : number) | null;
};

/** The feature families; each is a table `features_<family>` whose columns begin `<family>_`. */
export const FEATURE_FAMILIES = ["pty", "cmd", "call", "desk", "base", "act"] as const;
export type FeatureFamily = (typeof FEATURE_FAMILIES)[number];
