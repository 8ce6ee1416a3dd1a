import type { ApiSubstrate, CallMinute } from "../model/call_minute.ts";
import { activitiesOf, type Activity } from "../sessions/activities.ts";
import { uniteMinutes } from "../sessions/join_minutes.ts";
import { SessionOfCalls } from "../sessions/session_of_calls.ts";
import { succession } from "../sessions/succeed.ts";
import { putActivity, readApiActivities, removeActivity } from "../store/activities.ts";
import { readPrincipalSessions } from "../store/api_sessions.ts";
import { readPrincipalMinutes } from "../store/call_minutes.ts";
import { moveMarks } from "../store/move_session.ts";
import type { Store } from "../store/store.ts";
import { tellLostMarks } from "./lost_marks.ts";
import { writeDescribed } from "./write_described.ts";

/** What a service did on somebody's behalf is not the driver's own, and no part of an activity. */
const SERVICE_DRIVER = /^aws-service(?: |$)/;
const MINUTE_MS = 60_000;

interface Caller {
  substrate: ApiSubstrate;
  principal: string;
}

interface Options {
  idleMs: number;
  foldMs: number;
  now: () => Date;
  /** Sessions that were put together anew. */
  written: ReadonlySet<string>;
}

/**
 * Puts the activities of one principal together: its sessions side by side, or within the idle
 * threshold of each other, through whatever drivers. Measures those anew of which a session changed.
 */
export function putActivitiesTogether(
  store: Store,
  { substrate, principal }: Caller,
  options: Options,
): void {
  const sessions = readPrincipalSessions(store, { substrate, principal })
    .filter(({ driver }) => !SERVICE_DRIVER.test(driver));
  const drivers = new Map(sessions.map(({ id, driver }) => [id, driver]));
  const parts = sessions.map((session) => ({ ...session, identity: `${substrate} ${principal}` }));
  const after = activitiesOf(parts, { gapMs: options.idleMs });
  const before = readApiActivities(store, { substrate, principal });
  const known = new Map(before.map((activity) => [activity.id, activity.members.join()]));
  for (const activity of after) {
    const isSame = known.get(activity.id) === activity.members.toSorted().join();
    if (isSame && !activity.members.some((id) => options.written.has(id))) continue;
    const own = new Set(activity.members.map((id) => drivers.get(id)!));
    writeActivity(store, { substrate, principal }, { activity, drivers: own, ...options });
  }
  const { moved, gone } = succession(before, after);
  for (const { from, to } of moved) {
    moveMarks(store, { from, to, now: options.now() });
    removeActivity(store, from);
  }
  for (const id of gone) {
    tellLostMarks(store, id);
    removeActivity(store, id);
  }
}

function writeActivity(
  store: Store,
  { substrate, principal }: Caller,
  { activity, drivers, foldMs }: {
    activity: Activity;
    drivers: ReadonlySet<string>;
    foldMs: number;
  },
): void {
  const calls = new SessionOfCalls({ foldMs });
  const range = {
    fromMs: Math.floor(activity.startedMs / MINUTE_MS) * MINUTE_MS,
    untilMs: activity.endedMs,
  };
  for (const rows of readPrincipalMinutes(store, { substrate, principal }, range)) {
    const own = rows.filter(({ driver }) => drivers.has(driver));
    if (own.length > 0) calls.addMinute(byDriver(own));
  }
  const described = calls.finish();
  putActivity(store, {
    ...{ activity_id: activity.id, substrate: described.substrate, kind: "api", principal },
    login: null,
    ...{ target: described.target, scope: described.scope, user_kind: described.userKind },
    started_at: new Date(activity.startedMs).toISOString(),
    ended_at: new Date(activity.endedMs).toISOString(),
    duration_seconds: (activity.endedMs - activity.startedMs) / 1000,
  }, { members: activity.members });
  writeDescribed(store, activity.id, described);
}

/** One row a driver: those of several sources are united. */
function byDriver(rows: readonly CallMinute[]): CallMinute[] {
  return [...Map.groupBy(rows, (row) => row.driver).values()].map(uniteMinutes);
}
