import { boundedPrincipal } from "../../sessions/fold_minutes.ts";
import type { SessionLabelRow, SessionLabelTable } from "../../sources/session_labels.ts";
import { clearSkips, recordSkips } from "../../store/runs.ts";
import type { Store } from "../../store/store.ts";
import { addCounts, importLabels, type LabelCounts, labelSource } from "../import_labels.ts";

/** What became of a table of labels of API sessions. */
interface ApiLabelCounts extends LabelCounts {
  /** Sessions that a row was found for. */
  sessions: number;
  /** Rows that fit no session. */
  unused: SessionLabelRow[];
}

/**
 * Gives the API sessions of a store the labels of a table: each those of the first row of its
 * principal in whose time it begins. Rows that fit no session, and what is refused, are counted among
 * the skips. Doing it again changes nothing.
 */
export function labelApiSessions(
  store: Store,
  table: SessionLabelTable,
  { now }: { now: Date },
): ApiLabelCounts {
  const counts: ApiLabelCounts = { set: 0, refused: 0, sessions: 0, unused: [] };
  const find = store.statement(
    `SELECT session_id FROM sessions
     WHERE principal = ? AND driver IS NOT NULL AND substr(driver, 1, ?) = ?
       AND started_at >= ? AND started_at < ?
     ORDER BY session_id`,
  );
  const labelled = new Set<string>();
  store.transaction(() => {
    clearSkips(store, { uri: table.path, sources: [labelSource("table")] });
    for (const row of table.rows) {
      const { principal, driver, sinceMs, untilMs, labels, refused, note } = row;
      const uri = `${table.path}:${row.line}`;
      const found = find.all(
        boundedPrincipal(principal),
        driver.length,
        driver,
        new Date(sinceMs).toISOString(),
        new Date(untilMs).toISOString(),
      ).map((session) => String(session["session_id"]));
      if (found.length === 0) counts.unused.push(row);
      for (const id of found) {
        if (labelled.has(id)) continue;
        labelled.add(id);
        const outside = { from: "table", uri, labels, refused, note, now } as const;
        addCounts(counts, importLabels(store, id, outside));
      }
    }
    counts.sessions = labelled.size;
    const skipped = { ...table.refused };
    if (counts.unused.length > 0) skipped["row fits no session"] = counts.unused.length;
    recordSkips(
      store,
      Object.entries(skipped).map(([reason, count]) => ({
        ...{ source: labelSource("table"), uri: table.path, reason, count },
      })),
    );
  });
  return counts;
}
