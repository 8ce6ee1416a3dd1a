import { DRIVER_CLASSES, type DriverClass } from "../model/vocabulary.ts";
import { FEATURES } from "../store/features.ts";
import type { WideRow } from "../store/frame.ts";
import { TRUTH_KEY } from "../store/truthful_rows.ts";

/** One field of the sessions of one substrate: how well filled, and what it tells. */
export interface FieldStudy {
  /** The label `substrate.kind`, or `not known`. */
  substrate: string;
  /** A column of the frame. */
  field: string;
  /** Sessions of the substrate. */
  sessions: number;
  /** Share of them in which the field is known. */
  filled: number;
  /** Different values among those known. */
  distinct: number;
  /**
   * How well the field alone tells one class from the others, by sessions whose truth is known: 0 is
   * chance, 1 is always. Null where fewer than five stand on one of the sides.
   */
  signal: number | null;
  /** The `class` that it tells best, and whether `by` high or low values; null with the signal. */
  tells: { class: DriverClass; by: "high" | "low" } | null;
}

/** Fields of a session itself; all others are features. */
const SESSION_FIELDS = [
  ...["principal", "login", "target", "scope", "driver", "user_kind"],
  ...["started_at", "ended_at", "duration_seconds", "recording_state"],
];

const FEWEST = 5;

/**
 * Studies every field of sessions, substrate by substrate: the session's own first, then features
 * that at least one session has, those with most signal first. `truthKey` names the label that holds
 * the truth.
 */
export function studyFields(
  rows: Iterable<WideRow>,
  { truthKey = TRUTH_KEY }: { truthKey?: string } = {},
): FieldStudy[] {
  const bySubstrate = Map.groupBy(rows, (row) => String(row["substrate"] ?? "not known"));
  const features = Object.values(FEATURES).flatMap((table) => Object.keys(table));
  return [...bySubstrate].sort(([a], [b]) => a < b ? -1 : 1).flatMap(([substrate, sessions]) => {
    const study = (field: string) => studyField(sessions, { substrate, field, truthKey });
    const measured = features.map(study).filter(({ filled }) => filled > 0)
      .sort((a, b) => (b.signal ?? -1) - (a.signal ?? -1));
    return [...SESSION_FIELDS.map(study), ...measured];
  });
}

function studyField(
  rows: readonly WideRow[],
  { substrate, field, truthKey }: { substrate: string; field: string; truthKey: string },
): FieldStudy {
  const values = rows.map((row) => row[field] ?? null);
  const known = values.filter((value) => value !== null);
  const numbers = rows.flatMap((row) => {
    const value = row[field];
    const truth = row.labels[truthKey];
    const number = typeof value === "boolean" ? Number(value) : value;
    return typeof number === "number" && truth !== undefined ? [{ number, truth }] : [];
  });
  let best: Pick<FieldStudy, "signal" | "tells"> = { signal: null, tells: null };
  for (const name of DRIVER_CLASSES) {
    const area = rankArea(numbers.map(({ number, truth }) => ({ number, is: truth === name })));
    if (area === null) continue;
    const signal = Math.abs(2 * area - 1);
    if (best.signal !== null && signal <= best.signal) continue;
    best = { signal, tells: { class: name, by: area >= 0.5 ? "high" : "low" } };
  }
  return {
    substrate,
    field,
    sessions: rows.length,
    filled: rows.length === 0 ? 0 : known.length / rows.length,
    distinct: new Set(known.map(String)).size,
    ...best,
  };
}

/** The area under the ROC curve of a number, ties counted half; null where a side is too small. */
function rankArea(marked: { number: number; is: boolean }[]): number | null {
  const positives = marked.filter(({ is }) => is).length;
  const negatives = marked.length - positives;
  if (positives < FEWEST || negatives < FEWEST) return null;
  const sorted = marked.toSorted((a, b) => a.number - b.number);
  let ranks = 0;
  for (let i = 0; i < sorted.length;) {
    let end = i;
    while (sorted[end]?.number === sorted[i]!.number) end++;
    const rank = (i + 1 + end) / 2;
    for (; i < end; i++) if (sorted[i]!.is) ranks += rank;
  }
  return (ranks - positives * (positives + 1) / 2) / (positives * negatives);
}
