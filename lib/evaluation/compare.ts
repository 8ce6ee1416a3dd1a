import type { Judgement } from "../model/judgement.ts";
import type { OperatorType } from "../model/vocabulary.ts";

/** One verdict that differs. */
interface VerdictChange {
  /** As `subject_id` in the store. */
  subjectId: string;
  /** What it is counted under, such as its source. */
  group: string;
  /** The verdict of the pack that is there. */
  from: OperatorType;
  /** That of the one that takes its place. */
  to: OperatorType;
  /** null where it is not known. */
  truth: string | null;
  /** Against the truth: it became right or wrong, was right and is `unknown`, or none of these. */
  effect: "became-right" | "became-wrong" | "no-longer-right" | "none";
}

/** What changes when one pack takes another's place. */
export interface Comparison {
  /** Subjects that both packs judge. */
  n: number;
  /** Those of them whose truth is known. */
  labelled: number;
  /** Every verdict that differs, in the order of the input. */
  changes: VerdictChange[];
  /**
   * The changes added up: `n` of them go `from` one type `to` another, and of these `becameRight` and
   * `becameWrong` by their truth. The most frequent first.
   */
  moves: {
    from: OperatorType;
    to: OperatorType;
    n: number;
    becameRight: number;
    becameWrong: number;
  }[];
  /** Of those labelled: was wrong or `unknown`, and is right now. */
  becameRight: number;
  /** Of those labelled: was right or `unknown`, and is wrong now. */
  becameWrong: number;
  /** Was right, and is `unknown` now. */
  noLongerRight: number;
}

/** A verdict by a pack; `truth` is null where it is not known. */
type Judged = Pick<Judgement, "subjectId" | "group" | "verdict"> & { truth: string | null };

/** Verdicts of the same subjects by two packs. Subjects that only one side has are left out. */
export function compareVerdicts(
  before: readonly Judged[],
  after: readonly Judged[],
): Comparison {
  const earlier = new Map(before.map((each) => [each.subjectId, each]));
  const both = after.filter(({ subjectId }) => earlier.has(subjectId));
  const changes = both.flatMap((now): VerdictChange[] => {
    const { subjectId, group, truth, verdict: to } = now;
    const from = earlier.get(subjectId)!.verdict;
    return from === to
      ? []
      : [{ subjectId, group, from, to, truth, effect: effectOf(truth, { from, to }) }];
  });
  const moves = new Map<string, Comparison["moves"][number]>();
  for (const { from, to, effect } of changes) {
    const move = moves.get(`${from} ${to}`) ?? { from, to, n: 0, becameRight: 0, becameWrong: 0 };
    move.n++;
    if (effect === "became-right") move.becameRight++;
    if (effect === "became-wrong") move.becameWrong++;
    moves.set(`${from} ${to}`, move);
  }
  const sum = (effect: VerdictChange["effect"]) =>
    changes.filter((change) => change.effect === effect).length;
  return {
    n: both.length,
    labelled: both.filter(({ truth }) => truth !== null).length,
    changes,
    moves: [...moves.values()].sort((a, b) => b.n - a.n),
    becameRight: sum("became-right"),
    becameWrong: sum("became-wrong"),
    noLongerRight: sum("no-longer-right"),
  };
}

// `unknown` is not wrong: it says nothing.
function effectOf(
  truth: string | null,
  { from, to }: { from: OperatorType; to: OperatorType },
): VerdictChange["effect"] {
  if (truth === null) return "none";
  const isWrong = (verdict: OperatorType) => verdict !== truth && verdict !== "unknown";
  if (to === truth) return "became-right";
  if (isWrong(to) && !isWrong(from)) return "became-wrong";
  return from === truth ? "no-longer-right" : "none";
}
