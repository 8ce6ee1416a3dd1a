import type { Config } from "../../config/config.ts";
import type { Store } from "../../store/store.ts";
import { putApiActivities } from "./put_api_activities.ts";
import { putHabits } from "./put_habits.ts";
import { putIdentities } from "./put_identities.ts";
import { putTerminalActivities } from "./put_terminal_activities.ts";

/**
 * What must be known across sessions before they are judged: whose they are, which of them are one
 * activity, and how each differs from its identity's earlier ones. `now` is when marks on activities
 * that are no more are moved. Throws a `ConfigError` where the table of identities can't be read, and
 * the reason of `signal`; what is done by then is in the store, each of these whole or not at all.
 */
export async function putAcross(
  store: Store,
  { identity, sessions, now, signal }: Pick<Config, "identity" | "sessions"> & {
    now: Date;
    signal?: AbortSignal | undefined;
  },
): Promise<void> {
  await putIdentities(store, { identity, signal });
  const { activityGap, idleThreshold, commandFold } = sessions;
  await putTerminalActivities(store, { gapMs: activityGap * 1000, now, signal });
  await putApiActivities(store, {
    ...{ gapMs: idleThreshold * 1000, foldMs: commandFold * 1000, now, signal },
  });
  await putHabits(store, { signal });
}
