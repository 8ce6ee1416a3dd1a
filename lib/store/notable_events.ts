import type { Store } from "./store.ts";

/**
 * A moment worth a reader's eye. Of a command no more than its program (from an allow-list, else
 * its keyed hash), canonical sub-command, number of arguments and exit code.
 */
export interface NotableEventRow {
  kind: string;
  /** ISO-8601 in UTC; null where the recording has no clock. */
  at: string | null;
  program: string | null;
  program_hash: string | null;
  subcommand: string | null;
  argument_count: number | null;
  exit_code: number | null;
}

const COLUMNS = [
  ...["kind", "at", "program", "program_hash", "subcommand", "argument_count", "exit_code"],
] as const satisfies readonly (keyof NotableEventRow)[];

/** Makes these the notable events of a subject, in their order. */
export function writeNotableEvents(
  store: Store,
  subjectId: string,
  events: readonly NotableEventRow[],
): void {
  store.transaction(() => {
    store.statement("DELETE FROM notable_events WHERE subject_id = ?").run(subjectId);
    const insert = store.statement(
      `INSERT INTO notable_events (subject_id, ordinal, ${COLUMNS})
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    events.forEach((event, i) => insert.run(subjectId, i, ...COLUMNS.map((name) => event[name])));
  });
}

/** The notable events of a subject, in order. */
export function readNotableEvents(store: Store, subjectId: string): NotableEventRow[] {
  return store.statement(
    `SELECT ${COLUMNS} FROM notable_events WHERE subject_id = ? ORDER BY ordinal`,
  ).all(subjectId).map((row) => ({ ...row } as unknown as NotableEventRow));
}
