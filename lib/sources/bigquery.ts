import type { BigQuery, Job } from "@google-cloud/bigquery";
import { QueryError } from "../model/errors.ts";
import { bigQueryError, isTransientFault, reasonOf } from "./bigquery_errors.ts";
import type { NamedQueryFile } from "./named_query.ts";
import type { QueryRow, QueryValue } from "./query_engine.ts";
import { PATIENT, type RetryPolicy, withRetries } from "./retry.ts";

/** How a client of BigQuery is opened. */
export interface GcpOptions {
  /** Another address than Google's own: a gateway of the organisation, a loopback server. */
  apiEndpoint?: string | undefined;
  /** Signs the requests; without it Google's own chain is asked. */
  authClient?: GcpAuthClient | undefined;
  retry?: RetryPolicy | undefined;
}

/** What signs requests: a client of google-auth-library, or what does the same. */
interface GcpAuthClient {
  getRequestHeaders(url?: string | URL): Promise<Headers>;
}

interface BigQueryOptions extends GcpOptions {
  /** The project whose tables are read and that pays. */
  project: string;
  dataset: string;
  /** Region or multi-region of the dataset: `EU`, `europe-west3`. */
  location: string;
  /** No query may bill more. */
  maxBytesBilled: number;
}

/** A field of a table's schema, as BigQuery's API gives it. */
export interface SchemaField {
  name?: string | undefined;
  type?: string | undefined;
  mode?: string | undefined;
  fields?: SchemaField[] | undefined;
}

/** A table as far as reading it needs to know. */
export interface TableFacts {
  id: string;
  schema: SchemaField[];
  /** Column of its partitions; `null`: partitioned by the time of arrival; undefined: not at all. */
  partitionedBy: string | null | undefined;
  location: string;
}

/** A query with its values; texts all. */
export interface BoundQuery {
  query: NamedQueryFile;
  values: Readonly<Record<string, string>>;
}

/** One dataset of BigQuery. */
export interface BigQueryEngine {
  readonly options: BigQueryOptions;
  readonly client: BigQuery;
  /** Bytes that a query would read; free of charge. */
  dryRun(query: BoundQuery): Promise<number>;
  /**
   * Runs a query and gives its rows page by page. `onScanned` is told what it billed. Where the
   * signal is aborted, or the rows are not read to their end, the job is cancelled.
   */
  rows(query: BoundQuery, options?: RowsOptions): AsyncGenerator<QueryRow[]>;
  /** A table of the dataset; null: it is not there. */
  table(id: string): Promise<TableFacts | null>;
  /** Where the dataset lies. */
  location(): Promise<string>;
  /** Names of the tables that begin so. */
  tableIds(prefix: string): Promise<string[]>;
}

interface RowsOptions {
  signal?: AbortSignal | undefined;
  onScanned?: ((bytes: number, engineMs: number) => void) | undefined;
}

/** Rows of a page; BigQuery sends at most 10 MB whatever is asked for. */
const PAGE_ROWS = 2000;
/** Starts of a job that BigQuery failed by itself. */
const STARTS = 3;

/** Opens a client of a dataset; asks nothing yet. */
export async function openBigQuery(options: BigQueryOptions): Promise<BigQueryEngine> {
  // loaded when it is needed: it is large
  const { BigQuery } = await import("@google-cloud/bigquery");
  const { project, location, apiEndpoint, authClient } = options;
  const client = new BigQuery({
    projectId: project,
    location,
    // who calls retries, and counts
    ...{ autoRetry: false, maxRetries: 0 },
    ...(apiEndpoint !== undefined && { apiEndpoint }),
    // deno-lint-ignore no-explicit-any -- the library's type names its own class
    ...(authClient !== undefined && { authClient: authClient as any }),
  });
  return new Engine(client, options);
}

class Engine implements BigQueryEngine {
  constructor(readonly client: BigQuery, readonly options: BigQueryOptions) {}

  async dryRun({ query, values }: BoundQuery): Promise<number> {
    const what = `estimate the query "${query.name}"`;
    const [job] = await this.#call(
      { what },
      () => this.client.createQueryJob({ ...this.#query({ query, values }), dryRun: true }),
    );
    const bytes = Number(job.metadata?.statistics?.totalBytesProcessed);
    if (Number.isSafeInteger(bytes)) return bytes;
    throw new QueryError(`Cannot ${what} on BigQuery: the answer names no bytes`);
  }

  async *rows(query: BoundQuery, options: RowsOptions = {}): AsyncGenerator<QueryRow[]> {
    const { signal } = options;
    for (let starts = 1;; starts++) {
      const job = await this.#start(query, signal);
      const running = { job, query, signal };
      let isDone = false;
      try {
        const first = await this.#firstPage(running);
        isDone = true;
        this.#count(await this.#call(this.#about(running), () => job.getMetadata()), options);
        for (let page = first;; page = await this.#page(running, page.next)) {
          if (page.rows.length > 0) yield page.rows;
          if (page.next === null) return;
        }
      } catch (error) {
        const isOver = isDone || starts === STARTS || !isFailedJob(error);
        if (isOver || signal?.aborted) throw error;
      } finally {
        if (!isDone) await job.cancel().catch(() => {});
      }
    }
  }

  async table(id: string): Promise<TableFacts | null> {
    const { dataset, location } = this.options;
    try {
      const [metadata] = await this.#call(
        { what: `look at the table "${dataset}.${id}"` },
        () => this.client.dataset(dataset).table(id).getMetadata(),
      );
      const { timePartitioning, schema } = metadata;
      return {
        id,
        schema: schema?.fields ?? [],
        partitionedBy: timePartitioning === undefined ? undefined : timePartitioning.field ?? null,
        location: metadata.location ?? location,
      };
    } catch (error) {
      if (!(error instanceof QueryError) || error.cause !== "notFound") throw error;
      // a dataset that is not there is another fault than a table that is not
      await this.location();
      return null;
    }
  }

