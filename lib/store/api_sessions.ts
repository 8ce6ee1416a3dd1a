import type { ApiSubstrate } from "../model/call_minute.ts";
import type { CallerKey } from "./call_minutes.ts";
import type { Store } from "./store.ts";

/** A stored session of API calls; times in milliseconds since 1970. */
export interface StoredApiSession {
  id: string;
  driver: string;
  startedMs: number;
  endedMs: number;
}

/** What sessions of one log may be called, as a pattern: substrates begin with their cloud. */
export function substratesOf(substrate: ApiSubstrate): string {
  return `${substrate.slice(0, 4)}*`;
}

/** The sessions of one driver that touch a stretch of time, in order. */
export function readDriverSessions(
  store: Store,
  { substrate, principal, driver }: CallerKey,
  { fromMs, untilMs }: { fromMs: number; untilMs: number },
): StoredApiSession[] {
  return store.statement(
    `SELECT session_id, driver, started_at, ended_at FROM sessions
     WHERE principal = ? AND driver = ? AND kind = 'api' AND substrate GLOB ?
       AND started_at <= ? AND ended_at >= ? ORDER BY started_at`,
  ).all(
    ...[principal, driver, substratesOf(substrate)],
    ...[new Date(untilMs).toISOString(), new Date(fromMs).toISOString()],
  ).map(storedSession);
}

/** How many sessions of a log touch a window. */
export function countApiSessions(
  store: Store,
  { substrate, since, until, principal }: {
    substrate: ApiSubstrate;
    since: Date;
    until: Date;
    principal?: string | undefined;
  },
): number {
  const { count } = store.statement(
    `SELECT count(*) AS count FROM sessions WHERE kind = 'api' AND substrate GLOB ?
       AND started_at < ? AND ended_at >= ? AND (? = '' OR principal = ?)`,
  ).get(
    ...[substratesOf(substrate), until.toISOString(), since.toISOString()],
    ...[principal ?? "", principal ?? ""],
  )!;
  return Number(count);
}

/** Removes a session and all that hangs on it. */
export function removeSession(store: Store, sessionId: string): void {
  store.statement("DELETE FROM sessions WHERE session_id = ?").run(sessionId);
}

/** Makes an id that led to another session free again: a session of its own has it now. */
export function freeAlias(store: Store, alias: string): void {
  store.statement("DELETE FROM session_aliases WHERE alias = ?").run(alias);
}

function storedSession(row: Record<string, unknown>): StoredApiSession {
  return {
    id: String(row["session_id"]),
    driver: String(row["driver"]),
    startedMs: Date.parse(String(row["started_at"])),
    endedMs: Date.parse(String(row["ended_at"])),
  };
}
