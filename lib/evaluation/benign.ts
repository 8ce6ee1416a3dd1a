import { z } from "zod";
import type { JudgedSubject } from "../model/judgement.ts";

/** Sessions known to be called agent though none drives them, each with the reason. */
export const EXCEPTIONS_SCHEMA = z.array(
  z.strictObject({ subject: z.string().min(1).max(200), why: z.string().trim().min(10).max(2000) }),
).max(1000);
type BenignException = z.infer<typeof EXCEPTIONS_SCHEMA>[number];

/** What the gate of benign sessions found. */
interface BenignOutcome {
  /** Called agent, and not a known exception. */
  called: string[];
  /** Known exceptions that are labelled here and not called agent any more: take them off the list. */
  stale: string[];
}

/**
 * Holds sessions of people and scripts to it that they are never called agent, but for known
 * exceptions. What is `mixed` in truth has an agent in it and is left out.
 */
export function benignGate(
  subjects: readonly Pick<JudgedSubject, "subjectId" | "truth" | "verdict">[],
  exceptions: readonly BenignException[],
): BenignOutcome {
  const known = new Set(exceptions.map(({ subject }) => subject));
  const benign = subjects.filter(({ truth }) => truth === "human" || truth === "automation");
  const isCalled = ({ verdict }: (typeof benign)[number]) => verdict === "agent";
  const ids = (some: typeof benign) => some.map(({ subjectId }) => subjectId).sort();
  return {
    called: ids(benign.filter((each) => isCalled(each) && !known.has(each.subjectId))),
    stale: ids(benign.filter((each) => !isCalled(each) && known.has(each.subjectId))),
  };
}
