import type { Store } from "./store.ts";

/** Free text about a subject. */
interface NoteRow {
  subject_id: string;
  text: string;
  set_by: string;
  set_at: string;
}

/** Adds a note; the same text of the same writer is kept once, with its first time. */
export function addNote(store: Store, note: NoteRow): void {
  store.statement(
    "INSERT OR IGNORE INTO notes (subject_id, text, set_by, set_at) VALUES (?, ?, ?, ?)",
  ).run(note.subject_id, note.text, note.set_by, note.set_at);
}

/** The notes on a subject, oldest first. */
export function listNotes(store: Store, subjectId: string): NoteRow[] {
  return store.statement(
    "SELECT subject_id, text, set_by, set_at FROM notes WHERE subject_id = ? ORDER BY note_id",
  ).all(subjectId).map((row) => ({ ...row } as unknown as NoteRow));
}
