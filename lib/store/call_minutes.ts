import type { ApiSubstrate, CallMinute } from "../model/call_minute.ts";
import type { ResultRow } from "./statement.ts";
import type { Store } from "./store.ts";
import { storedJson } from "./stored_json.ts";

/** Whose calls. */
export interface CallerKey {
  substrate: ApiSubstrate;
  principal: string;
  driver: string;
}

/** Where the calls of a minute lie, whatever they are; times in milliseconds since 1970. */
interface MinuteSpan {
  minuteMs: number;
  firstMs: number;
  lastMs: number;
}

/** Minutes from one to another, both included, in milliseconds since 1970. */
export interface MinuteRange {
  fromMs: number;
  untilMs: number;
}

/** Rows fetched at a time. */
const LOT = 500;

/** The columns of `call_minutes`, in order; the first five are its key. */
export const MINUTE_COLUMNS = [
  ...["substrate", "principal", "driver", "minute", "source", "scope", "target", "calls"],
  ...["calls_omitted", "resolution_ms", "first_ms", "last_ms", "facts"],
] as const;

/** A minute as the store writes it. */
export function minuteText(ms: number): string {
  return new Date(ms).toISOString();
}

/** A row of `call_minutes`, in the order of {@link MINUTE_COLUMNS}. */
export function minuteValues(row: CallMinute, source: string): (string | number | null)[] {
  const first = row.calls[0]?.[0] ?? 0;
  const last = row.callsOmitted > 0 ? 59_999 : row.calls.at(-1)?.[0] ?? 0;
  return [
    ...[row.substrate, row.principal, row.driver, minuteText(row.minuteMs), source],
    ...[row.scope, row.target, JSON.stringify(row.calls), row.callsOmitted, row.resolutionMs],
    ...[first, last, JSON.stringify(row.facts)],
  ];
}

/** A row as it was written. Throws a `StoreError` for one that no writer of ours made. */
export function minuteOf(store: Store, row: ResultRow): CallMinute {
  return {
    substrate: row["substrate"] as ApiSubstrate,
    principal: String(row["principal"]),
    driver: String(row["driver"]),
    minuteMs: Date.parse(String(row["minute"])),
    scope: row["scope"] as string | null,
    target: row["target"] as string | null,
    calls: storedJson(store, "call_minutes.calls", row["calls"]),
    callsOmitted: Number(row["calls_omitted"]),
    resolutionMs: Number(row["resolution_ms"]),
    facts: storedJson(store, "call_minutes.facts", row["facts"]),
  };
}

/**
 * Where the calls of one driver lie between two minutes, in order: one span a minute, over all
 * sources. Fetched in lots.
 */
export function* readMinuteSpans(
  store: Store,
  { substrate, principal, driver }: CallerKey,
  { fromMs, untilMs }: MinuteRange,
): Generator<MinuteSpan> {
  const statement = store.statement(
    `SELECT minute, min(first_ms) AS first_ms, max(last_ms) AS last_ms FROM call_minutes
     WHERE substrate = ? AND principal = ? AND driver = ? AND minute >= ? AND minute <= ?
     GROUP BY minute ORDER BY minute LIMIT ${LOT}`,
  );
  const until = minuteText(untilMs);
  for (let from = minuteText(fromMs);;) {
    const rows = statement.all(substrate, principal, driver, from, until);
    for (const row of rows) {
      const minuteMs = Date.parse(String(row["minute"]));
      yield {
        minuteMs,
        firstMs: minuteMs + Number(row["first_ms"]),
        lastMs: minuteMs + Number(row["last_ms"]),
      };
    }
    if (rows.length < LOT) return;
    // the next text of all: on from here, whatever it is
    from = `${rows.at(-1)!["minute"]}\u0001`;
  }
}

/**
 * The rows of one driver between two minutes, in order; those of one minute out of several sources
 * together. Fetched in lots.
 */
export function* readDriverMinutes(
  store: Store,
  { substrate, principal, driver }: CallerKey,
  { fromMs, untilMs }: MinuteRange,
): Generator<CallMinute[]> {
  const statement = store.statement(
    `SELECT * FROM call_minutes
     WHERE substrate = ? AND principal = ? AND driver = ? AND minute <= ?
       AND (minute, source) > (?, ?)
     ORDER BY minute, source LIMIT ${LOT}`,
  );
  const until = minuteText(untilMs);
  yield* byMinute(store, (last) =>
    statement.all(
      ...[substrate, principal, driver, until],
      ...(last === null ? [minuteText(fromMs), ""] : [last["minute"]!, last["source"]!]),
    ));
}

/** The rows of all drivers of a principal between two minutes, as {@link readDriverMinutes}. */
export function* readPrincipalMinutes(
  store: Store,
  { substrate, principal }: Omit<CallerKey, "driver">,
  { fromMs, untilMs }: MinuteRange,
): Generator<CallMinute[]> {
  const statement = store.statement(
    `SELECT * FROM call_minutes INDEXED BY call_minutes_by_principal
     WHERE substrate = ? AND principal = ? AND minute <= ?
       AND (minute, driver, source) > (?, ?, ?)
     ORDER BY minute, driver, source LIMIT ${LOT}`,
  );
  const until = minuteText(untilMs);
  yield* byMinute(store, (last) =>
    statement.all(
      ...[substrate, principal, until],
      ...(last === null
        ? [minuteText(fromMs), "", ""]
        : [last["minute"]!, last["driver"]!, last["source"]!]),
    ));
}

/** Rows of lots, those of one minute together. */
function* byMinute(
  store: Store,
  next: (last: ResultRow | null) => ResultRow[],
): Generator<CallMinute[]> {
  let together: CallMinute[] = [];
  for (let last: ResultRow | null = null;;) {
    const rows: ResultRow[] = next(last);
    for (const row of rows) {
      const minute = minuteOf(store, row);
      if (together.length > 0 && together[0]!.minuteMs !== minute.minuteMs) {
        yield together;
        together = [];
      }
      together.push(minute);
    }
    last = rows.at(-1) ?? null;
    if (rows.length < LOT) break;
  }
  if (together.length > 0) yield together;
}
