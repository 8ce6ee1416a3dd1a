import { EXTRACTOR_VERSION } from "../recording/read.ts";
import type { TeleportSession } from "../sources/teleport/session_reader.ts";
import { readSession } from "../store/sessions.ts";
import type { Store } from "../store/store.ts";
import { unfinishedRecordings } from "../store/unfinished_recordings.ts";
import { type SessionFilter, wants } from "./session_filter.ts";

/**
 * The sessions of a window whose recordings are still to be read, as the store knows them. Driven
 * by the store and not by the log: what a killed pull, a failure or `--no-recordings` left over is
 * taken up without asking for its days again.
 */
export function pendingSessions(
  store: Store,
  { since, until, filter, all = false }: {
    since: Date;
    until: Date;
    filter: SessionFilter;
    /** Also those whose recordings were read before. */
    all?: boolean;
  },
): TeleportSession[] {
  const sessions: TeleportSession[] = [];
  const extractorVersion = EXTRACTOR_VERSION;
  const pending = unfinishedRecordings(store, { since, until, extractorVersion, all });
  for (const { sessionId, recordingIds } of pending) {
    const session = readSession(store, sessionId);
    if (session === null || !wants(filter, session)) continue;
    sessions.push({
      session,
      expectsRecording: true,
      recordingIds,
      uploadOnly: session.started_at === null && session.principal === null,
      commands: null,
    });
  }
  return sessions;
}
