import { boundedPrincipal } from "../../sessions/fold_minutes.ts";
import type { SessionLabelRow, SessionLabelTable } from "../../sources/session_labels.ts";
import { clearSkips, recordSkips } from "../../store/runs.ts";
import type { Store } from "../../store/store.ts";
import { addCounts, importLabels, type LabelCounts, labelSource } from "../import_labels.ts";
import { BegunSessions } from "./begun_sessions.ts";

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
  const byPrincipal = Map.groupBy(table.rows, ({ principal }) => boundedPrincipal(principal));
  const unused = new Set<SessionLabelRow>();
  store.transaction(() => {
    clearSkips(store, { uri: table.path, sources: [labelSource("table")] });
    for (const [principal, rows] of byPrincipal) {
      const sessions = new BegunSessions(store, principal);
      for (const row of rows) {
        const { driver, sinceMs, untilMs, labels, refused, note } = row;
        const [since, until] = [sinceMs, untilMs].map((ms) => new Date(ms).toISOString());
        const taken = sessions.take({ driver, since: since!, until: until! });
        if (taken === null) unused.add(row);
        const uri = `${table.path}:${row.line}`;
        for (const id of taken ?? []) {
          counts.sessions++;
          const outside = { from: "table", uri, labels, refused, note, now } as const;
          addCounts(counts, importLabels(store, id, outside));
        }
      }
    }
    counts.unused = table.rows.filter((row) => unused.has(row));
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
