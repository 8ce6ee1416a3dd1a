import { formatSize } from "../../config/units.ts";
import type { RawMinute } from "../../model/call_minute.ts";
import { QueryError } from "../../model/errors.ts";
import { daysOf } from "../../model/time.ts";
import {
  type ApiMinutesOptions,
  type ApiPlan,
  type ApiSource,
  type ApiWindow,
} from "../api_source.ts";
import {
  type BigQueryEngine,
  type BoundQuery,
  type GcpOptions,
  openBigQuery,
} from "../bigquery.ts";
import { billedBytes, scanCost } from "../bytes_price.ts";
import { minuteBatches } from "../minute_batches.ts";
import {
  type AuditStream,
  minutesQuery,
  type StreamTables,
  streamTables,
  type TableLayout,
} from "./audit_tables.ts";
import { minuteOfRow } from "./minute_rows.ts";

/** A dataset that a sink of Cloud Audit Logs writes: `bigquery` of the configuration. */
export interface AuditDataset {
  project: string;
  dataset: string;
  location: string;
  tables: TableLayout;
  /** No query may bill more bytes. */
  maxBytesBilled: number;
  streams: readonly AuditStream[];
}

/**
 * Cloud Audit Logs in BigQuery as a source of API calls. Before a window is read its query is
 * estimated, free of charge; one above `maxBytesBilled` is refused with a `QueryError`, and
 * BigQuery is told the same limit.
 */
export function gcpBigQuery(dataset: AuditDataset, options: GcpOptions = {}): ApiSource {
  return new BigQuerySource(dataset, options);
}

class BigQuerySource implements ApiSource {
  readonly name: string;
  readonly substrate = "gcp-cloud-audit";
  #engine: Promise<BigQueryEngine> | null = null;
  #tables: Promise<StreamTables[]> | null = null;

  constructor(
    private readonly dataset: AuditDataset,
    private readonly options: GcpOptions,
  ) {
    this.name = `gcp bigquery ${dataset.project}.${dataset.dataset}`;
  }

  span(): Promise<null> {
    return Promise.resolve(null);
  }

  async *minutes(window: ApiWindow, options: ApiMinutesOptions): AsyncGenerator<RawMinute[]> {
    const { salt, principal = "", signal, onScanned, onSkip } = options;
    const query = await this.#query(window, { salt, principal });
    if (query === null) return;
    const engine = await this.#open();
    const bytes = await engine.dryRun(query);
    const { maxBytesBilled } = this.dataset;
    if (bytes > maxBytesBilled) {
      throw new QueryError(
        `Cannot read ${this.name} from ${window.since.toISOString()} to ` +
          `${window.until.toISOString()}: it would scan ${formatSize(bytes)} (${
            scanCost(bytes)
          }), ` +
          `and \`maxBytesBilled\` is ${formatSize(maxBytesBilled)}; ask for a shorter window or ` +
          "raise it",
        null,
        { cause: "bytes limit" },
      );
    }
    const rows = engine.rows(query, { signal, onScanned });
    yield* minuteBatches(rows, { read: minuteOfRow, uri: this.name, onSkip });
  }

  async plan(windows: readonly ApiWindow[]): Promise<ApiPlan> {
    const tables = await this.#streams();
    const engine = await this.#open();
    const days = new Set<string>();
    const plan = { objects: 0, bytes: 0, billed: 0 };
    for (const window of windows) {
      const inside = tableDays(window);
      for (const day of inside) days.add(day);
      const query = await this.#query(window, { salt: "00", principal: "" });
      if (query === null) continue;
      const bytes = await engine.dryRun(query);
      plan.bytes += bytes;
      plan.billed += billedBytes(bytes, tables.length);
      for (const { days: held } of tables) {
        plan.objects += held === null
          ? inside.length
          : inside.filter((day) => held.includes(day)).length;
      }
    }
    return {
      days: days.size,
      objects: plan.objects,
      bytes: plan.bytes,
      scannedAtMost: plan.billed,
      cost: plan.billed === 0 ? null : scanCost(plan.billed),
      unknown: null,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #open(): Promise<BigQueryEngine> {
    return this.#engine ??= openBigQuery({ ...this.dataset, ...this.options });
  }

  #streams(): Promise<StreamTables[]> {
    return this.#tables ??= (async () => {
      const engine = await this.#open();
      const found: StreamTables[] = [];
      for (const stream of this.dataset.streams) {
        found.push(await streamTables(engine, stream, this.dataset.tables));
      }
      return found;
    })();
  }

  /** The query of a window; null: no table has a day of it. */
  async #query(
    window: ApiWindow,
    { salt, principal }: { salt: string; principal: string },
  ): Promise<BoundQuery | null> {
    const days = tableDays(window);
    const tables = (await this.#streams()).filter(({ days: held }) =>
      held === null || days.some((day) => held.includes(day))
    );
    if (tables.length === 0) return null;
    const values = {
      ...{ salt, principal },
      since: window.since.toISOString(),
      until: window.until.toISOString(),
      first_day: days[0]!,
      last_day: days.at(-1)!,
    };
    return { query: minutesQuery(tables), values };
  }
}

/** UTC days that a window touches, as tables of a day are named: `20260310`. */
function tableDays(window: ApiWindow): string[] {
  return daysOf(window).map((day) => day.replaceAll("-", ""));
}
