import { QueryError } from "../../model/errors.ts";
import type { RecordingRow } from "../../model/session.ts";
import { EXTRACTOR_VERSION } from "../../recording/read.ts";
import type { AthenaEngine } from "../../sources/athena.ts";
import { BYTES_LIMIT } from "../../sources/athena_errors.ts";
import { readAthenaSessions } from "../../sources/teleport/athena_sessions.ts";
import type { EventCounts } from "../../sources/teleport/log_counts.ts";
import { type Piece, planPieces } from "../../sources/teleport/pull_days.ts";
import type { RecordingPlace } from "../../sources/teleport/recording_place.ts";
import type { TeleportSession } from "../../sources/teleport/session_reader.ts";
import { clearSkips, recordPull, recordSkips, type SkipRow } from "../../store/runs.ts";
import { recordingsOf, upsertRecording } from "../../store/sessions.ts";
import type { Store } from "../../store/store.ts";
import { type SessionFilter, wants } from "../session_filter.ts";
import { storeEventCounts } from "./store_event_counts.ts";
import { storeLogSession } from "./store_log_session.ts";

/** What is pulled out of Athena, and for whom. */
interface AthenaPull {
  /** As the configuration names it: what `pulls` and `skips` are kept under. */
  source: string;
  table: string;
  pieces: readonly Piece[];
  /** Where recordings are; sessions expect theirs there. null: they are not looked for. */
  place: RecordingPlace | null;
  filter: SessionFilter;
  /** Keys of the targets' labels that are kept: none. */
  keepLabels?: readonly string[];
  now: () => Date;
  runId: number | null;
  onPiece?: (piece: Piece, told: { sessions: number; bytesScanned: number }) => void;
}

/** What came of it. */
interface AthenaPulled {
  sessions: number;
  days: number;
  bytesScanned: number;
}

/** Results of settled days that are at most so old stand for a query that was asked before. */
const REUSE_MINUTES = 60;

/**
 * Stores the sessions of some days out of Athena, piece by piece; each piece is noted in `pulls`
 * once all its sessions are stored, so that a pull that was killed goes on there. Recordings that
 * were uploaded are noted as `pending`. A piece that the workgroup's limit stops is asked for in
 * halves, down to single days. Throws a `QueryError`; what was stored before stays.
 */
export async function pullAthenaEvents(
  store: Store,
  engine: AthenaEngine,
  pull: AthenaPull,
): Promise<AthenaPulled> {
  const result: AthenaPulled = { sessions: 0, days: 0, bytesScanned: 0 };
  const pieces = [...pull.pieces];
  for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) {
    try {
      const told = await pullPiece(store, engine, { pull, piece });
      result.sessions += told.sessions;
      result.bytesScanned += told.bytesScanned;
      result.days += piece.days.length;
      pull.onPiece?.(piece, told);
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      const { bytesScanned } = engine.takeUsage();
      note(
        store,
        { pull, piece, outcome: "failed", sessions: 0, bytesScanned, engineMs: null },
        error,
      );
      if (error.cause !== BYTES_LIMIT || piece.days.length === 1) throw error;
      pieces.unshift(...halves(piece, pull.now()));
    }
  }
  return result;
}

async function pullPiece(
  store: Store,
  engine: AthenaEngine,
  { pull, piece }: { pull: AthenaPull; piece: Piece },
): Promise<{ sessions: number; bytesScanned: number }> {
  const skips: SkipRow[] = [];
  const counts: EventCounts[] = [];
  engine.reuseMinutes = piece.settled ? REUSE_MINUTES : 0;
  let sessions = 0;
  const batches = readAthenaSessions(engine, {
    piece,
    table: pull.table,
    keepLabels: pull.keepLabels ?? [],
    onSkip: (skip) => skips.push({ source: "teleport", ...skip }),
    onCounts: (told) => counts.push(told),
  });
  for await (const batch of batches) {
    const wanted = batch.filter(({ session }) => wants(pull.filter, session));
    const expected = await Promise.all(
      wanted.map((found) => expectedRecordings(found, pull.place)),
    );
    store.transaction(() =>
      wanted.forEach((found, i) => take(store, found, { pull, recordings: expected[i]! }))
    );
    sessions += wanted.length;
  }
  const usage = engine.takeUsage();
  store.transaction(() => {
    for (const day of piece.days) {
      clearSkips(store, { uri: `${pull.table}/${day}`, sources: ["teleport"] });
    }
    recordSkips(store, skips);
    for (const told of counts) storeEventCounts(store, pull.source, told);
    const outcome = pull.filter.session || pull.filter.principal ? "partial" : "done";
    note(store, { pull, piece, outcome, sessions, ...usage });
  });
  return { sessions, bytesScanned: usage.bytesScanned };
}

function take(
  store: Store,
  found: TeleportSession,
  { pull, recordings }: { pull: AthenaPull; recordings: readonly RecordingRow[] },
): void {
  storeLogSession(store, found, pull.keepLabels ?? []);
  const { session_id } = found.session;
  const noted = new Set(recordingsOf(store, session_id).map((row) => row.recording_id));
  for (const recording of recordings) {
    if (!noted.has(recording.recording_id)) upsertRecording(store, recording);
  }
}

async function expectedRecordings(
  { session, recordingIds }: TeleportSession,
  place: RecordingPlace | null,
): Promise<RecordingRow[]> {
  if (place === null) return [];
  return await Promise.all(recordingIds.map(async (recording_id) => {
    const found = await place.find(recording_id);
    return {
      recording_id,
      session_id: session.session_id,
      uri: found.state === "found" ? found.file.uri : found.uri,
      state: "pending" as const,
      ...{ bytes: null, format: null, error: null, error_offset: null, parts: null },
      ...{ events: null, events_unknown: null, events_skipped: null },
      extractor_version: EXTRACTOR_VERSION,
    };
  }));
}

interface Noted {
  pull: AthenaPull;
  piece: Piece;
  outcome: "done" | "partial" | "failed";
  sessions: number;
  bytesScanned: number;
  engineMs: number | null;
}

function note(store: Store, noted: Noted, error?: QueryError): void {
  const { pull, piece, outcome } = noted;
  recordPull(store, {
    run_id: pull.runId,
    source: pull.source,
    from_at: piece.window.since.toISOString(),
    until_at: piece.window.until.toISOString(),
    pulled_at: pull.now().toISOString(),
    rows: noted.sessions,
    bytes_scanned: noted.bytesScanned,
    engine_ms: noted.engineMs,
    outcome,
    detail: error?.message ?? (outcome === "partial" ? "some sessions only, as asked" : null),
  });
}

function halves(piece: Piece, now: Date): Piece[] {
  const daysPerPiece = Math.ceil(piece.days.length / 2);
  return planPieces(piece.window, { now, done: new Set(), daysPerPiece });
}
