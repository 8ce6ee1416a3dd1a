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
  const activities: Activity[] = [];
  for (const [identity, own] of Map.groupBy(parts, (part) => part.identity)) {
    for (const together of runsOf(own, gapMs)) {
      if (together.length < 2) continue;
      const first = together[0]!;
      activities.push({
        id: activityId(identity, first.id),
        identity,
        startedMs: first.startedMs,
        endedMs: together.reduce((end, part) => Math.max(end, part.endedMs), -Infinity),
        members: together.map(({ id }) => id),
      });
    }
  }
  return activities;
}

function runsOf(parts: readonly ActivityPart[], gapMs: number): ActivityPart[][] {
  const runs: ActivityPart[][] = [];
  let endMs = -Infinity;
  const inOrder = parts.toSorted((a, b) => a.startedMs - b.startedMs || (a.id < b.id ? -1 : 1));
  for (const part of inOrder) {
    if (runs.length === 0 || part.startedMs - endMs > gapMs) runs.push([]);
    runs.at(-1)!.push(part);
    endMs = Math.max(endMs, part.endedMs);
  }
  return runs;
}

function activityId(identity: string, firstSession: string): string {
  return createHash("sha256").update(JSON.stringify(["activity", identity, firstSession]))
    .digest("hex").slice(0, 32);
}
