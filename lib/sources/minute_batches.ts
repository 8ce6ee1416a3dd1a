import type { RawMinute } from "../model/call_minute.ts";
import { isoDay } from "../model/time.ts";
import { DELIVERED_AGAIN } from "./api_source.ts";
import type { MinuteOrSkip } from "./archive_source.ts";
import type { QueryRow } from "./query_engine.ts";
import type { SourceSkip } from "./source_skip.ts";

/**
 * The minutes among the rows of a minutes query; what was left out is told, and in the end by day
 * how many copies of entries there were.
 */
export async function* minuteBatches(
  batches: AsyncIterable<readonly QueryRow[]>,
  { read, uri, onSkip }: {
    read: (row: QueryRow, uri: string) => MinuteOrSkip;
    /** What copies, and rows without a place of their own, are told of. */
    uri: string;
    onSkip: (skip: SourceSkip) => void;
  },
): AsyncGenerator<RawMinute[]> {
  const copies = new Map<string, number>();
  for await (const rows of batches) {
    const minutes: RawMinute[] = [];
    for (const row of rows) {
      const found = read(row, uri);
      if ("skip" in found) {
        onSkip(found.skip);
        continue;
      }
      // of copies that came before nothing is left
      if (found.minute.calls.length + found.minute.callsOmitted > 0) minutes.push(found.minute);
      if (found.copies === 0) continue;
      const day = isoDay(found.minute.minuteMs);
      copies.set(day, (copies.get(day) ?? 0) + found.copies);
    }
    if (minutes.length > 0) yield minutes;
  }
  for (const [day, count] of copies) {
    onSkip({ uri, reason: DELIVERED_AGAIN, detail: null, count, day });
  }
}