  async location(): Promise<string> {
    const { dataset, location } = this.options;
    const [metadata] = await this.#call(
      { what: `look at the dataset "${dataset}"` },
      () => this.client.dataset(dataset).getMetadata(),
    );
    return metadata.location ?? location;
  }

  async tableIds(prefix: string): Promise<string[]> {
    const { dataset } = this.options;
    const ids: string[] = [];
    let pageToken: string | undefined;
    do {
      const [tables, , answer] = await this.#call(
        { what: `list the tables of "${dataset}"` },
        () =>
          this.client.dataset(dataset).getTables({
            ...{ autoPaginate: false, maxResults: 1000 },
            ...(pageToken !== undefined && { pageToken }),
          }),
      );
      for (const { id } of tables) if (id?.startsWith(prefix)) ids.push(id);
      pageToken = (answer as { nextPageToken?: string } | undefined)?.nextPageToken;
    } while (pageToken !== undefined);
    return ids.sort();
  }

  #query({ query, values }: BoundQuery) {
    const { location, maxBytesBilled } = this.options;
    const params = Object.fromEntries(query.parameters.map((name) => {
      const value = values[name];
      if (value === undefined) throw new TypeError(`${query.name} needs a value for "${name}"`);
      return [name, value];
    }));
    return { query: query.sql, params, location, maximumBytesBilled: String(maxBytesBilled) };
  }

  // A name of our own for the job: when the answer is lost, the second try finds it there.
  async #start(query: BoundQuery, signal: AbortSignal | undefined): Promise<Job> {
    const jobId = `shellscope_${crypto.randomUUID()}`;
    const what = `run the query "${query.query.name}"`;
    const [job] = await this.#call({ what, signal }, async () => {
      try {
        return await this.client.createQueryJob({ ...this.#query(query), jobId });
      } catch (error) {
        if (reasonOf(error) !== "duplicate") throw error;
        return [this.client.job(jobId, { location: this.options.location })];
      }
    });
    return job;
  }

  /** Waits for the job; BigQuery answers after ten seconds at the latest. */
  async #firstPage(running: RunningJob): Promise<Page> {
    while (true) {
      const page = await this.#page(running, null);
      if (page.isComplete) return page;
    }
  }

  async #page(running: RunningJob, next: object | null): Promise<Page> {
    const asked = next ?? { maxResults: PAGE_ROWS, autoPaginate: false };
    const [rows, after, answer] = await this.#call(
      this.#about(running),
      () => running.job.getQueryResults(asked),
    );
    const isComplete = (answer as { jobComplete?: boolean } | undefined)?.jobComplete !== false;
    return {
      rows: rows.map((row) => plainRow(running.query.query.name, row)),
      next: isComplete ? after ?? null : null,
      isComplete,
    };
  }

  #about({ job, query, signal }: RunningJob): Asked {
    return { what: `run the query "${query.query.name}"`, jobId: job.id ?? null, signal };
  }

  #count([metadata]: [{ statistics?: JobStatistics }, ...unknown[]], options: RowsOptions): void {
    const { totalBytesProcessed, query, startTime, endTime } = metadata.statistics ?? {};
    const bytes = Number(query?.totalBytesBilled ?? totalBytesProcessed ?? 0);
    options.onScanned?.(bytes, Math.max(0, Number(endTime ?? 0) - Number(startTime ?? 0)));
  }

  async #call<T>({ what, jobId = null, signal }: Asked, body: () => Promise<T>): Promise<T> {
    const policy = this.options.retry ?? PATIENT;
    try {
      return await withRetries(() => unlessAborted(body(), signal), {
        ...{ policy, signal },
        isTransient: isTransientFault,
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw bigQueryError(what, error, jobId);
    }
  }
}

interface Asked {
  what: string;
  jobId?: string | null;
  signal?: AbortSignal | undefined;
}

interface RunningJob {
  job: Job;
  query: BoundQuery;
  signal: AbortSignal | undefined;
}

interface Page {
  rows: QueryRow[];
  next: object | null;
  isComplete: boolean;
}

interface JobStatistics {
  totalBytesProcessed?: string;
  startTime?: string;
  endTime?: string;
  query?: { totalBytesBilled?: string };
}

/** Whether BigQuery failed a job by itself, so that another may succeed. */
function isFailedJob(error: unknown): boolean {
  return error instanceof QueryError &&
    /^(job)?(backend|internal)Error$/i.test(String(error.cause));
}

// A request under way can't be taken back; nobody waits for it any more.
async function unlessAborted<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await answer;
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
  });
  answer.catch(() => {});
  try {
    return await Promise.race([answer, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function plainRow(name: string, row: Record<string, unknown>): QueryRow {
  const plain: QueryRow = {};
  for (const [column, value] of Object.entries(row)) {
    const isPlain = value === null || ["string", "number", "boolean"].includes(typeof value);
    if (!isPlain) {
      throw new QueryError(`"${name}" gives a value without a plain form in column "${column}"`);
    }
    plain[column] = value as QueryValue;
  }
  return plain;
}
