import type { EventCounts } from "../../sources/teleport/log_counts.ts";
import { replaceLogEvents } from "../../store/log_events.ts";
import type { Store } from "../../store/store.ts";

/** Keeps what Teleport's audit log holds on some days; `source` as `pulls` names it. */
export function storeEventCounts(
  store: Store,
  source: string,
  { firstDay, lastDay, types }: EventCounts,
): void {
  replaceLogEvents(
    store,
    { uri: source, substrate: "teleport-audit", firstDay, lastDay },
    types.map(({ day, type, events, inSessions }) => ({
      ...{ day, events, in_sessions: inSessions, event_type: type ?? "unknown" },
    })),
  );
}
