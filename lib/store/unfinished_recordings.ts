import type { Store } from "./store.ts";

/** A session of which a recording was seen uploaded and not read yet. */
export interface UnfinishedSession {
  sessionId: string;
  /** All its recordings, the read ones too: chunks are measured together. */
  recordingIds: string[];
}

/**
 * Sessions uploaded in a window with a recording that this extractor version has not read, in the
 * order of their ids. Truncated ones count as read: what is uploaded does not grow any more.
 */
export function unfinishedRecordings(
  store: Store,
  { since, until, extractorVersion }: { since: Date; until: Date; extractorVersion: string },
): UnfinishedSession[] {
  return store.statement(
    `SELECT session_id, group_concat(recording_id ORDER BY recording_id) AS ids
     FROM recordings JOIN sessions USING (session_id)
     WHERE uploaded_at >= ? AND uploaded_at < ?
     GROUP BY session_id
     HAVING max(extractor_version <> ?
       OR recordings.state NOT IN ('parsed', 'encrypted', 'unsupported', 'truncated'))
     ORDER BY session_id`,
  ).all(since.toISOString(), until.toISOString(), extractorVersion).map((row) => ({
    sessionId: String(row.session_id),
    recordingIds: String(row.ids).split(","),
  }));
}
