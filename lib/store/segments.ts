import type { CmdFeatures } from "../model/cmd_features.ts";
import type { PtyFeatures, PtyRhythm } from "../model/pty_features.ts";
import { writeFeatures, writeRhythm } from "./features.ts";
import { resolveActivityId } from "./activities.ts";
import { resolveSessionId, upsertSubject } from "./sessions.ts";
import { storableText } from "./statement.ts";
import type { Store } from "./store.ts";

/**
 * A stretch of a session's recording between changes of driver, from `from_seconds` to `until_seconds`
 * since the recording's first event, measured by itself: `pty`, `rhythm` and `cmd` as of a recording.
 */
export interface SegmentInput {
  from_seconds: number;
  until_seconds: number;
  pty: PtyFeatures | null;
  rhythm: PtyRhythm | null;
  cmd: CmdFeatures | null;
}

/** The id of a session's segment: its number in order of time, from 1 on, behind the session's. */
function segmentId(sessionId: string, number: number): string {
  return `${sessionId}#${number}`;
}

/**
 * Makes these the only segments of a session, which must be there: none where its driver never
 * changed. What hangs on a segment that is no more (verdicts, labels) goes with it; one that stays
 * keeps it.
 */
export function replaceSegments(
  store: Store,
  sessionId: string,
  segments: readonly SegmentInput[],
): void {
  store.transaction(() => {
    const ids = segments.map((_, i) => segmentId(sessionId, i + 1));
    store.statement(
      `DELETE FROM subjects WHERE session_id = ? AND kind = 'segment'
         AND subject_id NOT IN (SELECT value FROM json_each(?))`,
    ).run(storableText(sessionId), JSON.stringify(ids.map(storableText)));
    segments.forEach(({ from_seconds, until_seconds, pty, rhythm, cmd }, i) => {
      const subject_id = ids[i]!;
      if (isTaken(store, subject_id)) return;
      upsertSubject(store, {
        ...{ subject_id, kind: "segment", session_id: sessionId },
        ...{ from_seconds, until_seconds },
      });
      if (pty !== null) writeFeatures(store, "pty", [{ subject_id, ...pty }]);
      else forget(store, "features_pty", subject_id);
      if (cmd !== null) writeFeatures(store, "cmd", [{ subject_id, ...cmd }]);
      else forget(store, "features_cmd", subject_id);
      if (rhythm !== null) writeRhythm(store, subject_id, rhythm);
      else forget(store, "pty_rhythm", subject_id);
    });
  });
}

/** The ids of the segments of each of these sessions that has some, in order of time. */
export function readSegmentIds(
  store: Store,
  { sessions }: { sessions: readonly string[] },
): Map<string, string[]> {
  const segments = new Map<string, string[]>();
  const rows = store.statement(
    `SELECT session_id, subject_id FROM subjects
     WHERE session_id IN (SELECT value FROM json_each(?)) AND kind = 'segment'
     ORDER BY session_id, from_seconds, subject_id`,
  ).all(JSON.stringify(sessions));
  for (const row of rows) {
    const sessionId = String(row["session_id"]);
    const ids = segments.get(sessionId) ?? [];
    ids.push(String(row["subject_id"]));
    segments.set(sessionId, ids);
  }
  return segments;
}

/**
 * The subject that an id means: a session as {@link resolveSessionId} finds it, with `#` and a number
 * behind one of its segments, or an activity by as much of its id; null where there is none.
 */
export function resolveSubjectId(store: Store, id: string): string | null {
  const session = resolveSessionId(store, id);
  if (session !== null) return session;
  const [, prefix, number] = /^(.+)#(\d{1,4})$/.exec(id) ?? [];
  if (prefix === undefined) return resolveActivityId(store, id);
  const sessionId = resolveSessionId(store, prefix);
  if (sessionId === null) return null;
  const subject = segmentId(sessionId, Number(number));
  const found = store.statement("SELECT 1 FROM subjects WHERE subject_id = ?").get(subject);
  return found === undefined ? null : subject;
}

// A session's id is not ours to choose: one may look like a segment's.
function isTaken(store: Store, subjectId: string): boolean {
  const found = store.statement("SELECT kind FROM subjects WHERE subject_id = ?").get(subjectId);
  return found !== undefined && found["kind"] !== "segment";
}

function forget(
  store: Store,
  table: "features_pty" | "features_cmd" | "pty_rhythm",
  subjectId: string,
): void {
  store.statement(`DELETE FROM ${table} WHERE subject_id = ?`).run(subjectId);
}
