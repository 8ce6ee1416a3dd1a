import type { Config, SourceConfig } from "../config/config.ts";
import { athenaCost } from "../sources/bytes_price.ts";
import type { Store } from "../store/store.ts";
import type { ApiPullOptions } from "./api/pull_api.ts";
import { planApiSource, pullApiSource } from "./api/pull_api_source.ts";
import {
  planTeleport,
  pullTeleport,
  type TeleportPulled,
  type TeleportPullOptions,
} from "./teleport/pull_teleport_source.ts";

/** Sources that have a window to pull. */
export type PulledSource = Exclude<SourceConfig, { kind: "recordings" }>;

/** How any of them is pulled. */
export interface SourcePullOptions extends TeleportPullOptions {
  /** How calls become sessions. */
  sessions: Config["sessions"];
}

/** What came of it, of whichever kind; logs of API calls have no recordings. */
export type SourcePulled = TeleportPulled;

/** What a pull would read, before it does; null where a source has no such thing. */
export interface SourcePlan {
  /** Days that would be asked for. */
  days: number;
  /** Days of files that queries would read, those around included. */
  partitions: number | null;
  /** Queries that would be started. */
  queries: number | null;
  /** Files that would be read; null: not known, `unknown` says why. */
  objects: number | null;
  /** Bytes of these; null as they are. */
  bytes: number | null;
  /** Bytes that an engine would bill at most. */
  scannedAtMost: number | null;
  /** Money, as text with its currency. */
  cost: string | null;
  /** Recordings that would be read at most. */
  recordings: number | null;
  /** Bytes of these, as stored. */
  recordingBytes: number | null;
  unknown: string | null;
}

/** Pulls one source. Throws a `QueryError`, a `StorageError`, or the signal's reason. */
export async function pullSource(
  store: Store,
  source: PulledSource,
  options: SourcePullOptions,
): Promise<SourcePulled> {
  if (source.kind === "teleport") return await pullTeleport(store, source, options);
  const { sessions, days, bytesScanned, problems } = await pullApiSource(
    store,
    source,
    apiOptions(options),
  );
  return { sessions, recordings: 0, damaged: 0, days, bytesScanned, problems };
}

/** What pulling one source would read; queries nothing and stores nothing. */
export async function planSource(
  store: Store,
  source: PulledSource,
  options: SourcePullOptions,
): Promise<SourcePlan> {
  if (source.kind === "teleport") {
    const plan = await planTeleport(store, source, options);
    const { scannedAtMost, queries } = plan;
    return { ...plan, cost: scannedAtMost ? athenaCost(scannedAtMost, queries) : null };
  }
  const plan = await planApiSource(store, source, apiOptions(options));
  return { partitions: null, queries: null, recordings: null, recordingBytes: null, ...plan };
}

function apiOptions({ sessions, ...options }: SourcePullOptions): ApiPullOptions {
  return {
    ...options,
    idleSeconds: sessions.idleThreshold,
    foldSeconds: sessions.commandFold,
    driverAddress: sessions.driverAddress,
  };
}
