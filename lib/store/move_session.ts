import type { LabelRow } from "../model/label.ts";
import { isKept, isManual, putLabel, recordChange } from "./label_rows.ts";
import { listLabels } from "./labels.ts";
import { resolveOperatorType } from "./operator_type.ts";
import { addAlias } from "./sessions.ts";
import type { Store } from "./store.ts";

/** A label that both ids had, with different values: one had to give way. */
interface LabelConflict {
  key: string;
  /** What stands now, and who set it. */
  kept: { value: string; set_by: string };
  dropped: { value: string; set_by: string };
}

/** What became of the labels of a session that moved. */
interface SessionMove {
  /** Keys of the labels that came along. */
  moved: string[];
  /** Also kept in `label_history` as changes named `conflict`. */
  conflicts: LabelConflict[];
}

/**
 * Gives a session its new id. The old one becomes an alias; labels set by hand, `truth.*` labels,
 * notes, the history of labels, recordings and segments move; the old row with its features,
 * verdicts and other labels goes, for they are computed anew under the new id. The session of the
 * new id must be there. Where both ids have such a label with different values, a person's stands
 * before a machine's, else the new id's: the conflict is listed. An old id that the store does not
 * hold only becomes an alias.
 */
export function moveSession(
  store: Store,
  { from, to, now }: { from: string; to: string; now: Date },
): SessionMove {
  if (from === to) return { moved: [], conflicts: [] };
  return store.transaction(() => {
    for (const sql of SESSION_MOVES) store.statement(sql).run(to, from);
    const move = moveMarks(store, { from, to, now });
    store.statement("DELETE FROM sessions WHERE session_id = ?").run(from);
    addAlias(store, from, to);
    resolveOperatorType(store, to, { set_by: "ingest", set_at: now.toISOString() });
    return move;
  });
}

/**
 * Hangs what people wrote down about one subject on another, as {@link moveSession} does; the old
 * one stays. Both must be there.
 */
export function moveMarks(
  store: Store,
  { from, to, now }: { from: string; to: string; now: Date },
): SessionMove {
  const move: SessionMove = { moved: [], conflicts: [] };
  store.transaction(() => {
    const set_at = now.toISOString();
    const there = new Map(listLabels(store, to).map((label) => [label.key, label]));
    for (const sql of MARK_MOVES) store.statement(sql).run(to, from);
    for (const label of listLabels(store, from)) {
      if (!isKept(label)) continue;
      const other = there.get(label.key);
      const rival = other !== undefined && isKept(other) ? other : null;
      const stands = rival !== null && (isManual(rival.set_by) || !isManual(label.set_by));
      if (!stands) {
        putLabel(store, { ...label, subject_id: to }, { change: "moved" });
        move.moved.push(label.key);
      }
      if (rival === null || rival.value === label.value) continue;
      const [kept, dropped] = stands ? [rival, label] : [label, rival];
      move.conflicts.push({ key: label.key, kept: writing(kept), dropped: writing(dropped) });
      recordChange(store, {
        subject_id: to,
        key: label.key,
        change: "conflict",
        old_value: kept.value,
        new_value: dropped.value,
        set_by: dropped.set_by,
        set_at,
      });
    }
  });
  return move;
}

/** Whether people wrote something down about a subject: labels that must survive, or notes. */
export function hasMarks(store: Store, subjectId: string): boolean {
  return listLabels(store, subjectId).some(isKept) ||
    store.statement("SELECT 1 FROM notes WHERE subject_id = ?").get(subjectId) !== undefined;
}

function writing({ value, set_by }: LabelRow): { value: string; set_by: string } {
  return { value, set_by };
}

/** Statements that hang what must survive on the new id: `?1` is the new one, `?2` the old. */
const MARK_MOVES = [
  "UPDATE label_history SET subject_id = ?1 WHERE subject_id = ?2",
  `INSERT OR IGNORE INTO notes (subject_id, text, set_by, set_at)
   SELECT ?1, text, set_by, set_at FROM notes WHERE subject_id = ?2 ORDER BY note_id`,
  "UPDATE llm_calls SET subject_id = ?1 WHERE subject_id = ?2",
  "UPDATE OR IGNORE llm_answers SET subject_id = ?1 WHERE subject_id = ?2",
];
const SESSION_MOVES = [
  "UPDATE recordings SET session_id = ?1 WHERE session_id = ?2",
  "UPDATE subjects SET session_id = ?1 WHERE session_id = ?2 AND kind = 'segment'",
  `INSERT OR IGNORE INTO activity_members (subject_id, session_id)
   SELECT subject_id, ?1 FROM activity_members WHERE session_id = ?2`,
  "UPDATE session_aliases SET session_id = ?1 WHERE session_id = ?2 AND alias <> ?1",
];
