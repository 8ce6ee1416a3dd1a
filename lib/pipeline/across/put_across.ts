import type { Config } from "../../config/config.ts";
import type { Store } from "../../store/store.ts";
import { putApiActivities } from "./put_api_activities.ts";
import { putHabits } from "./put_habits.ts";
import { putIdentities } from "./put_identities.ts";
import { putTerminalActivities } from "./put_terminal_activities.ts";

/**
 * What must be known across sessions before they are judged: whose they are, which of them are one
 * activity, and how each differs from its identity's earlier ones. `now` is when marks on activities
 * that are no more are moved. Throws a `ConfigError` where the table of identities can't be read.
 */
export async function putAcross(
  store: Store,
  { identity, sessions, now }: Pick<Config, "identity" | "sessions"> & { now: Date },
): Promise<void> {
  await putIdentities(store, identity);
  const { activityGap, idleThreshold, commandFold } = sessions;
  putTerminalActivities(store, { gapMs: activityGap * 1000, now });
  putApiActivities(store, { gapMs: idleThreshold * 1000, foldMs: commandFold * 1000, now });
  putHabits(store);
}
