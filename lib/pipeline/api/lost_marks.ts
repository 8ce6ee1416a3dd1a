import { hasMarks } from "../../store/move_session.ts";
import { recordSkips } from "../../store/runs.ts";
import type { Store } from "../../store/store.ts";

/**
 * Counts as left out what people wrote down about a subject that is about to go: nothing is left to
 * hang it on.
 */
export function tellLostMarks(store: Store, subjectId: string): void {
  if (!hasMarks(store, subjectId)) return;
  const reason = "labels or notes by hand of a session whose calls are no longer in the log";
  recordSkips(store, [{ source: "sessions", uri: subjectId, reason, count: 1 }]);
}
