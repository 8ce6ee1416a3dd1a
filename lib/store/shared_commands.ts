import type { ApiSubstrate, CallMinute } from "../model/call_minute.ts";
import { sideOf } from "../model/identity.ts";
import { SUBSTRATES } from "../model/vocabulary.ts";
import { substratesOf } from "./api_sessions.ts";
import { minuteText } from "./call_minutes.ts";
import { type StoredTrace, storedTrace } from "./correlations.ts";
import { eachRow } from "./each_row.ts";
import type { MinuteCommands } from "./minute_commands.ts";
import type { Store } from "./store.ts";
import { storedJson } from "./stored_json.ts";

const SESSION = `session_id, identity, vouched, substrate, principal, started_at,
  coalesce(ended_at, started_at) AS ended_at`;

/**
 * Terminals of known identities whose log names so many commands of clouds, by their begin; but for
 * those whose commands, most of them, show as calls of their own identity.
 */
export function* readCommandTerminals(
  store: Store,
  { least }: { least: number },
): Generator<StoredTrace> {
  const rows = eachRow(
    store,
    `SELECT ${SESSION} FROM (
       SELECT subject_id FROM notable_events WHERE subcommand IS NOT NULL
       GROUP BY subject_id HAVING count(*) >= ?
     ) JOIN sessions ON session_id = subject_id JOIN identities USING (substrate, principal)
     WHERE kind <> 'api' AND started_at IS NOT NULL AND state = 'matched'
     ORDER BY started_at, session_id`,
    least,
  );
  for (const row of rows) {
    const trace = storedTrace(row);
    if (!isExplained(store, trace.id)) yield trace;
  }
}

function isExplained(store: Store, sessionId: string): boolean {
  return store.statement(
    `SELECT 1 FROM (
       SELECT evidence FROM correlations WHERE session_id = ?1 AND other_identity IS NULL
       UNION ALL
       SELECT evidence FROM correlations WHERE other_id = ?1 AND other_identity IS NULL
     ) WHERE evidence ->> '$.nested.matched' >= 0.5 * (evidence ->> '$.nested.of') LIMIT 1`,
  ).get(sessionId) !== undefined;
}

/** A principal's identity; null where it is not known. */
export function readIdentity(
  store: Store,
  { substrate, principal }: { substrate: ApiSubstrate; principal: string },
): string | null {
  // each by itself: the key of the table begins with the substrate
  for (const name of SUBSTRATES.filter((name) => sideOf(name) === sideOf(substrate))) {
    const row = store.statement(
      "SELECT identity FROM identities WHERE substrate = ? AND principal = ?",
    ).get(name, principal);
    if (row !== undefined) return row["identity"] as string | null;
  }
  return null;
}

/** Who called what in a minute. */
interface CommandMinute extends Pick<CallMinute, "substrate" | "principal" | "driver"> {
  commands: MinuteCommands;
}

/** The commands that calls of one minute belong to, over all callers of some logs. */
export function readCommandMinute(
  store: Store,
  minuteMs: number,
  { sources }: { sources: readonly string[] },
): CommandMinute[] {
  return sources.flatMap((source) =>
    store.statement(
      `SELECT substrate, principal, driver, commands FROM called_commands
       WHERE source = ? AND minute = ? ORDER BY substrate, principal, driver`,
    ).all(source, minuteText(minuteMs)).map((row) => ({
      substrate: row["substrate"] as ApiSubstrate,
      principal: String(row["principal"]),
      driver: String(row["driver"]),
      commands: storedJson(store, "called_commands.commands", row["commands"]),
    }))
  );
}

/** Logs of API calls, of which there are few. */
export function readCallSources(store: Store): string[] {
  const sources: string[] = [];
  for (let source = "";;) {
    const next = store.statement("SELECT min(source) AS next FROM call_minutes WHERE source > ?")
      .get(source)!["next"];
    if (next === null) return sources;
    sources.push(source = String(next));
  }
}

/** A caller's session at a moment; null where there is none. */
export function readSessionAt(
  store: Store,
  { substrate, principal, driver, atMs }: {
    substrate: ApiSubstrate;
    principal: string;
    driver: string;
    atMs: number;
  },
): StoredTrace | null {
  const at = new Date(atMs).toISOString();
  const row = store.statement(
    `SELECT ${SESSION} FROM sessions LEFT JOIN identities USING (substrate, principal)
     WHERE principal = ? AND driver = ? AND started_at <= ? AND substrate GLOB ?
     ORDER BY started_at DESC LIMIT 1`,
  ).get(principal, driver, at, substratesOf(substrate));
  return row === undefined || String(row["ended_at"]) < at ? null : storedTrace(row);
}
