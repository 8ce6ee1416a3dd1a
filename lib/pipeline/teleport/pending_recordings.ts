import { EXTRACTOR_VERSION } from "../../recording/read.ts";
import { readNotableEvents } from "../../store/notable_events.ts";
import { readSession } from "../../store/sessions.ts";
import type { Store } from "../../store/store.ts";
import { unfinishedRecordings } from "../../store/unfinished_recordings.ts";
import type { WaitingSession } from "../../store/waiting_sessions.ts";
import { type SessionFilter, wants } from "../session_filter.ts";

/** Sessions whose recordings are still to be read. */
interface PendingRecordings {
  /** How many recordings; a filter may leave fewer. */
  readonly count: number;
  /** The sessions, in the order of their ids. */
  sessions(): Generator<WaitingSession>;
}

/**
 * The sessions of a window whose recordings are still to be read, as the store knows them. Driven
 * by the store and not by the log: what a killed pull, a failure or `--no-recordings` left over is
 * taken up without asking for its days again.
 */
export function pendingRecordings(
  store: Store,
  { since, until, filter, all = false }: {
    since: Date;
    until: Date;
    filter: SessionFilter;
    /** Also those whose recordings were read before. */
    all?: boolean;
  },
): PendingRecordings {
  const extractorVersion = EXTRACTOR_VERSION;
  const pending = unfinishedRecordings(store, { since, until, extractorVersion, all });
  return {
    count: pending.reduce((sum, { recordingIds }) => sum + recordingIds.length, 0),
    *sessions() {
      for (const { sessionId, recordingIds } of pending) {
        const known = knownSession(store, sessionId, recordingIds);
        if (known !== null && wants(filter, known.session)) yield known;
      }
    },
  };
}

function knownSession(
  store: Store,
  sessionId: string,
  recordingIds: string[],
): WaitingSession | null {
  const session = readSession(store, sessionId);
  const features = store.statement("SELECT 1 FROM features_cmd WHERE subject_id = ?");
  return session && {
    session,
    recordingIds,
    uploadOnly: session.started_at === null && session.principal === null,
    measured: features.get(sessionId) !== undefined,
    sources: readNotableEvents(store, sessionId).map(({ kind }) => kind),
  };
}
