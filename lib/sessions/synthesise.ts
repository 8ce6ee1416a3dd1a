import { createHash } from "node:crypto";
import type { ApiSubstrate, CallMinute } from "../model/call_minute.ts";

/** What a session is glued from: any row that says whose minute it is and where its calls lie. */
export type MinuteRow = Pick<
  CallMinute,
  "substrate" | "principal" | "driver" | "minuteMs" | "calls" | "callsOmitted"
>;

/** A run of calls by one principal through one driver. */
export interface ApiSession<Row extends MinuteRow = CallMinute> {
  /** 32 hex digits, derived from what the session is: see {@link apiSessionId}. */
  id: string;
  substrate: ApiSubstrate;
  principal: string;
  driver: string;
  /** First and last call, in milliseconds since 1970. */
  startedMs: number;
  endedMs: number;
  /** In order of time; at least one. */
  minutes: Row[];
}

/** Shortest idle threshold: calls of one minute row always belong together. */
export const MIN_IDLE_MS = 60_000;

/**
 * Sessions of rows in any order, by {@link glueSessions}. There must be one row only for a
 * (substrate, principal, driver, minute).
 */
export function synthesise<Row extends MinuteRow>(
  rows: Iterable<Row>,
  options: { idleMs: number },
): ApiSession<Row>[] {
  return [...glueSessions([...rows].sort(inOrder), options)];
}

/**
 * Glues rows that come by substrate, principal, driver and minute to sessions: a call belongs to
 * the session before it when at most `idleMs` (60,000 or more) lie between. Holds one session at a
 * time. The same calls give the same sessions, however they were pulled. Throws a `RangeError` for
 * rows out of order.
 */
export function* glueSessions<Row extends MinuteRow>(
  rows: Iterable<Row>,
  { idleMs }: { idleMs: number },
): Generator<ApiSession<Row>> {
  if (!(idleMs >= MIN_IDLE_MS)) {
    throw new RangeError(`Calls can't be glued within ${idleMs} ms: the least is ${MIN_IDLE_MS}`);
  }
  let open: ApiSession<Row> | null = null;
  let lastMinute = -Infinity;
  for (const row of rows) {
    const { minuteMs } = row;
    const startedMs = firstCallMs(row);
    if (open !== null && isSameDriver(open, row)) {
      if (minuteMs <= lastMinute) throw new RangeError("Minute rows are not in order");
      if (startedMs - open.endedMs <= idleMs) {
        open.minutes.push(row);
        open.endedMs = lastCallMs(row);
        lastMinute = minuteMs;
        continue;
      }
    }
    if (open !== null) yield open;
    const { substrate, principal, driver } = row;
    open = {
      id: apiSessionId({ substrate, principal, driver, startedMs }),
      ...{ substrate, principal, driver, startedMs },
      endedMs: lastCallMs(row),
      minutes: [row],
    };
    lastMinute = minuteMs;
  }
  if (open !== null) yield open;
}

/** The id of a session of API calls: a hash of substrate, principal, driver and first call. */
export function apiSessionId(
  { substrate, principal, driver, startedMs }: Pick<
    ApiSession,
    "substrate" | "principal" | "driver" | "startedMs"
  >,
): string {
  return createHash("sha256").update(JSON.stringify([substrate, principal, driver, startedMs]))
    .digest("hex").slice(0, 32);
}

/** When the first call of a minute was; its begin where no call is held. */
export function firstCallMs({ minuteMs, calls }: MinuteRow): number {
  return minuteMs + (calls[0]?.[0] ?? 0);
}

/** When the last call of a minute was; its end where calls are only counted. */
export function lastCallMs({ minuteMs, calls, callsOmitted }: MinuteRow): number {
  return minuteMs + (callsOmitted > 0 ? 59_999 : calls[calls.length - 1]?.[0] ?? 0);
}

function isSameDriver(a: Omit<MinuteRow, "minuteMs" | "calls" | "callsOmitted">, b: MinuteRow) {
  return a.principal === b.principal && a.driver === b.driver && a.substrate === b.substrate;
}

function inOrder(a: MinuteRow, b: MinuteRow): number {
  return compare(a.substrate, b.substrate) || compare(a.principal, b.principal) ||
    compare(a.driver, b.driver) || a.minuteMs - b.minuteMs;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
