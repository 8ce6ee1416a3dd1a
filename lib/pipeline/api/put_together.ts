import { StoreError } from "../../model/errors.ts";
import { floorMinute, MINUTE_MS } from "../../model/time.ts";
import { uniteMinutes } from "../../sessions/join_minutes.ts";
import { MEASURES_VERSION, SessionOfCalls, sessionRow } from "../../sessions/session_of_calls.ts";
import { succession } from "../../sessions/succeed.ts";
import { type ApiSession, glueSessions, type MinuteRow } from "../../sessions/synthesise.ts";
import { noteBereft, noteMeasured } from "../../store/activities.ts";
import {
  freeAlias,
  readDriverSessions,
  removeSession,
  type StoredApiSession,
} from "../../store/api_sessions.ts";
import { type CallerKey, readDriverMinutes, readMinuteSpans } from "../../store/call_minutes.ts";
import {
  applyCallSettings,
  type ChangedMinutes,
  countChangedPrincipals,
  firstChangedPrincipal,
  forgetChanged,
} from "../../store/changed_minutes.ts";
import { moveSession } from "../../store/move_session.ts";
import { writeCredentials } from "../../store/session_credentials.ts";
import { upsertSession } from "../../store/sessions.ts";
import type { Store } from "../../store/store.ts";
import { inSteps } from "../../model/hear_signal.ts";
import { labelChains } from "./label_chains.ts";
import { tellLostMarks } from "./lost_marks.ts";
import { writeDescribed } from "./write_described.ts";

/** How sessions are put together. */
interface PutTogetherOptions {
  /** Calls further apart are two sessions; a minute or more. */
  idleMs: number;
  /** Calls so close are one command. */
  foldMs: number;
  now: () => Date;
  signal?: AbortSignal | undefined;
  /** Told after each principal how many are left. */
  onPrincipal?: ((left: number) => void) | undefined;
}

/** Sessions after which a transaction is ended, once its principal is done. */
const LOT = 200;

/**
 * Puts the sessions of all changed minutes together anew, principal by principal, each whole in one
 * transaction; then follows the chains of impersonation. Their activities are put together by
 * `putAcross()`. Throws the signal's reason; what is left then is done by the next call.
 */
export async function putTogether(store: Store, options: PutTogetherOptions): Promise<void> {
  const { idleMs, foldMs } = options;
  applyCallSettings(store, `idle ${idleMs} fold ${foldMs} measures ${MEASURES_VERSION}`);
  for (let left = countChangedPrincipals(store), still = 0; left > 0; left = still) {
    const lot = store.transactionInSteps(() => putLot(store, options));
    const done = await inSteps(lot, options.signal);
    for (let i = 1; i <= done; i++) options.onPrincipal?.(left - i);
    still = countChangedPrincipals(store);
    if (still >= left) {
      throw new StoreError(
        `Store "${store.path}" has principals that are not found again by their names; restore it ` +
          "from a copy, or remove it and run again",
      );
    }
  }
  await labelChains(store, options);
}

/** Does some principals, a session a step; returns how many. */
function* putLot(store: Store, options: PutTogetherOptions): Generator<void, number> {
  let principals = 0;
  for (let sessions = 0; sessions < LOT; principals++) {
    const changed = firstChangedPrincipal(store);
    if (changed.length === 0) break;
    sessions += 1 + (yield* putPrincipal(store, changed, options));
  }
  return principals;
}

/** Puts one principal's sessions together; returns how many it wrote. */
function* putPrincipal(
  store: Store,
  changed: readonly ChangedMinutes[],
  options: PutTogetherOptions,
): Generator<void, number> {
  let written = 0;
  for (const stretch of changed) written += yield* putDriver(store, stretch, options);
  forgetChanged(store, changed[0]!);
  return written;
}

/** Puts the sessions around one stretch of a driver's minutes together; returns how many it wrote. */
function* putDriver(
  store: Store,
  stretch: ChangedMinutes,
  options: PutTogetherOptions,
): Generator<void, number> {
  const { idleMs, now } = options;
  const before = readDriverSessions(store, stretch, {
    fromMs: stretch.fromMs - idleMs,
    untilMs: stretch.untilMs + MINUTE_MS + idleMs,
  });
  const range = {
    fromMs: floorMinute(Math.min(stretch.fromMs, before[0]?.startedMs ?? Infinity)),
    untilMs: floorMinute(Math.max(stretch.untilMs, before.at(-1)?.endedMs ?? -Infinity)),
  };
  const after = [...glueSessions(rowsOf(store, stretch, range), { idleMs })];
  const known = new Map(before.map((session) => [session.id, session]));
  let written = 0;
  for (const session of after) {
    if (isAsBefore(session, known.get(session.id), stretch)) continue;
    yield* writeSession(store, session, options);
    written++;
  }
  const { moved, gone } = succession(before, after);
  for (const move of moved) {
    moveSession(store, { ...move, now: now() });
    yield;
  }
  for (const id of gone) {
    forgetSession(store, id);
    yield;
  }
  return written;
}

function* rowsOf(
  store: Store,
  { substrate, principal, driver }: CallerKey,
  range: { fromMs: number; untilMs: number },
): Generator<MinuteRow> {
  const caller = { substrate, principal, driver };
  for (const span of readMinuteSpans(store, caller, range)) yield { ...caller, ...span };
}

/** Whether a session lies beside the changed minutes and ends where it ended. */
function isAsBefore(
  { fromMinuteMs, untilMinuteMs, endedMs }: ApiSession,
  before: StoredApiSession | undefined,
  { fromMs, untilMs }: ChangedMinutes,
): boolean {
  return before?.endedMs === endedMs && (untilMinuteMs < fromMs || fromMinuteMs > untilMs);
}

function* writeSession(
  store: Store,
  session: ApiSession,
  { foldMs }: { foldMs: number },
): Generator<void> {
  const calls = new SessionOfCalls({ foldMs });
  const range = { fromMs: session.fromMinuteMs, untilMs: session.untilMinuteMs };
  for (const rows of readDriverMinutes(store, session, range)) {
    calls.addMinute([uniteMinutes(rows)]);
    yield;
  }
  const described = calls.finish();
  freeAlias(store, session.id);
  upsertSession(store, sessionRow(session, described), { whole: true });
  noteMeasured(store, session.id);
  writeDescribed(store, session.id, described);
  writeCredentials(store, session.id, described.credentials);
}

function forgetSession(store: Store, id: string): void {
  tellLostMarks(store, id);
  noteBereft(store, id);
  removeSession(store, id);
}
