/** Something of a source that was left out, and why. Never content of a session. */
export interface SourceSkip {
  /** The file or folder it was in. */
  uri: string;
  /** From a closed list of sentences. */
  reason: string;
  /** Which kind, where the reason has kinds. */
  detail: string | null;
  count: number;
  /** The UTC day it was logged on, as `2026-03-10`, where that is known. */
  day?: string;
}
