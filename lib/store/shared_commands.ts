import type { ApiSubstrate, CallMinute } from "../model/call_minute.ts";
import { substratesOf } from "./api_sessions.ts";
import { minuteOf, minuteText } from "./call_minutes.ts";
import { type StoredTrace, storedTrace } from "./correlations.ts";
import type { Store } from "./store.ts";

const SESSION = `session_id, identity, vouched, substrate, kind, principal, driver, target,
  started_at, coalesce(ended_at, started_at) AS ended_at`;

/** Terminals of known identities whose log names so many commands of clouds, by their begin. */
export function* readCommandTerminals(
  store: Store,
  { least }: { least: number },
): Generator<StoredTrace> {
  const ids = store.database.prepare(
    `SELECT session_id FROM (
       SELECT subject_id FROM notable_events WHERE subcommand IS NOT NULL
       GROUP BY subject_id HAVING count(*) >= ?
     ) JOIN sessions ON session_id = subject_id
     WHERE kind <> 'api' AND started_at IS NOT NULL ORDER BY started_at, session_id`,
  );
  for (const { session_id } of ids.iterate(least)) {
    const row = store.statement(
      `SELECT ${SESSION} FROM sessions JOIN identities USING (substrate, principal)
       WHERE session_id = ? AND state = 'matched'`,
    ).get(session_id!);
    if (row !== undefined) yield storedTrace(row);
  }
}

/** The calls of one minute by user agents that name a command, over all callers. */
export function readCommandMinute(store: Store, minuteMs: number): CallMinute[] {
  return sourcesOf(store).flatMap((source) =>
    store.statement(
      `SELECT * FROM call_minutes INDEXED BY call_minutes_by_source
       WHERE source = ? AND minute = ? AND facts LIKE '%"command":"%'
       ORDER BY substrate, principal, driver`,
    ).all(source, minuteText(minuteMs)).map(minuteOf)
  );
}

/** Logs of API calls, of which there are few. */
function sourcesOf(store: Store): string[] {
  const sources: string[] = [];
  for (let source = "";;) {
    const next = store.statement("SELECT min(source) AS next FROM call_minutes WHERE source > ?")
      .get(source)!["next"];
    if (next === null) return sources;
    sources.push(source = String(next));
  }
}

/**
 * A caller's session at a moment, whosever it is: its identity is null where it is not known; null
 * where there is no such session.
 */
export function readSessionAt(
  store: Store,
  { substrate, principal, driver, atMs }: {
    substrate: ApiSubstrate;
    principal: string;
    driver: string;
    atMs: number;
  },
): { trace: StoredTrace; identity: string | null } | null {
  const at = new Date(atMs).toISOString();
  const row = store.statement(
    `SELECT ${SESSION} FROM sessions LEFT JOIN identities USING (substrate, principal)
     WHERE principal = ?1 AND driver = ?2 AND started_at <= ?3 AND substrate GLOB ?4
     ORDER BY started_at DESC LIMIT 1`,
  ).get(principal, driver, at, substratesOf(substrate));
  if (row === undefined || String(row["ended_at"]) < at) return null;
  return { trace: storedTrace(row), identity: row["identity"] as string | null };
}
