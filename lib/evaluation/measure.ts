import type { JudgedSubject } from "../model/judgement.ts";
import { DRIVER_CLASSES, OPERATOR_TYPES, type OperatorType } from "../model/vocabulary.ts";
import type { Interval } from "./bootstrap.ts";
import { type Rate, rate } from "./rate.ts";

/** How one class (`name`) fares. */
export interface ClassMeasure {
  name: string;
  /** Of those called this class, the share that is. */
  precision: Rate;
  /** Of those that are this class and were not withheld, the share called so. */
  recall: Rate;
  /** null where precision or recall is. */
  f1: number | null;
  /** At 95 %, by bootstrap; only in a report. */
  f1Interval?: Interval | null;
}

/** How one group of subjects fares. */
export interface GroupMeasure {
  /** What its subjects share, such as their source; a row each truth. */
  group: string;
  /** Their truth. */
  truth: string;
  /** Subjects with a verdict. */
  n: number;
  /** The verdict is the truth. */
  right: number;
  /** The verdict is another type than the truth. */
  wrong: number;
  /** Judged, and left `unknown`. */
  abstained: number;
  /** A cohort withheld the verdict. */
  withheld: number;
  /** Verdicts that are wrong, by what they say. */
  wrongAs: Record<string, number>;
}

/** Verdicts against the truth. */
export interface Measures {
  /** Subjects with a truth and a verdict; the four counts below add up to it. */
  n: number;
  /** The verdict is the truth. */
  right: number;
  /** The verdict is another type than the truth. */
  wrong: number;
  /** Judged, and left `unknown`. */
  abstained: number;
  /** A cohort withheld the verdict. */
  withheld: number;
  /** Subjects with a truth and no verdict at all; not in `n`. */
  unjudged: number;
  /** Columns of the confusion: types that occur, `unknown`, then `withheld: <cohort>`. */
  columns: string[];
  /** By `truth`: how many subjects it has (`n`), and in `cells` how many got each of `columns`. */
  confusion: { truth: string; n: number; cells: Record<string, number> }[];
  /** Each class that occurs. */
  classes: ClassMeasure[];
  /** Each group, and in it each truth. */
  groups: GroupMeasure[];
}

/** Counts verdicts against the truth. Pure; order of the input does not matter. */
export function measure(subjects: readonly JudgedSubject[]): Measures {
  const judged = subjects.filter((subject) => subject.verdict !== null);
  const confusion = new Map<string, Record<string, number>>();
  const groups = new Map<string, GroupMeasure>();
  for (const subject of judged) {
    const column = columnOf(subject);
    const cells = entry<Record<string, number>>(confusion, subject.truth, () => ({}));
    cells[column] = (cells[column] ?? 0) + 1;
    const { group, truth } = subject;
    const counts = entry(groups, `${truth}\n${group}`, () => emptyGroup(group, truth));
    count(counts, subject, column);
  }
  const rows = [...confusion].sort(([a], [b]) => order(a) - order(b) || (a < b ? -1 : 1));
  const present = new Set(rows.flatMap(([, cells]) => Object.keys(cells)));
  const columns = [...present].sort((a, b) => order(a) - order(b) || (a < b ? -1 : 1));
  const measured = [...groups.values()].sort((a, b) =>
    order(a.truth) - order(b.truth) || (a.group < b.group ? -1 : 1)
  );
  const sum = (key: "right" | "wrong" | "abstained" | "withheld") =>
    measured.reduce((total, group) => total + group[key], 0);
  return {
    n: judged.length,
    right: sum("right"),
    wrong: sum("wrong"),
    abstained: sum("abstained"),
    withheld: sum("withheld"),
    unjudged: subjects.length - judged.length,
    columns,
    confusion: rows.map(([truth, cells]) => ({
      truth,
      n: Object.values(cells).reduce((a, b) => a + b, 0),
      cells,
    })),
    classes: DRIVER_CLASSES.map((name) => classMeasure(name, judged)),
    groups: measured,
  };
}

function columnOf(subject: JudgedSubject): string {
  const { verdict, cohort } = subject;
  return verdict === "unknown" && cohort !== null ? `withheld: ${cohort}` : verdict ?? "unknown";
}

function count(group: GroupMeasure, subject: JudgedSubject, column: string): void {
  group.n++;
  if (column.startsWith("withheld: ")) group.withheld++;
  else if (column === "unknown" && subject.truth !== "unknown") group.abstained++;
  else if (column === subject.truth) group.right++;
  else {
    group.wrong++;
    group.wrongAs[column] = (group.wrongAs[column] ?? 0) + 1;
  }
}

function emptyGroup(group: string, truth: string): GroupMeasure {
  return { group, truth, n: 0, right: 0, wrong: 0, abstained: 0, withheld: 0, wrongAs: {} };
}

function classMeasure(name: OperatorType, judged: readonly JudgedSubject[]): ClassMeasure {
  const columns = judged.map((subject) => ({ truth: subject.truth, column: columnOf(subject) }));
  const called = columns.filter((each) => each.column === name);
  const are = columns.filter((each) => each.truth === name && !each.column.startsWith("withheld"));
  const right = called.filter((each) => each.truth === name).length;
  const precision = rate(right, called.length);
  const recall = rate(right, are.length);
  const { value: p } = precision;
  const { value: r } = recall;
  const f1 = p === null || r === null ? null : p + r === 0 ? 0 : 2 * p * r / (p + r);
  return { name, precision, recall, f1 };
}

function order(name: string): number {
  const index = OPERATOR_TYPES.indexOf(name as OperatorType);
  return index >= 0 ? index : OPERATOR_TYPES.length;
}

function entry<T>(map: Map<string, T>, key: string, make: () => T): T {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
