/**
 * Bounds on what one recording may cost in memory and time. Whoever was recorded chose the content,
 * and whoever stored it the rest: nothing in a file is believed before it is held against these.
 * What goes beyond one is a fault of its part or of the file, with a state and an offset, or a line
 * that is left out and counted; what was read before it is kept. Sizes that a header claims are not
 * believed either: nothing is set aside for them, and what they say beyond the file's end is
 * reported as a cut.
 *
 * Time is bounded with it: reading takes some seconds a GiB of what comes out.
 */
export interface RecordingLimits {
  /**
   * A protobuf record, in bytes. Teleport itself writes none longer than 65,536, nor reads one; a
   * length beyond says that what follows is no record.
   */
  maxRecordBytes: number;
  /**
   * What one part, or one compressed file, may inflate to. Teleport closes a part at some MiB of
   * gzip, and terminal output shrinks to a tenth, not to a thousandth. Each gzip member counts for
   * at least 4 KiB.
   */
  maxPartBytes: number;
  /** What all parts together may inflate to; parts of a day's session come to some hundred MiB. */
  maxInflatedBytes: number;
  /** Events handed out; checked a batch at a time. */
  maxEvents: number;
  /** One line of an asciicast; longer ones are left out and counted. Parsed, it takes 10 times it. */
  maxLineBytes: number;
  /**
   * The header of an asciicast, and all of one of v1, which is one JSON object and must be held
   * whole. Parsed, it takes some 10 times as much memory.
   */
  maxDocumentBytes: number;
  /**
   * Compressed bytes of a part kept, so that all that decodes before damage can be had: zlib drops
   * what it made of the piece that holds the damage. In a longer part up to 256 KiB of compressed
   * data before the damage are lost.
   */
  maxReplayBytes: number;
}

const MIB = 1024 * 1024;

/** What is used where the caller sets nothing. */
export const DEFAULT_LIMITS: Readonly<RecordingLimits> = {
  maxRecordBytes: 65536,
  maxPartBytes: 1024 * MIB,
  maxInflatedBytes: 8192 * MIB,
  maxEvents: 50_000_000,
  maxLineBytes: 4 * MIB,
  maxDocumentBytes: 32 * MIB,
  maxReplayBytes: 8 * MIB,
};
