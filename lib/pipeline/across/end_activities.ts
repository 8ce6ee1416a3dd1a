import { readOtherActivities, readSuccessor, removeActivity } from "../../store/activities.ts";
import { hasMarks, moveMarks } from "../../store/move_session.ts";
import { recordSkips } from "../../store/runs.ts";
import type { Store } from "../../store/store.ts";

const DISSOLVED = "labels or notes by hand on an activity whose sessions are no activity any more";

/**
 * Removes, one a step, the activities that are none of `now` any more: of API calls, or on
 * terminals. What people wrote down about one goes over to the activity that most of its sessions
 * are in; where there is none that is counted as left out.
 */
export function* endActivities(
  store: Store,
  { api, now, at }: { api: boolean; now: ReadonlySet<string>; at: Date },
): Generator<void> {
  for (const id of readOtherActivities(store, { api, than: now })) {
    const to = readSuccessor(store, { of: id, among: now });
    if (to !== null) moveMarks(store, { from: id, to, now: at });
    else if (hasMarks(store, id)) {
      recordSkips(store, [{ source: "activities", uri: id, reason: DISSOLVED, count: 1 }]);
    }
    removeActivity(store, id);
    yield;
  }
}
