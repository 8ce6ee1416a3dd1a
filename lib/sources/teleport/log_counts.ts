import { z } from "zod";
import type { QueryEngine } from "../query_engine.ts";
import { type QueryFile, readQueryFile } from "../query_file.ts";
import type { LogSkip } from "./log_skips.ts";

/** Events of one type on one day of the audit log. */
export interface TypeCount {
  /** `YYYY-MM-DD`. */
  day: string;
  /** null: its name has no plain form. */
  type: string | null;
  events: number;
  /** Those of them that belong to a session. */
  inSessions: number;
}

/** How many events of each type the days of a window hold, counted whole. */
export interface EventCounts {
  firstDay: string;
  lastDay: string;
  types: TypeCount[];
}

/** What the audit log holds in a window, and what of it can't be used. */
export interface LogCounts {
  skips: LogSkip[];
  counts: EventCounts;
}

const MALFORMED = readQueryFile(new URL("./malformed.sql", import.meta.url));
const EVENT_TYPES = readQueryFile(new URL("./event_types.sql", import.meta.url));

/** Names of types that are told apart; those of more are counted together. */
const MAX_TYPES = 1000;

const malformedRow = z.object({
  day: z.string(),
  reason: z.string(),
  detail: z.string().nullable(),
  row_count: z.number().int(),
});
const eventTypeRow = z.object({
  day: z.string(),
  event_type: z.string().nullable(),
  row_count: z.number().int(),
  session_rows: z.number().int(),
  unknown_rows: z.number().int(),
});

/** Counts the events of a window; `windowed` comes from `windowValues()`. */
export async function readLogCounts(
  engine: QueryEngine,
  windowed: Readonly<Record<string, string>>,
): Promise<LogCounts> {
  const { window_first_day: firstDay = "", window_last_day: lastDay = "" } = windowed;
  const values = { ...windowed, first_day: firstDay, last_day: lastDay };
  const rows = async function* (query: QueryFile) {
    for await (const batch of engine.query(query, values)) yield* batch;
  };
  const skips: LogSkip[] = [];
  for await (const row of rows(MALFORMED)) {
    const { day, reason, detail, row_count } = malformedRow.parse(row);
    skips.push({ day, reason, details: detail === null ? null : [detail], count: row_count });
  }
  const sums = new TypeSums();
  for await (const row of rows(EVENT_TYPES)) {
    const { day, event_type, row_count, session_rows, unknown_rows } = eventTypeRow.parse(row);
    const type = sums.add({ day, type: event_type, events: row_count, inSessions: session_rows });
    if (unknown_rows === 0) continue;
    const details = type === null ? [] : [type];
    skips.push({ day, reason: "event type is not known", details, count: unknown_rows });
  }
  return { skips, counts: { firstDay, lastDay, types: sums.types() } };
}

/** Counts by day and type, of at most {@link MAX_TYPES} names. */
class TypeSums {
  readonly #names = new Set<string>();
  readonly #sums = new Map<string, TypeCount>();

  /** Returns the name that it is counted under. */
  add(count: TypeCount): string | null {
    const { day, events, inSessions } = count;
    const isNamed = count.type !== null &&
      (this.#names.has(count.type) || this.#names.size < MAX_TYPES);
    const type = isNamed ? count.type : null;
    if (type !== null) this.#names.add(type);
    const key = `${day} ${type ?? ""}`;
    const sum = this.#sums.get(key) ?? { day, type, events: 0, inSessions: 0 };
    this.#sums.set(key, {
      ...sum,
      events: sum.events + events,
      inSessions: sum.inSessions + inSessions,
    });
    return type;
  }

  types(): TypeCount[] {
    return [...this.#sums.values()];
  }
}
