import { BOMB } from "./gzip_bomb.ts";

/** Reasons that speak of a whole file or folder which could not be read, or not to its end. */
export const UNREAD_REASONS: ReadonlySet<string> = new Set([
  ...["folder can't be read", "link leads nowhere", "file is no plain file"],
  ...["file can't be read", "file can't be read to its end", "file is cut or damaged"],
  ...[BOMB, "file is no sound Parquet", "file has pages that can't be read"],
  ...["file has events that can't be read", "file lacks columns of Teleport's table"],
  ...["file has rows that are too large to read"],
]);

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

/** A file or folder that was left out. */
export function skippedFile(uri: string, reason: string): SourceSkip {
  return { uri, reason, detail: null, count: 1 };
}
