import type { LabelRow } from "../model/label.ts";
import type { Store } from "./store.ts";

/** What became of one label. */
export type PutOutcome = "set" | "unchanged" | "kept-manual" | "kept-phase2";

/** How `label_history` names a change. */
type LabelChange = "set" | "removed" | "moved" | "conflict";

/** Whether a writer is a person. */
export function isManual(setBy: string): boolean {
  return setBy.startsWith("manual:");
}

/** The family of a writer: `phase1` of `phase1@0a1b2c3d`, `manual` of `manual:ana`. */
export function writerFamily(setBy: string): string {
  return /^[^@:]*/.exec(setBy)![0];
}

const SELECT = "SELECT value, set_by FROM labels WHERE subject_id = ? AND key = ?";
const PUT = `INSERT INTO labels (subject_id, key, value, set_by, set_at) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (subject_id, key)
  DO UPDATE SET value = excluded.value, set_by = excluded.set_by, set_at = excluded.set_at`;

/** What stands in a label's place; null: nothing. */
export type StandingLabel = Pick<LabelRow, "value" | "set_by"> | null;

/**
 * Writes one label that is known to be valid, and its history. A person's label gives way only to a
 * person's, one of phase 2 not to phase 1; same value and writer change nothing, `set_at` included.
 */
export function putLabel(
  store: Store,
  label: LabelRow,
  { change = "set", standing = standingLabel(store, label) }: {
    change?: LabelChange;
    /** Where it is known already. */
    standing?: StandingLabel;
  } = {},
): PutOutcome {
  const { subject_id, key, value, set_by, set_at } = label;
  if (standing !== null) {
    if (standing.value === value && standing.set_by === set_by) return "unchanged";
    if (isManual(standing.set_by) && !isManual(set_by)) return "kept-manual";
    if (writerFamily(standing.set_by) === "phase2" && writerFamily(set_by) === "phase1") {
      return "kept-phase2";
    }
  }
  store.statement(PUT).run(subject_id, key, value, set_by, set_at);
  const old_value = standing?.value ?? null;
  recordChange(store, { ...label, change, old_value, new_value: value });
  return "set";
}

function standingLabel(
  store: Store,
  { subject_id, key }: Pick<LabelRow, "subject_id" | "key">,
): StandingLabel {
  const row = store.statement(SELECT).get(subject_id, key);
  return row === undefined ? null : { value: String(row["value"]), set_by: String(row["set_by"]) };
}

/** Removes one label, whoever set it, and writes its history; false where there is none. */
export function dropLabel(store: Store, label: Omit<LabelRow, "value">): boolean {
  const { subject_id, key } = label;
  const standing = standingLabel(store, label);
  if (standing === null) return false;
  store.statement("DELETE FROM labels WHERE subject_id = ? AND key = ?").run(subject_id, key);
  const old_value = standing.value;
  recordChange(store, { ...label, change: "removed", old_value, new_value: null });
  return true;
}

/** One row of `label_history`: a change of the label `key` of `subject_id`. */
export interface LabelHistoryRow {
  subject_id: string;
  key: string;
  /** `moved`: along with its session's id; `conflict`: two met, `old_value` stands, the other not. */
  change: LabelChange;
  /** null: it was not there. */
  old_value: string | null;
  /** null: it was removed. */
  new_value: string | null;
  /** Who changed it, as of a {@link LabelWriter}. */
  set_by: string;
  /** ISO time, UTC. */
  set_at: string;
}

/** Adds a row to the history. */
export function recordChange(store: Store, row: LabelHistoryRow): void {
  store.statement(
    `INSERT INTO label_history (subject_id, key, change, old_value, new_value, set_by, set_at)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    row.subject_id,
    row.key,
    row.change,
    row.old_value,
    row.new_value,
    row.set_by,
    row.set_at,
  );
}

/** Whether a label must survive its session: a person's, and the ground truth. */
export function isKept({ key, set_by }: LabelRow): boolean {
  return isManual(set_by) || key.startsWith("truth.");
}
