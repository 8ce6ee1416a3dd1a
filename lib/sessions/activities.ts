import { createHash } from "node:crypto";
import type { ActivityRelation } from "../model/vocabulary.ts";
import type { Stretch } from "./succeed.ts";

/** A session as activities look at it. */
export interface ActivityPart extends Stretch {
  /** Whose it is: sessions of one identity can be one activity. */
  identity: string;
  /** What tells its place apart, such as login and target; absent: nothing does. */
  place?: string;
}

/** What one identity did in sessions beside each other, or soon after each other. */
export interface Activity extends Stretch {
  identity: string;
  /** Ids of its sessions, by their begin. */
  members: string[];
  relation: ActivityRelation;
  /** How many places its sessions are at. */
  places: number;
}

/** Sessions after which whoever takes activities may rest. */
const REST_AFTER = 100;

/** Sessions of one activity; the next one begins another, so that memory and work stay bounded. */
export const MAX_MEMBERS = 1000;

/**
 * The activities of sessions by identity, begin and id: sessions of one identity between which at
 * most `gapMs` lie. One session by itself is none. Holds the sessions of one activity at a time. The
 * id is derived from the identity and the first session, so that the same sessions give the same
 * activities, whenever they were pulled. A null now and then is a place to rest.
 */
export function* glueActivities(
  parts: Iterable<ActivityPart>,
  { gapMs }: { gapMs: number },
): Generator<Activity | null> {
  let open: Open | null = null;
  let seen = 0;
  for (const part of parts) {
    if (++seen % REST_AFTER === 0) yield null;
    if (open !== null && belongs(open, part, gapMs)) {
      if (part.startedMs < open.endedMs) open.relation = "side-by-side";
      open.members.push(part.id);
      open.seen.add(part.place ?? "");
      open.endedMs = Math.max(open.endedMs, part.endedMs);
      continue;
    }
    if (open !== null && open.members.length > 1) yield activityOf(open);
    open = opened(part);
  }
  if (open !== null && open.members.length > 1) yield activityOf(open);
}

/** An activity that goes on. */
interface Open extends Omit<Activity, "places"> {
  seen: Set<string>;
}

function belongs(open: Open, { identity, startedMs }: ActivityPart, gapMs: number): boolean {
  return open.identity === identity && startedMs - open.endedMs <= gapMs &&
    open.members.length < MAX_MEMBERS;
}

function opened({ id, identity, place = "", startedMs, endedMs }: ActivityPart): Open {
  return {
    ...{ id: activityId(identity, id), identity, startedMs, endedMs, members: [id] },
    ...{ relation: "in-a-row", seen: new Set([place]) },
  };
}

function activityOf({ seen, ...activity }: Open): Activity {
  return { ...activity, places: seen.size };
}

function activityId(identity: string, firstSession: string): string {
  return createHash("sha256").update(JSON.stringify(["activity", identity, firstSession]))
    .digest("hex").slice(0, 32);
}
