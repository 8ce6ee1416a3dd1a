import type { ApiSubstrate, CallMinute } from "../../model/call_minute.ts";
import { inSteps } from "../../model/hear_signal.ts";
import type { SessionRow } from "../../model/session.ts";
import { MINUTE_MS } from "../../model/time.ts";
import { type Activity, glueActivities } from "../../sessions/activities.ts";
import { uniteMinutes } from "../../sessions/join_minutes.ts";
import { SessionOfCalls } from "../../sessions/session_of_calls.ts";
import {
  forgetMeasured,
  putActivity,
  readApiParts,
  readMembers,
  wereMeasured,
} from "../../store/activities.ts";
import { readPrincipalMinutes } from "../../store/call_minutes.ts";
import { readSession } from "../../store/sessions.ts";
import type { Store } from "../../store/store.ts";
import { endActivities } from "./end_activities.ts";
import { deepenActivities } from "../api/label_chains.ts";
import { writeDescribed } from "../api/write_described.ts";

/** How sessions of API calls are put together. */
interface ApiActivityOptions {
  /** Sessions further apart are two activities; the idle threshold of calls. */
  gapMs: number;
  /** Calls so close are one command. */
  foldMs: number;
  now: Date;
  signal?: AbortSignal | undefined;
}

/**
 * Puts the activities of API calls together: sessions of one identity in one cloud's log, side by
 * side or within `gapMs` of each other, through whatever drivers and under whatever spellings. Only
 * those are measured of which a session was, or whose sessions are others now. Throws the reason of
 * `signal`: then nothing changed.
 */
export async function putApiActivities(
  store: Store,
  { gapMs, foldMs, now, signal }: ApiActivityOptions,
): Promise<void> {
  const steps = store.transactionInSteps(function* () {
    const there = new Set<string>();
    for (const activity of glueActivities(partsOf(store), { gapMs })) {
      yield;
      if (activity === null) continue;
      there.add(activity.id);
      const members = activity.members.toSorted();
      const isSame = readMembers(store, activity.id).join() === members.join();
      if (isSame && !wereMeasured(store, members)) continue;
      yield* writeActivity(store, activity, { foldMs });
    }
    yield* endActivities(store, { api: true, now: there, at: now });
    forgetMeasured(store);
    deepenActivities(store);
  });
  await inSteps(steps, signal);
}

function* partsOf(store: Store) {
  for (const { id, log, who, startedMs, endedMs } of readApiParts(store)) {
    yield { id, identity: `${log} ${who}`, startedMs, endedMs };
  }
}

function* writeActivity(
  store: Store,
  activity: Activity,
  { foldMs }: { foldMs: number },
): Generator<void> {
  const { id, identity, members, relation, startedMs, endedMs } = activity;
  const calls = new SessionOfCalls({ foldMs });
  const sessions = members.map((member) => readSession(store, member)!);
  const log = identity.slice(0, identity.indexOf(" ")) as ApiSubstrate;
  let minutes = 0;
  for (const minute of minutesOf(store, { log, sessions })) {
    calls.addMinute(byCaller(minute));
    minutes++;
    yield;
  }
  // without a call there is nothing to measure together
  if (minutes === 0) return;
  const described = calls.finish();
  const principals = new Set(sessions.map(({ principal }) => principal));
  putActivity(store, {
    ...{ activity_id: id, substrate: described.substrate, kind: "api", relation, login: null },
    principal: principals.size === 1
      ? sessions[0]!.principal
      : identity.slice(identity.indexOf(" ") + 1),
    ...{ target: described.target, scope: described.scope, user_kind: described.userKind },
    started_at: new Date(startedMs).toISOString(),
    ended_at: new Date(endedMs).toISOString(),
    duration_seconds: (endedMs - startedMs) / 1000,
  }, { members });
  writeDescribed(store, id, described);
}

/** The minutes of these sessions in order, those of one minute together. */
function* minutesOf(
  store: Store,
  { log, sessions }: { log: ApiSubstrate; sessions: readonly SessionRow[] },
): Generator<CallMinute[]> {
  const readers = [...Map.groupBy(sessions, ({ principal }) => principal!)].map(
    ([principal, own]) => {
      const minutes = ownMinutes(store, { log, principal, sessions: own });
      return { minutes, next: minutes.next() };
    },
  );
  for (;;) {
    const left = readers.filter(({ next }) => !next.done);
    if (left.length === 0) return;
    const minuteMs = Math.min(...left.map(({ next }) => next.value![0]!.minuteMs));
    const together: CallMinute[] = [];
    for (const reader of left) {
      if (reader.next.value![0]!.minuteMs !== minuteMs) continue;
      together.push(...reader.next.value!);
      reader.next = reader.minutes.next();
    }
    yield together;
  }
}

/** The minutes of one principal's sessions, in order. */
function* ownMinutes(
  store: Store,
  { log, principal, sessions }: {
    log: ApiSubstrate;
    principal: string;
    sessions: readonly SessionRow[];
  },
): Generator<CallMinute[], undefined> {
  const spans = new Map<string, [fromMs: number, untilMs: number][]>();
  for (const { driver, started_at, ended_at } of sessions) {
    const span: [number, number] = [floorMinute(started_at!), Date.parse(ended_at!)];
    const known = spans.get(driver!);
    if (known === undefined) spans.set(driver!, [span]);
    else known.push(span);
  }
  const all = [...spans.values()].flat();
  const range = {
    fromMs: Math.min(...all.map(([fromMs]) => fromMs)),
    untilMs: Math.max(...all.map(([, untilMs]) => untilMs)),
  };
  for (const rows of readPrincipalMinutes(store, { substrate: log, principal }, range)) {
    const own = rows.filter(({ driver, minuteMs }) =>
      spans.get(driver)?.some(([fromMs, untilMs]) => fromMs <= minuteMs && minuteMs <= untilMs)
    );
    if (own.length > 0) yield own;
  }
}

function floorMinute(time: string): number {
  return Math.floor(Date.parse(time) / MINUTE_MS) * MINUTE_MS;
}

/** One row a principal and driver: those of several sources are united. */
function byCaller(rows: readonly CallMinute[]): CallMinute[] {
  return [...Map.groupBy(rows, (row) => `${row.driver} ${row.principal}`).values()]
    .map(uniteMinutes);
}
