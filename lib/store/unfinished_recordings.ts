import type { Store } from "./store.ts";

/** A session of which a recording was seen uploaded and not read yet. */
interface UnfinishedSession {
  sessionId: string;
  /** All its recordings, the read ones too: chunks are measured together. */
  recordingIds: string[];
}

/**
 * Sessions that lie in a window, or reach into it, with a recording that this extractor version has
 * not read; with `all`, whatever was read. In the order of their ids. Those that are truncated or
 * broken inside count as read: what is uploaded does not change any more.
 */
export function unfinishedRecordings(
  store: Store,
  { since, until, extractorVersion, all = false }: {
    since: Date;
    until: Date;
    extractorVersion: string;
    all?: boolean;
  },
): UnfinishedSession[] {
  return store.statement(
    `SELECT session_id, group_concat(recording_id ORDER BY recording_id) AS ids
     FROM recordings JOIN sessions USING (session_id)
     WHERE uploaded_at >= ?1 AND coalesce(started_at, uploaded_at) < ?2
     GROUP BY session_id
     HAVING ?3 OR max(extractor_version <> ?4
       OR recordings.state IN ('pending', 'missing')
       OR (recordings.state = 'failed' AND recordings.bytes IS NULL))
     ORDER BY session_id`,
  ).all(since.toISOString(), until.toISOString(), all ? 1 : 0, extractorVersion).map((row) => ({
    sessionId: String(row.session_id),
    recordingIds: String(row.ids).split(","),
  }));
}
