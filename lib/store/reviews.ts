import { isManual, recordChange } from "./label_rows.ts";
import { labelRefusal, listLabels, setLabels } from "./labels.ts";
import type { Store } from "./store.ts";

/** What one person says of one subject under one key, whatever others say there. */
export interface Review {
  subject_id: string;
  key: string;
  value: string;
  /** `manual:<user>`. */
  set_by: string;
  set_at: string;
}

/**
 * What each person last said, by subject, key and person. A label has one value, the last one set;
 * what others had said before stands in the history. What a person took back is no longer said.
 */
export function readReviews(store: Store, { key }: { key?: string | undefined } = {}): Review[] {
  return store.statement(
    `SELECT subject_id, key, new_value AS value, set_by, set_at FROM label_history
     WHERE change_id IN (
       SELECT max(change_id) FROM label_history
       WHERE set_by LIKE 'manual:%' AND (?1 IS NULL OR key = ?1)
       GROUP BY subject_id, key, set_by
     ) AND change <> 'removed'
     ORDER BY subject_id, key, set_by`,
  ).all(key ?? null).map((row) => ({ ...row } as unknown as Review));
}

/**
 * What became of a review from elsewhere; `conflict`: another person's value stands, and this one
 * is kept in the history beside it.
 */
export type ReviewOutcome =
  | { outcome: "set" | "unchanged" }
  | { outcome: "conflict"; kept: string; keptBy: string }
  | { outcome: "refused"; reason: string };

/**
 * Takes what a person said in another store. It never replaces what another person says here; it
 * replaces what the same person said before. Doing it again changes nothing.
 */
export function importReview(
  store: Store,
  review: Omit<Review, "set_at">,
  now: Date,
): ReviewOutcome {
  const { subject_id, key, value, set_by } = review;
  const reason = labelRefusal(store, review);
  if (reason !== null) return { outcome: "refused", reason };
  return store.transaction((): ReviewOutcome => {
    const said = store.statement(
      `SELECT change, new_value FROM label_history
       WHERE subject_id = ? AND key = ? AND set_by = ? ORDER BY change_id DESC LIMIT 1`,
    ).get(subject_id, key, set_by);
    const isSaid = said !== undefined && said["change"] !== "removed" &&
      said["new_value"] === value;
    const label = listLabels(store, subject_id).find((each) => each.key === key);
    const others = label !== undefined && isManual(label.set_by) && label.set_by !== set_by;
    if (!others || label.value === value) {
      if (isSaid && label !== undefined) return { outcome: "unchanged" };
      setLabels(store, [{ subject_id, key, value }], { setBy: set_by, now });
      return { outcome: "set" };
    }
    if (!isSaid) {
      recordChange(store, {
        ...{ subject_id, key, change: "conflict", old_value: label.value, new_value: value },
        ...{ set_by, set_at: now.toISOString() },
      });
    }
    return { outcome: "conflict", kept: label.value, keptBy: label.set_by };
  });
}
