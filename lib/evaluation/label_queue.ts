import type { Distribution } from "../model/verdict.ts";
import { DRIVER_CLASSES, type OperatorType } from "../model/vocabulary.ts";

/** A session that a person might label, with what is said of it already. */
export interface Candidate {
  subjectId: string;
  /** What it is like: its substrate and the rules that voted. */
  region: string;
  verdict: OperatorType;
  distribution: Distribution | null;
  /** Why the verdict is withheld; null where it is not. */
  cohort: string | null;
  /** What phase 2 says; null where it says nothing. */
  secondVerdict: OperatorType | null;
  /** The ground truth that is known; null without. */
  truth: string | null;
  /** What reviewers say of it. */
  reviews: readonly string[];
}

/** Why a session is worth a label. */
const QUEUE_REASONS = ["disagreement", "uncertain", "uncovered"] as const;
type QueueReason = (typeof QUEUE_REASONS)[number];

/** One place in the queue. */
interface QueuedSubject {
  subjectId: string;
  why: QueueReason;
  /** One sentence of ours. */
  detail: string;
  verdict: OperatorType;
  margin: number;
}

/**
 * What to label next, the most telling first: by turns one that reviewers or phases disagree on,
 * the one that rules are least sure of, and one that is typical of the largest region of which no
 * session is labelled. A region is what the same rules voted on. What is labelled comes up only
 * where reviewers disagree. Deterministic: ties go by id. Pure.
 */
export function labelQueue(
  candidates: readonly Candidate[],
  { n }: { n: number },
): QueuedSubject[] {
  const queues = [disagreements(candidates), uncertain(candidates), uncovered(candidates)];
  const out: QueuedSubject[] = [];
  const taken = new Set<string>();
  while (out.length < n && queues.some((queue) => queue.length > 0)) {
    for (const queue of queues) {
      let next = queue.shift();
      while (next !== undefined && taken.has(next.subjectId)) next = queue.shift();
      if (next === undefined || out.length === n) continue;
      taken.add(next.subjectId);
      out.push(next);
    }
  }
  return out;
}

function disagreements(candidates: readonly Candidate[]): QueuedSubject[] {
  return candidates.flatMap((each): QueuedSubject[] => {
    const said = [...new Set(each.reviews)].sort();
    if (said.length > 1) return [queued(each, "disagreement", `Reviewers say ${said.join(", ")}`)];
    const { truth, verdict, secondVerdict } = each;
    if (truth !== null || secondVerdict === null || secondVerdict === verdict) return [];
    return [queued(each, "disagreement", `Phase 1 says ${verdict}, phase 2 ${secondVerdict}`)];
  }).sort((a, b) => byId(a, b));
}

function uncertain(candidates: readonly Candidate[]): QueuedSubject[] {
  return candidates
    .filter(({ truth, cohort, distribution }) =>
      truth === null && cohort === null && distribution !== null
    )
    .map((each) =>
      queued(each, "uncertain", `The best class leads by ${marginOf(each).toFixed(2)}`)
    )
    .sort((a, b) => a.margin - b.margin || byId(a, b));
}

function uncovered(candidates: readonly Candidate[]): QueuedSubject[] {
  return [...Map.groupBy(candidates, ({ region }) => region).values()]
    .filter((region) => region.every(({ truth }) => truth === null))
    .sort((a, b) => b.length - a.length || byId(a[0]!, b[0]!))
    .map((region) =>
      queued(
        typicalOf(region),
        "uncovered",
        `Typical of ${region.length} on which the same rules voted, none of them labelled`,
      )
    );
}

/** The one whose distribution is closest to the mean of its region. */
function typicalOf(region: readonly Candidate[]): Candidate {
  const mean = DRIVER_CLASSES.map((name) =>
    region.reduce((sum, { distribution }) => sum + (distribution?.[name] ?? 0), 0) / region.length
  );
  const distance = ({ distribution }: Candidate) =>
    DRIVER_CLASSES.reduce((sum, name, i) => sum + ((distribution?.[name] ?? 0) - mean[i]!) ** 2, 0);
  return region.reduce((best, each) => {
    const closer = distance(each) - distance(best);
    return closer < 0 || (closer === 0 && each.subjectId < best.subjectId) ? each : best;
  });
}

function queued(of: Candidate, why: QueueReason, detail: string): QueuedSubject {
  return { subjectId: of.subjectId, why, detail, verdict: of.verdict, margin: marginOf(of) };
}

function marginOf({ distribution }: Candidate): number {
  if (distribution === null) return 0;
  const [best = 0, second = 0] = Object.values(distribution).sort((a, b) => b - a);
  return best - second;
}

function byId(a: { subjectId: string }, b: { subjectId: string }): number {
  return a.subjectId < b.subjectId ? -1 : a.subjectId > b.subjectId ? 1 : 0;
}
