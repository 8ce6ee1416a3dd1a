/** Something of a source that was left out, and why. Never content of a session. */
export interface SourceSkip {
  /** The file or folder it was in. */
  uri: string;
  /** From a closed list of sentences. */
  reason: string;
  /** Which kind, where the reason has kinds. */
  detail: string | null;
  count: number;
}
