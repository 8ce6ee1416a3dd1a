import type { ClassMeasure, Measures } from "./measure.ts";

/** What verdicts must reach. */
export type Requirement =
  /** Of one class, or of each class that occurs where none is named. */
  | { measure: "precision" | "recall" | "f1"; name: string | null; least: number }
  /** Share of the judged that may be left `unknown`. */
  | { measure: "unknown"; most: number };

/** What is not reached, one sentence each; empty where all is. */
export function unmet(measures: Measures, requirements: readonly Requirement[]): string[] {
  return requirements.flatMap((requirement) => {
    if (requirement.measure === "unknown") return tooManyUnknown(measures, requirement.most);
    const { measure, name, least } = requirement;
    const classes = measures.classes.filter((each) =>
      name === null ? each.recall.of + each.precision.of > 0 : each.name === name
    );
    return classes.flatMap((each) => {
      const value = valueOf(each, measure);
      // what was not measured is not reached
      if (value === null) return [`${measure} of ${each.name} can't be measured: nothing to count`];
      return value >= least
        ? []
        : [`${measure} of ${each.name} is ${value.toFixed(3)}, wanted at least ${least}`];
    });
  });
}

function tooManyUnknown({ n, abstained, withheld }: Measures, most: number): string[] {
  const judged = n - withheld;
  const share = judged === 0 ? 0 : abstained / judged;
  return share <= most ? [] : [
    `${abstained} of ${judged} judged are unknown (${share.toFixed(3)}), at most ${most} may be`,
  ];
}

function valueOf(each: ClassMeasure, measure: "precision" | "recall" | "f1"): number | null {
  return measure === "f1" ? each.f1 : each[measure].value;
}
