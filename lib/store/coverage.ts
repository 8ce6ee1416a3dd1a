import type { Store } from "./store.ts";

/** What the store covers, and what it does not: "no coverage" must never read as "clean". */
export interface Coverage {
  sessions: number;
  /** Recordings by state. */
  recordings: Record<string, number>;
  /** Sessions without any recording, by the reason why. */
  withoutRecording: Record<string, number>;
  /** Events of kinds that this version does not know, and records left out inside recordings. */
  eventsUnknown: number;
  eventsSkipped: number;
  /** Inputs left out, by source and reason; `count` is rows or files. */
  skips: { source: string; reason: string; count: number }[];
}

/** Counts what the store covers. */
export function readCoverage(store: Store): Coverage {
  const { database } = store;
  const counts = (sql: string): Record<string, number> =>
    Object.fromEntries(
      database.prepare(sql).all().map(({ name, count }) => [String(name), Number(count)]),
    );
  const totals = database.prepare(`
    SELECT (SELECT count(*) FROM sessions) AS sessions,
      (SELECT coalesce(sum(events_unknown), 0) FROM recordings) AS unknown,
      (SELECT coalesce(sum(events_skipped), 0) FROM recordings) AS skipped`).get()!;
  return {
    sessions: Number(totals.sessions),
    recordings: counts(
      "SELECT state AS name, count(*) AS count FROM recordings GROUP BY state ORDER BY count(*) DESC",
    ),
    withoutRecording: counts(`
      SELECT coalesce(no_recording, 'unknown') AS name, count(*) AS count FROM sessions
      WHERE NOT EXISTS (SELECT 1 FROM recordings WHERE recordings.session_id = sessions.session_id)
      GROUP BY 1 ORDER BY count(*) DESC`),
    eventsUnknown: Number(totals.unknown),
    eventsSkipped: Number(totals.skipped),
    skips: database.prepare(`
      SELECT source, reason, sum(count) AS count FROM skips
      GROUP BY source, reason ORDER BY source, sum(count) DESC, reason`).all()
      .map(({ source, reason, count }) => ({
        source: String(source),
        reason: String(reason),
        count: Number(count),
      })),
  };
}
