import type { EdgeCall } from "../../features/api_calls/api_call_features.ts";
import type { DescribedCalls } from "../../sessions/session_of_calls.ts";
import { writeFeatures } from "../../store/features.ts";
import { listLabels, replaceLabels } from "../../store/labels.ts";
import { type NotableEventRow, writeNotableEvents } from "../../store/notable_events.ts";
import type { Store } from "../../store/store.ts";
import { isOfChain } from "./label_chains.ts";

/** Writes what calls come to: features, labels of ingestion and notable events of their subject. */
export function writeDescribed(
  store: Store,
  subjectId: string,
  { features, labels, edges }: Pick<DescribedCalls, "features" | "labels" | "edges">,
): void {
  // what was found out about its chain stays until chains are followed again
  const chained = listLabels(store, subjectId).filter(isOfChain);
  const kept = Object.fromEntries(chained.map(({ key, value }) => [key, value]));
  writeFeatures(store, "call", [{ subject_id: subjectId, ...features }]);
  replaceLabels(store, [{ subject_id: subjectId, labels: { ...labels, ...kept } }], {
    setBy: "ingest",
    now: store.now(),
  });
  writeNotableEvents(store, subjectId, edges.map(notableEvent));
}

function notableEvent({ edge, atMs, denied }: EdgeCall): NotableEventRow {
  return {
    kind: denied ? `${edge}-denied` : edge,
    at: new Date(atMs).toISOString(),
    ...{ program: null, program_hash: null, subcommand: null },
    ...{ argument_count: null, exit_code: null },
  };
}
