import { atOnce } from "../model/hear_signal.ts";
import type { NoRecordingReason } from "../model/vocabulary.ts";
import type { Store } from "./store.ts";

/** What the store covers, and what it does not: "no coverage" must never read as "clean". */
export interface Coverage {
  /** All of them, segments and activities aside. */
  sessions: number;
  /** Every session once, by what is known of its recordings: see {@link SessionCoverage}. */
  sessionsBy: Partial<Record<SessionCoverage, number>>;
  /** Recordings by state. */
  recordings: Record<string, number>;
  /** Sessions without any recording, by the reason why. */
  withoutRecording: Record<string, number>;
  /** Events of kinds that this version does not know, inside recordings. */
  eventsUnknown: number;
  /** Records left out inside recordings: duplicates, broken ones. */
  eventsSkipped: number;
  /** Inputs left out, by `source` and `reason`; `count` is rows or files. */
  skips: { source: string; reason: string; count: number }[];
}

/**
 * What is known of a session's recordings. `recorded`: all were read whole; `recorded-in-part`: some
 * of it could be read; `failed`: it is there and could not be had; `not-read-yet`: a pull ended
 * before its turn; `not-uploaded-yet`: it may still come; `calls-only`: API calls, of which there is
 * no recording. The others say why there is nothing to read.
 */
export type SessionCoverage =
  | "recorded"
  | "recorded-in-part"
  | "failed"
  | "missing"
  | "encrypted"
  | "unsupported"
  | "not-read-yet"
  | "not-uploaded-yet"
  | "calls-only"
  | NoRecordingReason;

// Teleport completes uploads that were given up within 24 hours: until then a session of which no
// upload was seen may still get its recording. Counted from the last pull, not from now, so that
// the same store always tells the same.
const sessionsWithCoverage = (which: string) => `
  WITH by_session AS (
    SELECT sessions.session_id, substrate, kind, no_recording, started_at,
      count(state) AS known,
      count(*) FILTER (WHERE state = 'parsed') AS parsed,
      count(*) FILTER (WHERE state = 'truncated') AS truncated,
      count(*) FILTER (WHERE state = 'failed') AS failed,
      count(*) FILTER (WHERE state = 'encrypted') AS encrypted,
      count(*) FILTER (WHERE state = 'unsupported') AS unsupported,
      count(*) FILTER (WHERE state = 'pending') AS pending
    FROM sessions LEFT JOIN recordings USING (session_id)
    WHERE ${which} GROUP BY sessions.session_id
  )
  SELECT CASE
      WHEN known = 0 AND kind = 'api' THEN 'calls-only'
      WHEN known = 0 AND coalesce(no_recording, 'unknown') <> 'unknown' THEN no_recording
      WHEN known = 0 AND substrate LIKE 'teleport-%' AND started_at >= (
        SELECT strftime('%Y-%m-%dT%H:%M:%fZ', max(pulled_at), '-1 day') FROM pulls
        WHERE source LIKE 'teleport %'
      ) THEN 'not-uploaded-yet'
      WHEN known = 0 THEN 'unknown'
      WHEN parsed = known THEN 'recorded'
      WHEN parsed + truncated > 0 THEN 'recorded-in-part'
      WHEN failed > 0 THEN 'failed'
      WHEN encrypted > 0 THEN 'encrypted'
      WHEN unsupported > 0 THEN 'unsupported'
      WHEN pending > 0 THEN 'not-read-yet'
      ELSE 'missing'
    END AS name, substr(started_at, 1, 10) AS day
  FROM by_session`;
/** Sessions that are counted at a time. */
const LOT = 50_000;
const SESSIONS_BY = `SELECT name, count(*) AS count
  FROM (${
  sessionsWithCoverage("sessions.session_id > ? AND sessions.session_id <= ?")
}) GROUP BY 1`;

/**
 * Number of `sessions` by the `day` (`YYYY-MM-DD`, UTC) that they began on and by what is known of
 * their recordings. Sessions whose begin is not known are left out.
 */
export function readCoverageByDay(
  store: Store,
): { day: string; coverage: SessionCoverage; sessions: number }[] {
  return store.database.prepare(
    `SELECT day, name, count(*) AS sessions FROM (${sessionsWithCoverage("TRUE")})
     WHERE day IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2`,
  ).all().map(({ day, name, sessions }) => ({
    day: String(day),
    coverage: String(name) as SessionCoverage,
    sessions: Number(sessions),
  }));
}

/** A coverage as the numbers that a run keeps of it: `coverage.sessions`, `coverage.recorded`, … */
export function coverageNumbers({ sessions, sessionsBy }: Coverage): Record<string, number> {
  const named = Object.entries(sessionsBy).map(([name, count]) => [`coverage.${name}`, count]);
  return { "coverage.sessions": sessions, ...Object.fromEntries(named) };
}

/** The coverage of a store without a session. */
export function noCoverage(): Coverage {
  return {
    ...{ sessions: 0, sessionsBy: {}, recordings: {}, withoutRecording: {} },
    ...{ eventsUnknown: 0, eventsSkipped: 0, skips: [] },
  };
}

/** Counts what the store covers. */
export function readCoverage(store: Store): Coverage {
  return atOnce(coverageInSteps(store));
}

/** The same, some sessions a step. */
export function* coverageInSteps(store: Store): Generator<void, Coverage> {
  const sessionsBy = yield* countSessionsBy(store);
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
    sessionsBy,
    recordings: counts(
      "SELECT state AS name, count(*) AS count FROM recordings GROUP BY state ORDER BY count(*) DESC",
    ),
    withoutRecording: counts(`
      SELECT coalesce(no_recording, 'unknown') AS name, count(*) AS count FROM sessions
      WHERE kind <> 'api' AND NOT EXISTS (SELECT 1 FROM recordings WHERE recordings.session_id = sessions.session_id)
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

function* countSessionsBy(store: Store): Generator<void, Coverage["sessionsBy"]> {
  const counts = new Map<string, number>();
  for (let after = "";;) {
    const last = store.statement(
      `SELECT max(session_id) AS last FROM (
         SELECT session_id FROM sessions WHERE session_id > ? ORDER BY session_id LIMIT ${LOT})`,
    ).get(after)!["last"];
    if (last === null) break;
    for (const { name, count } of store.statement(SESSIONS_BY).all(after, last!)) {
      counts.set(String(name), (counts.get(String(name)) ?? 0) + Number(count));
    }
    after = String(last);
    yield;
  }
  return Object.fromEntries(
    [...counts].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1)),
  );
}
