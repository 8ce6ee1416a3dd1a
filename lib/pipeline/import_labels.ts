import type { ImportedLabel, RefusedLabels } from "../sources/label_import.ts";
import { setLabels } from "../store/labels.ts";
import { addNote } from "../store/notes.ts";
import { recordSkips } from "../store/runs.ts";
import type { Store } from "../store/store.ts";

/** How many labels from outside were taken (`set`) and were not (`refused`). */
export interface LabelCounts {
  set: number;
  refused: number;
}

/** What labels that were refused are counted under: a table's and a sidecar's stand side by side. */
export function labelSource(from: LabelsFromOutside["from"]): string {
  return `labels of a ${from}`;
}

/** What a sidecar or a row of a table says of one recording. */
interface LabelsFromOutside {
  from: "sidecar" | "table";
  /** The recording that they are about. */
  uri: string;
  labels: readonly ImportedLabel[];
  refused: RefusedLabels;
  note?: string | null;
  now: Date;
}

/** Writes labels from outside with their provenance, and counts those refused by reason. */
export function importLabels(
  store: Store,
  subjectId: string,
  outside: LabelsFromOutside,
): LabelCounts {
  const { from, uri, labels, note, now } = outside;
  const counts: LabelCounts = { set: 0, refused: 0 };
  const setBy = `import:${from}`;
  const refused: RefusedLabels = { ...outside.refused };
  const inputs = labels.map(({ key, value }) => ({ subject_id: subjectId, key, value }));
  for (const label of setLabels(store, inputs, { setBy, now })) {
    if (label.outcome === "refused") refused[label.reason] = (refused[label.reason] ?? 0) + 1;
    else counts.set++;
  }
  if (note) {
    addNote(store, { subject_id: subjectId, text: note, set_by: setBy, set_at: now.toISOString() });
  }
  const skips = Object.entries(refused).map(([reason, count]) => {
    counts.refused += count;
    return { source: labelSource(from), uri, reason, count };
  });
  recordSkips(store, skips);
  return counts;
}

/** Adds what was taken of further labels. */
export function addCounts(counts: LabelCounts, { set, refused }: LabelCounts): void {
  counts.set += set;
  counts.refused += refused;
}
