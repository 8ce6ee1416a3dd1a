import type { CallMinute } from "../model/call_minute.ts";
import { floorMinute } from "../model/time.ts";
import { minuteOf, minuteText } from "./call_minutes.ts";
import { eachRow } from "./each_row.ts";
import type { WideRow } from "./frame.ts";
import type { Store } from "./store.ts";

/** The minutes of API calls of one session, from its wide row, in order of time. */
export function* readSessionMinutes(store: Store, row: WideRow): Generator<CallMinute> {
  const { principal, driver, started_at, ended_at } = row;
  if (typeof principal !== "string" || typeof driver !== "string") return;
  const first = floorMinute(Date.parse(String(started_at)));
  const last = Date.parse(String(ended_at));
  if (!Number.isFinite(first) || !Number.isFinite(last)) return;
  const rows = eachRow(
    store,
    `SELECT * FROM call_minutes WHERE principal = ? AND driver = ? AND minute >= ? AND minute <= ?
     ORDER BY minute, source`,
    ...[principal, driver, minuteText(first), minuteText(last)],
  );
  for (const row of rows) yield minuteOf(store, row);
}
