import type { ApiSubstrate, RawMinute } from "../model/call_minute.ts";
import type { SourceSkip } from "./source_skip.ts";

/** A stretch of time: `since` belongs to it, `until` does not. */
export interface ApiWindow {
  since: Date;
  until: Date;
}

/** How minutes are asked for. */
export interface ApiMinutesOptions {
  /** Hex text that hashes inside the query are salted with: `querySalt()` of the store. */
  salt: string;
  /** Only calls of this principal, as its source spells it. */
  principal?: string | undefined;
  /** Stops a query that is under way. */
  signal?: AbortSignal | undefined;
  /** Told of each group of rows that could not be used. */
  onSkip: (skip: SourceSkip) => void;
  /** Told what a query read, and how long the engine worked; may be called several times. */
  onScanned?: ((bytes: number, engineMs: number) => void) | undefined;
}

/** What reading a window would cost, known before it is read. */
export interface ApiPlan {
  /** Whole UTC days that would be asked for. */
  days: number;
  /** Partitions that queries would read, late entries' among them; null: not known. */
  partitions?: number | null;
  /** Queries that would be started. */
  queries?: number;
  /** Files or partitions that would be read; null: not known. */
  objects: number | null;
  /** Bytes of these; null: not known. */
  bytes: number | null;
  /** What the engine would bill at most; null: it bills nothing, or that is not known. */
  scannedAtMost: number | null;
  /** Money, as text with its currency; null: it costs nothing. */
  cost: string | null;
  /** Why the bytes are not known; null: they are. */
  unknown: string | null;
}

/**
 * A log of API calls: an archive, or a warehouse that holds one. Where it is read from and how is
 * its own affair; everything behind its rows is one code for all.
 */
export interface ApiSource {
  /** As `pulls` and `skips` name it: `gcp archive ./gcs`. */
  readonly name: string;
  readonly substrate: ApiSubstrate;
  /** The whole span that is held, for archives; null where it isn't known. */
  span(): Promise<ApiWindow | null>;
  /** Whether there is no file at all, whatever its time; only archives on this machine tell. */
  isEmpty?(): Promise<boolean>;
  /**
   * The minutes of a window of whole UTC minutes, in batches, in any order. Throws a `QueryError`
   * where the log can't be read; what is unreadable in parts is told to `onSkip`.
   */
  minutes(window: ApiWindow, options: ApiMinutesOptions): AsyncGenerator<RawMinute[]>;
  /** What of all entries can't be told for want of a column, in sentences. */
  notes?(): Promise<string[]>;
  /** What reading the windows would cost; reads no entry. */
  plan?(windows: readonly ApiWindow[]): Promise<ApiPlan>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Why an entry was left out that is there several times: logs are delivered at least once. */
export const DELIVERED_AGAIN = "entry was delivered more than once";
