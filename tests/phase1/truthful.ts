import type { TruthfulRow } from "../../lib/model/judgement.ts";

/** A labelled session of which a test says only what it is about. */
export function truthful(
  subjectId: string,
  truth: string,
  rest: Partial<Omit<TruthfulRow, "subjectId" | "truth">> = {},
): TruthfulRow {
  return {
    subjectId,
    truth,
    group: "",
    facets: {},
    sessions: [subjectId],
    segments: [],
    row: {},
    ...rest,
  };
}
