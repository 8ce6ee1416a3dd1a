/**
 * Bounds on what one recording may cost. Whoever was recorded chose the content, and whoever
 * stored it the rest: nothing in a file is believed before it is held against these.
 */
export interface RecordingLimits {
  /** A protobuf record; Teleport itself writes at most 65,536. */
  maxRecordBytes: number;
  /** What one part or one compressed file may inflate to. */
  maxPartBytes: number;
  /** What all parts together may inflate to. */
  maxInflatedBytes: number;
  /** Events handed out. */
  maxEvents: number;
  /** One line of an asciicast; longer ones are skipped and counted. */
  maxLineBytes: number;
  /** An asciicast v1, which is one JSON object and must be held whole. */
  maxDocumentBytes: number;
  /** Compressed bytes of a part kept, to get at all that decodes when the part is damaged. */
  maxReplayBytes: number;
}

const MIB = 1024 * 1024;

/** What is used where the caller sets nothing. */
export const DEFAULT_LIMITS: Readonly<RecordingLimits> = {
  maxRecordBytes: 65536,
  maxPartBytes: 1024 * MIB,
  maxInflatedBytes: 8192 * MIB,
  maxEvents: 50_000_000,
  maxLineBytes: 16 * MIB,
  maxDocumentBytes: 64 * MIB,
  maxReplayBytes: 8 * MIB,
};
