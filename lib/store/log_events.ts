import type { Substrate } from "../model/vocabulary.ts";
import type { Store } from "./store.ts";

/** Events of one type on one day of an audit log. */
interface LogEventRow {
  /** `YYYY-MM-DD`, UTC. */
  day: string;
  /** `unknown` where its name has no plain form. */
  event_type: string;
  events: number;
  /** Those of them that belong to a session. */
  in_sessions: number;
}

/** An audit log, and the days of it that were counted, both ends included. */
interface CountedDays {
  /** As `pulls` names its source. */
  uri: string;
  substrate: Substrate;
  firstDay: string;
  lastDay: string;
}

/**
 * Makes these the counts of the days of a log, in place of those that were there. Rows of the same
 * day and type are added up.
 */
export function replaceLogEvents(
  store: Store,
  { uri, substrate, firstDay, lastDay }: CountedDays,
  rows: readonly LogEventRow[],
): void {
  const insert = store.statement(
    `INSERT INTO log_events (uri, substrate, day, event_type, events, in_sessions)
     VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE
     SET events = events + excluded.events, in_sessions = in_sessions + excluded.in_sessions`,
  );
  store.transaction(() => {
    store.statement("DELETE FROM log_events WHERE uri = ? AND day BETWEEN ? AND ?")
      .run(uri, firstDay, lastDay);
    for (const { day, event_type, events, in_sessions } of rows) {
      insert.run(uri, substrate, day, event_type, events, in_sessions);
    }
  });
}

/** Events of a type over all days of all logs of a substrate. */
export interface LogEventSum extends Omit<LogEventRow, "day"> {
  substrate: string;
}

/** What the audit logs hold, by substrate and type. */
export function readLogEvents(store: Store): LogEventSum[] {
  return store.statement(
    `SELECT substrate, event_type, sum(events) AS events, sum(in_sessions) AS in_sessions
     FROM log_events GROUP BY 1, 2 ORDER BY 1, 2`,
  ).all().map((row) => ({ ...row } as unknown as LogEventSum));
}
