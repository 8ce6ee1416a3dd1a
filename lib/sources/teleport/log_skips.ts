import { z } from "zod";
import type { QueryEngine } from "../query_engine.ts";
import { type QueryFile, readQueryFile } from "../query_file.ts";

/** Rows of a day of the audit log that were left out, and why. */
export interface LogSkip {
  /** `YYYY-MM-DD`. */
  day: string;
  reason: string;
  /** The types of events that are not known, or what refused a session; null for other reasons. */
  details: string[] | null;
  count: number;
}

const MALFORMED = readQueryFile(new URL("./malformed.sql", import.meta.url));
const UNKNOWN_TYPES = readQueryFile(new URL("./unknown_types.sql", import.meta.url));

const malformedRow = z.object({
  day: z.string(),
  reason: z.string(),
  detail: z.string().nullable(),
  row_count: z.number().int(),
});
const unknownTypeRow = z.object({
  day: z.string(),
  event_type: z.string().nullable(),
  row_count: z.number().int(),
});

/** What of a window can't be used; `values` come from `windowValues()`. */
export async function readLogSkips(
  engine: QueryEngine,
  windowed: Readonly<Record<string, string>>,
): Promise<LogSkip[]> {
  const values = {
    ...windowed,
    first_day: windowed.window_first_day ?? "",
    last_day: windowed.window_last_day ?? "",
  };
  const rows = async function* (query: QueryFile) {
    for await (const batch of engine.query(query, values)) yield* batch;
  };
  const skips: LogSkip[] = [];
  for await (const row of rows(MALFORMED)) {
    const { day, reason, detail, row_count } = malformedRow.parse(row);
    skips.push({ day, reason, details: detail === null ? null : [detail], count: row_count });
  }
  for await (const row of rows(UNKNOWN_TYPES)) {
    const { day, event_type, row_count } = unknownTypeRow.parse(row);
    const details = event_type === null ? [] : [event_type];
    skips.push({ day, reason: "event type is not known", details, count: row_count });
  }
  return skips;
}

const MAX_NAMED = 20;

/** Skips as a source tells them, added up by the place that `uriOf` gives for a day. */
export function sourceSkips(
  skips: readonly LogSkip[],
  uriOf: (day: string) => string,
): { uri: string; reason: string; detail: string | null; count: number }[] {
  const sums = new Map<string, { uri: string; reason: string; count: number; details: string[] }>();
  for (const { day, reason, details, count } of skips) {
    const uri = uriOf(day);
    const key = `${reason}\n${uri}`;
    const sum = sums.get(key) ?? { uri, reason, count: 0, details: [] };
    sum.count += count;
    for (const detail of details ?? []) {
      if (!sum.details.includes(detail)) sum.details.push(detail);
    }
    sums.set(key, sum);
  }
  return [...sums.values()].map(({ uri, reason, count, details }) => ({
    uri,
    reason,
    detail: details.slice(0, MAX_NAMED).join(", ") || null,
    count,
  }));
}
