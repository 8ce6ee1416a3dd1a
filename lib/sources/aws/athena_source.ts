import type { RawMinute } from "../../model/call_minute.ts";
import { QueryError, StorageError } from "../../model/errors.ts";
import { DAY_MS } from "../../model/time.ts";
import type { ApiMinutesOptions, ApiPlan, ApiSource, ApiWindow } from "../api_source.ts";
import { type AthenaEngine, type AthenaOptions, openAthenaEngine } from "../athena.ts";
import { athenaCost } from "../bytes_price.ts";
import { minuteBatches } from "../minute_batches.ts";
import { openS3, type S3Options } from "../s3.ts";
import { isSettled } from "../teleport/pull_days.ts";
import { awsFiles } from "./archive.ts";
import { minuteOfRow } from "./minute_rows.ts";
import {
  registeredDays,
  TRAIL_TABLE,
  trailLocation,
  trailMetadata,
  type TrailQuery,
  trailQuery,
  type TrailTable,
} from "./trail_table.ts";
import { filesOfDays, regionFolders, scopeText, type TrailScope } from "./trail_tree.ts";
import { daysRead, minutesValues } from "./window_values.ts";

/** How a source of Athena is opened. */
export interface AthenaTrailOptions extends TrailScope {
  /** Add to what the table's configuration says: an endpoint, credentials, patience. */
  athena?: Partial<Omit<AthenaOptions, "database" | "workgroup" | "output" | "tables">>;
  /** For the listing of the table's files, which tells what a query would scan. */
  s3?: S3Options;
  /** Stops what is under way. */
  signal?: AbortSignal | undefined;
  now: Date;
}

/** Results of settled days that are at most so old stand for a query that was asked before. */
const REUSE_MINUTES = 60;

/**
 * CloudTrail's logs in Athena as a source of API calls: the query of the local archive over the
 * customer's own table. Columns and partitions are looked at first; a table that lacks what is
 * needed is refused with a `QueryError`.
 */
export function awsAthena(table: TrailTable, options: AthenaTrailOptions): ApiSource {
  return new AthenaTrail(table, options);
}

class AthenaTrail implements ApiSource {
  readonly name: string;
  readonly substrate = "aws-cloudtrail";
  #opened: Promise<AthenaEngine> | null = null;
  #asked: Promise<TrailQuery> | null = null;

  constructor(
    private readonly table: TrailTable,
    private readonly options: AthenaTrailOptions,
  ) {
    this.name = `aws athena ${table.database}.${table.table}${scopeText(options)}`;
  }

  span(): Promise<null> {
    return Promise.resolve(null);
  }

  async *minutes(window: ApiWindow, options: ApiMinutesOptions): AsyncGenerator<RawMinute[]> {
    const { salt, principal, onSkip, onScanned } = options;
    const asked = await this.#query();
    const { query, values } = asked;
    const engine = await this.#engine();
    const readUntil = new Date(window.until.getTime() + DAY_MS);
    // a day may be registered late, and an earlier result would not know
    const isFinal = asked.days === null && isSettled(readUntil, this.options.now);
    engine.reuseMinutes = isFinal ? REUSE_MINUTES : 0;
    const rows = engine.query(query, { ...values, ...minutesValues(window, { salt, principal }) });
    try {
      yield* minuteBatches(rows, { read: minuteOfRow, uri: this.name, onSkip });
      const days = await registeredDays(engine, asked, window);
      for (const day of days === null ? [] : daysRead(window).slice(0, -1)) {
        if (days!.has(day)) continue;
        const reason = "day has no partition in the catalogue";
        onSkip({ uri: this.name, reason, detail: null, count: 1, day: day.replaceAll("/", "-") });
      }
    } finally {
      const { bytesScanned, engineMs } = engine.takeUsage();
      onScanned?.(bytesScanned, engineMs);
    }
  }

  async notes(): Promise<string[]> {
    const { absent } = await this.#query();
    if (absent.length === 0) return [];
    const { database, table } = this.table;
    return [
      `The table ${database}.${table} has no ${absent.join(", ")}: what they tell stays unknown`,
    ];
  }

  async plan(windows: readonly ApiWindow[]): Promise<ApiPlan> {
    await this.#query();
    const days = new Set(windows.flatMap((window) => daysRead(window).slice(0, -1)));
    const plan: ApiPlan = {
      ...{ days: days.size, queries: windows.length, partitions: null },
      ...{ objects: null, bytes: null, scannedAtMost: null, cost: null, unknown: null },
    };
    try {
      const sizes = await this.#sizes(windows);
      plan.partitions = sizes.partitions;
      plan.objects = sizes.paths.size;
      plan.bytes = [...sizes.paths.values()].reduce((sum, bytes) => sum + bytes, 0);
      plan.scannedAtMost = sizes.scanned;
      plan.cost = sizes.scanned === 0 ? null : athenaCost(sizes.scanned, windows.length);
    } catch (error) {
      if (!(error instanceof QueryError || error instanceof StorageError)) throw error;
      plan.unknown = error.message;
    }
    return plan;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const engine = await this.#opened?.catch(() => null);
    await engine?.[Symbol.asyncDispose]();
  }

  /** What lies in the folders of the table's partitions for some windows. */
  async #sizes(windows: readonly ApiWindow[]) {
    const { database, table, region } = this.table;
    const location = trailLocation(await trailMetadata(await this.#engine(), this.table));
    if (location === null) {
      throw new QueryError(`The table ${database}.${table} does not say where its files lie`);
    }
    using s3 = await openS3({ region, signal: this.options.signal, ...this.options.s3 });
    const folders = await regionFolders(s3, location, this.options);
    const paths = new Map<string, number>();
    const partitions = new Set<string>();
    let scanned = 0;
    for (const window of windows) {
      const days = daysRead(window);
      for (const day of days) partitions.add(day);
      for (const { path, bytes } of await filesOfDays(s3, folders, { days, keep: awsFiles })) {
        paths.set(path, bytes);
        scanned += bytes;
      }
    }
    return { paths, partitions: partitions.size * folders.length, scanned };
  }

  #engine(): Promise<AthenaEngine> {
    const { region, workgroup, database, table, output } = this.table;
    return this.#opened ??= openAthenaEngine({
      ...{ region, workgroup, database, output, tables: { [TRAIL_TABLE]: table } },
      signal: this.options.signal,
      ...this.options.athena,
    });
  }

  #query(): Promise<TrailQuery> {
    return this.#asked ??= (async () => {
      const metadata = await trailMetadata(await this.#engine(), this.table);
      const { accounts, regions } = this.options;
      return trailQuery(metadata, { ...this.table, scope: { accounts, regions } });
    })();
  }
}
