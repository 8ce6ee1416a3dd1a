import { createHash } from "node:crypto";
import type { Stretch } from "./succeed.ts";

/** A session as activities look at it. */
export interface ActivityPart extends Stretch {
  /** Whose it is: sessions of one identity can be one activity. */
  identity: string;
}

/** What one identity did in sessions beside each other, or soon after each other. */
export interface Activity extends Stretch {
  identity: string;
  /** Ids of its sessions, by their begin. */
  members: string[];
}

/**
 * The activities of sessions in any order: sessions of one identity between which at most `gapMs`
 * lie. One session by itself is none. The id is derived from the identity and the first session, so
 * that the same sessions give the same activities.
 */
export function activitiesOf(
  parts: readonly ActivityPart[],
  { gapMs }: { gapMs: number },
): Activity[] {
  const byIdentity = [...Map.groupBy(parts, (part) => part.identity).values()];
  return byIdentity.flatMap((own) => [...glueActivities(
    own.toSorted((a, b) => a.startedMs - b.startedMs || (a.id < b.id ? -1 : 1)),
    { gapMs },
  )]);
}

/** The same of sessions by identity, begin and id; holds those of one activity at a time. */
export function* glueActivities(
  parts: Iterable<ActivityPart>,
  { gapMs }: { gapMs: number },
): Generator<Activity> {
  let open: Activity | null = null;
  for (const { id, identity, startedMs, endedMs } of parts) {
    if (open !== null && open.identity === identity && startedMs - open.endedMs <= gapMs) {
      open.members.push(id);
      open.endedMs = Math.max(open.endedMs, endedMs);
      continue;
    }
    if (open !== null && open.members.length > 1) yield open;
    open = { id: activityId(identity, id), identity, startedMs, endedMs, members: [id] };
  }
  if (open !== null && open.members.length > 1) yield open;
}

function activityId(identity: string, firstSession: string): string {
  return createHash("sha256").update(JSON.stringify(["activity", identity, firstSession]))
    .digest("hex").slice(0, 32);
}
