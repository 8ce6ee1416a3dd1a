import type { VerdictRow } from "../model/verdict.ts";
import { readWideRows } from "./frame.ts";
import { readReviews } from "./reviews.ts";
import type { Store } from "./store.ts";
import { TRUTH_KEY } from "./truthful_rows.ts";
import { readVerdicts } from "./verdicts.ts";

/** A session that phase 1 judged, with all that is said of it. */
interface JudgedSession {
  subjectId: string;
  substrate: string;
  verdict: VerdictRow;
  /** What phase 2 says; null where it says nothing. */
  second: VerdictRow | null;
  truth: string | null;
  /** Values that people gave it as its truth. */
  reviews: readonly string[];
}

/** The sessions and activities that phase 1 judged, by id; segments are parts of their session. */
export function readJudgedSessions(
  store: Store,
  { selector }: { selector?: string | undefined } = {},
): JudgedSession[] {
  const [first, second] = (["phase1", "phase2"] as const).map((writer) =>
    new Map(readVerdicts(store, { writer }).map((row) => [row.subject_id, row]))
  );
  const reviews = Map.groupBy(readReviews(store, { key: TRUTH_KEY }), (each) => each.subject_id);
  const out: JudgedSession[] = [];
  for (const row of readWideRows(store, selector === undefined ? {} : { selector })) {
    const verdict = first!.get(row.subject_id);
    if (verdict === undefined || row["subject_kind"] === "segment") continue;
    out.push({
      subjectId: row.subject_id,
      substrate: String(row["substrate"] ?? ""),
      verdict,
      second: second!.get(row.subject_id) ?? null,
      truth: row.labels[TRUTH_KEY] ?? null,
      reviews: (reviews.get(row.subject_id) ?? []).map(({ value }) => value),
    });
  }
  return out;
}
