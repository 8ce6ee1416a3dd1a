import type { TeleportFacts } from "../../model/teleport_facts.ts";
import { factLabels } from "../../sources/teleport/fact_labels.ts";
import { listLabels, setLabels } from "../../store/labels.ts";
import { clearSkips, recordSkips } from "../../store/runs.ts";
import type { Store } from "../../store/store.ts";

/** What refused labels of Teleport's are counted under. */
const SOURCE = "labels of Teleport";

/**
 * Writes what Teleport says of a session as labels (`teleport.…`), of its target's labels those to
 * be `keep`t, and counts those whose value can't be one. The audit log speaks before a recording,
 * which sets only what is not there yet.
 */
export function storeFacts(
  store: Store,
  sessionId: string,
  { facts, keep, from }: {
    facts: TeleportFacts;
    keep: readonly string[];
    from: "log" | "recording";
  },
): void {
  const { labels, refused } = factLabels(facts, keep);
  const known = from === "log"
    ? new Set<string>()
    : new Set(listLabels(store, sessionId).map(({ key }) => key));
  const wanted = labels.filter(({ key }) => !known.has(key));
  const inputs = wanted.map(({ key, value }) => ({ subject_id: sessionId, key, value }));
  setLabels(store, inputs, { setBy: "ingest", now: store.now() });
  if (from === "log") clearSkips(store, { uri: sessionId, sources: [SOURCE] });
  recordSkips(
    store,
    Object.entries(refused).map(([reason, count]) => (
      { source: SOURCE, uri: sessionId, reason, count }
    )),
  );
}
