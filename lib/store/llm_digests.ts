import type { Store } from "./store.ts";

/** What was given to a model of one subject; counts, no text. */
interface LlmDigest {
  subjectId: string;
  /** Tells this text from what was read of the subject before. */
  digestHash: string;
  kind: "pty" | "call-graph";
  /** Requests that it takes. */
  windows: number;
  lines: number;
  characters: number;
  /** What was put in place of secrets, by kind. */
  redacted: Readonly<Record<string, number>>;
  /** Lines withheld, since they speak to whoever reads them. */
  withheld: number;
  /** Characters taken out that nobody would have seen. */
  invisible: number;
  /** Lines that were only counted. */
  elided: number;
  /** The limit at which the text ended early; null: all of it was read. */
  stopped: string | null;
}

/** Writes what is about to be sent of a subject, in place of what was read of it before. */
export function putDigest(store: Store, digest: LlmDigest): void {
  store.statement(
    `INSERT OR REPLACE INTO llm_digests (subject_id, digest_hash, kind, windows, lines, characters,
       redacted, withheld, invisible, elided, stopped)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    ...[digest.subjectId, digest.digestHash, digest.kind, digest.windows, digest.lines],
    ...[digest.characters, JSON.stringify(digest.redacted), digest.withheld, digest.invisible],
    ...[digest.elided, digest.stopped],
  );
}
