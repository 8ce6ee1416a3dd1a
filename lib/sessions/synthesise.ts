import { createHash } from "node:crypto";
import type { ApiSubstrate } from "../model/call_minute.ts";

/** Who calls, through what. */
interface Caller {
  substrate: ApiSubstrate;
  principal: string;
  driver: string;
}

/** What a session is glued from: whose minute it is and where its calls lie, in ms since 1970. */
export interface MinuteRow extends Caller {
  minuteMs: number;
  /** First and last call of the minute. */
  firstMs: number;
  lastMs: number;
}

/** A run of calls by one principal through one driver. */
export interface ApiSession extends Caller {
  /** 32 hex digits, derived from what the session is: see {@link apiSessionId}. */
  id: string;
  /** First and last call, in milliseconds since 1970. */
  startedMs: number;
  endedMs: number;
  /** Its first and last minute. */
  fromMinuteMs: number;
  untilMinuteMs: number;
  /** How many minute rows it is made of. */
  minutes: number;
}

/** Shortest idle threshold: calls of one minute row always belong together. */
const MIN_IDLE_MS = 60_000;

/**
 * Glues rows that come by substrate, principal, driver and minute, one for each of these, to
 * sessions: a call belongs to the session before it when at most `idleMs` (60,000 or more) lie
 * between. Holds no more than one session at a time. The same calls give the same sessions, however
 * they were pulled. Throws a `RangeError` for rows out of order.
 */
export function* glueSessions(
  rows: Iterable<MinuteRow>,
  { idleMs }: { idleMs: number },
): Generator<ApiSession> {
  if (!(idleMs >= MIN_IDLE_MS)) {
    throw new RangeError(`Calls can't be glued within ${idleMs} ms: the least is ${MIN_IDLE_MS}`);
  }
  let open: ApiSession | null = null;
  for (const row of rows) {
    if (open !== null && isSameCaller(open, row)) {
      if (row.minuteMs <= open.untilMinuteMs) throw new RangeError("Minute rows are not in order");
      if (row.firstMs - open.endedMs <= idleMs) {
        open.endedMs = row.lastMs;
        open.untilMinuteMs = row.minuteMs;
        open.minutes += 1;
        continue;
      }
    }
    if (open !== null) yield open;
    open = begunBy(row);
  }
  if (open !== null) yield open;
}

/** The id of a session of API calls: a hash of substrate, principal, driver and first call. */
function apiSessionId(
  { substrate, principal, driver, startedMs }: Caller & { startedMs: number },
): string {
  return createHash("sha256").update(JSON.stringify([substrate, principal, driver, startedMs]))
    .digest("hex").slice(0, 32);
}

function begunBy({ substrate, principal, driver, minuteMs, firstMs, lastMs }: MinuteRow) {
  return {
    id: apiSessionId({ substrate, principal, driver, startedMs: firstMs }),
    ...{ substrate, principal, driver },
    startedMs: firstMs,
    endedMs: lastMs,
    fromMinuteMs: minuteMs,
    untilMinuteMs: minuteMs,
    minutes: 1,
  };
}

function isSameCaller(a: Caller, b: Caller): boolean {
  return a.principal === b.principal && a.driver === b.driver && a.substrate === b.substrate;
}
