import { dropLabel, isManual, putLabel } from "./label_rows.ts";
import type { Store } from "./store.ts";

const TYPE = "operator.type";
const CONFIDENCE = "confidence.operator-type";

/** Labels that verdicts are resolved into; no classifier writes or removes them itself. */
export const RESOLVED_KEYS: ReadonlySet<string> = new Set([TYPE, CONFIDENCE]);

/**
 * Brings `operator.type` and `confidence.operator-type` of a subject in line with its verdicts: by
 * hand before phase 2 before phase 1. A type set by hand has no confidence, nor has `unknown`;
 * others are written with at most four decimals. `by` is who caused it, for the history.
 */
export function resolveOperatorType(
  store: Store,
  subject_id: string,
  by: { set_by: string; set_at: string },
): void {
  const verdict = store.statement(
    `SELECT version, operator_type, confidence, set_at FROM verdicts
     WHERE subject_id = ? ORDER BY writer DESC LIMIT 1`,
  ).get(subject_id);
  const byHand = isManual(writerOf(store, subject_id, TYPE) ?? "");
  if (verdict !== undefined && !byHand) {
    const stated = {
      subject_id,
      set_by: String(verdict["version"]),
      set_at: String(verdict["set_at"]),
    };
    const value = String(verdict["operator_type"]);
    putLabel(store, { ...stated, key: TYPE, value });
    const confidence = verdict["confidence"];
    if (typeof confidence === "number" && value !== "unknown") {
      const text = String(Math.round(confidence * 1e4) / 1e4);
      putLabel(store, { ...stated, key: CONFIDENCE, value: text });
      return;
    }
  }
  const writer = writerOf(store, subject_id, CONFIDENCE);
  if (writer !== null && !isManual(writer)) {
    dropLabel(store, { subject_id, key: CONFIDENCE, ...by });
  }
}

function writerOf(store: Store, subjectId: string, key: string): string | null {
  const row = store.statement("SELECT set_by FROM labels WHERE subject_id = ? AND key = ?")
    .get(subjectId, key);
  return row === undefined ? null : String(row["set_by"]);
}
