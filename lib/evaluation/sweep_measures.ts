import type { SweepPoint, SweptCount } from "../model/sweep.ts";
import { DRIVER_CLASSES, type DriverClass } from "../model/vocabulary.ts";
import { type Rate, rate } from "./rate.ts";

/** How the pack fares at one point of a sweep. */
export interface MeasuredPoint {
  /** The swept parameters' values, by full name. */
  values: Record<string, number>;
  /** Subjects whose verdict is their truth. */
  right: number;
  /** Subjects whose verdict is a type other than their truth. */
  wrong: number;
  /** Subjects, labelled or not, of which the votes are too close. */
  unknown: number;
  /** Subjects, labelled or not, whose verdict a cohort withholds. */
  withheld: number;
  /**
   * By class: `precision` and `recall` over the labelled subjects, and how many of all, labelled or
   * not, are `called` so: the volume.
   */
  classes: Record<DriverClass, { precision: Rate; recall: Rate; called: number }>;
}

/**
 * Right and wrong, precision, recall and volume at each point of a sweep. What has no truth (an
 * empty one) counts for the volume only.
 */
export function measureSweep(points: readonly SweepPoint[]): MeasuredPoint[] {
  return points.map(({ values, counts }) => {
    const sum = (of: (count: SweptCount) => boolean) =>
      counts.reduce((total, count) => of(count) ? total + count.n : total, 0);
    const labelled = ({ truth }: SweptCount) => truth !== "";
    const isRight = ({ truth, verdict }: SweptCount) => verdict === truth;
    const classes = DRIVER_CLASSES.map((name) => {
      const right = sum(({ truth, verdict }) => verdict === name && truth === name);
      const called = sum(({ verdict }) => verdict === name);
      const of = sum((count) => count.verdict === name && labelled(count));
      const are = sum(({ truth, withheld }) => truth === name && !withheld);
      return [name, { precision: rate(right, of), recall: rate(right, are), called }] as const;
    });
    return {
      values,
      right: sum(isRight),
      wrong: sum((count) => labelled(count) && count.verdict !== "unknown" && !isRight(count)),
      unknown: sum(({ verdict, withheld }) => verdict === "unknown" && !withheld),
      withheld: sum(({ withheld }) => withheld),
      classes: Object.fromEntries(classes) as MeasuredPoint["classes"],
    };
  });
}

/**
 * The point to take for a wanted `precision` (0 to 1) of the class `name`: of those that reach it the one of most
 * recall, then of most precision, then the one in the middle, which is safest from both sides. Null
 * where none reaches it.
 */
export function suggestPoint(
  points: readonly MeasuredPoint[],
  wanted: { name: DriverClass; precision: number },
): MeasuredPoint | null {
  const scored = points.map((point) => {
    const { precision, recall } = point.classes[wanted.name];
    return { point, precision: precision.value ?? -1, recall: recall.value ?? 0 };
  }).filter(({ precision }) => precision >= wanted.precision);
  const best = (of: "recall" | "precision", some: typeof scored) => {
    const most = Math.max(...some.map((each) => each[of]));
    return some.filter((each) => each[of] === most);
  };
  if (scored.length === 0) return null;
  const finest = best("precision", best("recall", scored));
  return finest[(finest.length - 1) >> 1]!.point;
}
