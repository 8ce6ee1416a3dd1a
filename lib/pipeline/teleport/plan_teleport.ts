import type { TeleportSourceConfig } from "../../config/config.ts";
import { QueryError, StorageError } from "../../model/errors.ts";
import { daysOf } from "../../model/time.ts";
import type { AthenaEngine } from "../../sources/athena.ts";
import { openS3, parseS3Uri, type S3, type S3Options } from "../../sources/s3.ts";
import { tableLocation } from "../../sources/teleport/athena_table.ts";
import type { Window } from "../../sources/teleport/event_files.ts";
import {
  type EventFile,
  type EventFormat,
  eventSource,
} from "../../sources/teleport/event_source.ts";
import { AROUND_MS, type Piece } from "../../sources/teleport/pull_days.ts";

/** What a pull would read of a log, before it does. */
export interface LogPlan {
  /** Days whose sessions would be asked for. */
  days: number;
  /** Days of files that the queries would read, those around included. */
  partitions: number;
  /** Queries that would be started; 0 for a local archive. */
  queries: number;
  /** Files of these partitions; null: not to be had, `unknown` says why. */
  objects: number | null;
  /** Bytes of these; null as they are. */
  bytes: number | null;
  /** Bytes that Athena would scan at most: each query may read its partitions whole. */
  scannedAtMost: number | null;
  unknown: string | null;
}

/** The plan of the log, and of the recordings that would be read. */
export interface TeleportPlan extends LogPlan {
  /** At most so many: which of them the window's sessions have is not known yet; null: not to be had. */
  recordings: number | null;
  /** Their bytes as stored; null: not to be had. */
  recordingBytes: number | null;
}

/** Queries of a piece that read the days around it, and those that read its own days only. */
const QUERIES_AROUND = 3;
const QUERIES_WITHIN = 2;
/** One more around where labels of targets are kept. */
const QUERIES_LABELS = 1;

/** What reading local files would read, by the days of their folders or names. */
export async function planFiles(
  { events, format }: { events: string; format: EventFormat },
  { since = new Date(0), until = new Date("9000-01-01") }: Partial<Window>,
): Promise<LogPlan> {
  const source = eventSource(events, format);
  const files = await source.list({
    since: new Date(since.getTime() - AROUND_MS),
    until: new Date(until.getTime() + AROUND_MS),
  });
  let bytes = 0;
  for (const { path } of files) bytes += (await Deno.stat(path)).size;
  return {
    days: daysIn(await source.list({ since, until })),
    partitions: daysIn(files),
    ...{ queries: 0, objects: files.length, bytes, scannedAtMost: null, unknown: null },
  };
}

function daysIn(files: readonly EventFile[]): number {
  return new Set(files.map(({ path, day }) => day ?? path)).size;
}

/** What asking Athena for these pieces would read; lists the table's folder, and queries nothing. */
export async function planAthena(
  engine: AthenaEngine,
  pieces: readonly Piece[],
  { athena, keepsLabels = false, aws = {} }: {
    athena: NonNullable<TeleportSourceConfig["events"]["athena"]>;
    /** Labels of targets are asked for, too. */
    keepsLabels?: boolean;
    aws?: S3Options;
  },
): Promise<LogPlan> {
  const queriesAround = QUERIES_AROUND + (keepsLabels ? QUERIES_LABELS : 0);
  const partitions = [...new Set(pieces.flatMap(({ around }) => daysOf(around)))].sort();
  const plan: LogPlan = {
    days: pieces.reduce((sum, { days }) => sum + days.length, 0),
    partitions: partitions.length,
    queries: pieces.length * (queriesAround + QUERIES_WITHIN),
    ...{ objects: null, bytes: null, scannedAtMost: null, unknown: null },
  };
  if (pieces.length === 0) return { ...plan, objects: 0, bytes: 0, scannedAtMost: 0 };
  try {
    const location = await tableLocation(engine, athena);
    using s3 = await openS3({ region: athena.region, ...aws });
    const sizes = new Map<string, { objects: number; bytes: number }>();
    for (const day of partitions) sizes.set(day, await sizeOf(s3, location, day));
    const bytesOf = (days: readonly string[]) =>
      days.reduce((sum, day) => sum + (sizes.get(day)?.bytes ?? 0), 0);
    plan.objects = [...sizes.values()].reduce((sum, { objects }) => sum + objects, 0);
    plan.bytes = bytesOf(partitions);
    plan.scannedAtMost = pieces.reduce(
      (sum, { days, around }) =>
        sum + queriesAround * bytesOf(daysOf(around)) + QUERIES_WITHIN * bytesOf(days),
      0,
    );
  } catch (error) {
    if (!(error instanceof QueryError || error instanceof StorageError)) throw error;
    plan.unknown = error.message;
  }
  return plan;
}

async function sizeOf(
  s3: S3,
  location: (day: string) => string,
  day: string,
): Promise<{ objects: number; bytes: number }> {
  const at = parseS3Uri(location(day));
  if (at === null) throw new QueryError("The table's location template is no S3 address");
  const size = { objects: 0, bytes: 0 };
  for await (const page of s3.list(at)) {
    for (const { key, bytes } of page) {
      if (!key.endsWith(".parquet")) continue;
      size.objects++;
      size.bytes += bytes;
    }
  }
  return size;
}
