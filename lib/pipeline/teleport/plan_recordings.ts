import { EXTRACTOR_VERSION } from "../../recording/read.ts";
import type { RecordingPlace } from "../../sources/teleport/recording_place.ts";
import { recordingsParsed } from "../../store/sessions.ts";
import type { Store } from "../../store/store.ts";

/** Recordings that a pull reads at most, and their bytes. */
interface RecordingsBound {
  recordings: number;
  recordingBytes: number;
}

/**
 * How many recordings a pull may read, by what lies at their place: those written since the window
 * began, where the place tells when, without those that this extractor version has parsed. Which of
 * them are of sessions that are wanted is not known before the log was asked, so it is a bound. One
 * session by its id is looked up alone. Throws a `StorageError`.
 */
export async function boundRecordings(
  store: Store,
  place: RecordingPlace,
  { sinceMs, session, force = false }: {
    sinceMs: number;
    session?: string | undefined;
    force?: boolean | undefined;
  },
): Promise<RecordingsBound> {
  const bound = { recordings: 0, recordingBytes: 0 };
  const parsed = force ? new Set<string>() : recordingsParsed(store, EXTRACTOR_VERSION);
  const own = session === undefined ? null : await place.sizeOf(session);
  if (own !== null) {
    return parsed.has(session!) ? bound : { recordings: 1, recordingBytes: own };
  }
  for await (const some of place.list()) {
    for (const { id, bytes, writtenMs } of some) {
      if (parsed.has(id) || (writtenMs !== null && writtenMs < sinceMs)) continue;
      bound.recordings++;
      bound.recordingBytes += bytes;
    }
  }
  return bound;
}
