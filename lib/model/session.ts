import type { TeleportFacts } from "./teleport_facts.ts";
import type {
  NoRecordingReason,
  RecordingState,
  SessionKind,
  SubjectKind,
  Substrate,
} from "./vocabulary.ts";

/**
 * One session, whatever the substrate. Keys are the columns of the table `sessions`; times are
 * ISO-8601 in UTC with milliseconds and `Z`; null is "not known".
 */
export interface SessionRow {
  /** The substrate's own id, or derived from what the session is; never random. */
  session_id: string;
  substrate: Substrate;
  kind: SessionKind;
  /** Who, as the substrate spells it. */
  principal: string | null;
  /** The account on the target. */
  login: string | null;
  /** Node, pod, database, project. */
  target: string | null;
  /** Cluster, organisation or project, account. */
  scope: string | null;
  /** What acted for the principal: user-agent family and address; null for terminals. */
  driver: string | null;
  /** What the log says of the principal: `human`, `bot`, `system`, …; null: it does not say. */
  user_kind: string | null;
  /** null where only its recording, or only its end, is known. */
  started_at: string | null;
  /** null while it runs, or where its end is not known. */
  ended_at: string | null;
  /** From begin to end; of a recording without such times, its own length. */
  duration_seconds: number | null;
  /** When its recording was uploaded; null where no upload was seen, and for API calls. */
  uploaded_at: string | null;
  /** Why the session has no recording; null where it has one. */
  no_recording: NoRecordingReason | null;
}

/** What a recording says of its own session: any subset of the row, and what Teleport adds. */
export type SessionFacts = Partial<SessionRow> & TeleportFacts;

/** A thing that features, verdicts, hits and labels hang on. */
export interface SubjectRow {
  /** Equals `session_id` for a session. */
  subject_id: string;
  kind: SubjectKind;
  /** The session of a session or segment; null for an activity, whose members are listed apart. */
  session_id: string | null;
  /** Segments only: seconds from the first event of the recording. */
  from_seconds: number | null;
  /** Segments only: where it ends, counted alike. */
  until_seconds: number | null;
}

/** One recording of a session; several where it was cut into chunks. */
export interface RecordingRow {
  /** The session's id, or a chunk's where there are several; else derived from the file. */
  recording_id: string;
  /** The session that it is of. */
  session_id: string;
  /** Where it was read from; for a local file the path as given. */
  uri: string;
  /** Size as stored (compressed); null where that could not be told. */
  bytes: number | null;
  /** See `RecordingFormat`; null where it is none of these, or was not read yet. */
  format: string | null;
  state: RecordingState;
  /** Why it is not `parsed`; never content of the session. */
  error: string | null;
  /** Where the fault lies, in bytes from the start of the file (compressed as stored). */
  error_offset: number | null;
  /** Parts that a ProtoStream was uploaded in; null, as the counts below, before it was read. */
  parts: number | null;
  /** Events that were read. */
  events: number | null;
  /** Events of kinds that this version does not know. */
  events_unknown: number | null;
  /** Records skipped: duplicates, broken ones. */
  events_skipped: number | null;
  /** Which extractor read it: another version reads it again. */
  extractor_version: string;
}
