import type { Store } from "./store.ts";

/** A window of a source that was pulled whole. */
interface PulledWindow {
  since: Date;
  until: Date;
  pulledAt: Date;
  bytesScanned: number | null;
}

/** The windows of a source that were pulled to their end, in the order of the pulls. */
export function pulledWindows(store: Store, source: string): PulledWindow[] {
  return store.statement(
    `SELECT from_at, until_at, pulled_at, bytes_scanned FROM pulls
     WHERE source = ? AND outcome = 'done' AND from_at IS NOT NULL AND until_at IS NOT NULL
     ORDER BY pull_id`,
  ).all(source).map((row) => ({
    since: new Date(String(row.from_at)),
    until: new Date(String(row.until_at)),
    pulledAt: new Date(String(row.pulled_at)),
    bytesScanned: row.bytes_scanned === null ? null : Number(row.bytes_scanned),
  }));
}
