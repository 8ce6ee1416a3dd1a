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
  user_kind: string | null;
  started_at: string | null;
  ended_at: string | null;
  duration_seconds: number | null;
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
  until_seconds: number | null;
}

/** One recording of a session; several where it was cut into chunks. */
export interface RecordingRow {
  recording_id: string;
  session_id: string;
  /** Where it was read from; for a local file the path as given. */
  uri: string;
  bytes: number | null;
  format: string | null;
  state: RecordingState;
  /** Why it is not `parsed`; never content of the session. */
  error: string | null;
  /** Where the fault lies, in bytes from the start of the file (compressed as stored). */
  error_offset: number | null;
  parts: number | null;
  events: number | null;
  /** Events of kinds this version does not know, and records skipped (duplicates, broken ones). */
  events_unknown: number | null;
  events_skipped: number | null;
  extractor_version: string;
}
