/**
 * BigQuery's REST protocol on the loopback address, with faults on demand: what the real client
 * talks to in tests. The query text is executed as it came, by DuckDB over log entries laid out as
 * a sink's tables; signatures are not checked.
 *
 * @module
 */
import type { QueryRow, QueryValue } from "../../../lib/sources/query_engine.ts";
import { EXPORT_SCHEMA, type ExportTable, ExportTables } from "../gcp/export_tables.ts";

/** One request, as faults are decided on and as the log keeps it. */
export interface BigQueryRequest {
  operation:
    | "insert"
    | "dry run"
    | "results"
    | "job"
    | "cancel"
    | "dataset"
    | "table"
    | "tables";
  path: string;
  query: URLSearchParams;
  body: Record<string, unknown>;
  /** How many requests came before this one. */
  number: number;
}

/** What is done to a request instead of answering it. */
export type BigQueryFault =
  | { kind: "error"; status: number; reason: string; message?: string }
  /** The answer is cut in the middle. */
  | { kind: "cut" }
  /** The request does its work, and a gateway loses the answer. */
  | { kind: "lost" };

/** A job that was inserted. */
interface BigQueryJob {
  id: string;
  sql: string;
  values: Record<string, string>;
  location: string;
  maximumBytesBilled: string | null;
  cancelled: boolean;
  /** Requests for results that find it running. */
  looks: number;
}

interface BigQueryServerOptions {
  tables: readonly ExportTable[];
  /** Name of the only dataset: `audit_logs`. */
  dataset?: string;
  /** `EU`. */
  location?: string;
  /** What a query is said to read: 1,000,000. */
  bytes?: number;
  /** Rows of a page at most, whatever was asked for. */
  pageRows?: number;
  fault?: (request: BigQueryRequest) => BigQueryFault | null;
}

interface BigQueryServer extends AsyncDisposable {
  readonly endpoint: string;
  readonly requests: BigQueryRequest[];
  readonly jobs: BigQueryJob[];
  /** Faults from now on. */
  fault: (request: BigQueryRequest) => BigQueryFault | null;
  /** What a query is said to read from now on. */
  bytes: number;
  /** Requests for results of a job that find it running, from now on: 0. */
  looks: number;
}

/** Signs requests for the server, which checks no signature. */
export const LOOPBACK_AUTH = {
  getRequestHeaders: () => Promise.resolve(new Headers({ authorization: "Bearer loopback" })),
};

/** Opens a server; close it with `await using`. */
export async function openBigQueryServer(options: BigQueryServerOptions): Promise<BigQueryServer> {
  return new Loopback(options, await ExportTables.open(options.tables));
}

class Refusal extends Error {
  constructor(readonly status: number, readonly reason: string, message = reason) {
    super(message);
  }
}

type Answer = Record<string, unknown>;

class Loopback implements BigQueryServer {
  readonly endpoint: string;
  readonly requests: BigQueryRequest[] = [];
  readonly jobs: BigQueryJob[] = [];
  fault: (request: BigQueryRequest) => BigQueryFault | null;
  bytes: number;
  looks = 0;
  readonly #server: Deno.HttpServer;
  readonly #dataset: string;
  readonly #location: string;
  readonly #results = new Map<string, QueryRow[]>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly options: BigQueryServerOptions,
    private readonly data: ExportTables,
  ) {
    this.fault = options.fault ?? (() => null);
    this.bytes = options.bytes ?? 1_000_000;
    this.#dataset = options.dataset ?? "audit_logs";
    this.#location = options.location ?? "EU";
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#answer(request),
    );
    this.endpoint = `http://127.0.0.1:${(this.#server.addr as Deno.NetAddr).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    await this.data[Symbol.asyncDispose]();
  }

  async #answer(raw: Request): Promise<Response> {
    const url = new URL(raw.url);
    const text = await raw.text();
    const body = text === "" ? {} : JSON.parse(text) as Record<string, unknown>;
    const path = url.pathname.replace(/^\/(?:bigquery\/v2\/)?projects\/[^/]+\//, "");
    const request: BigQueryRequest = {
      operation: operationOf(raw.method, path, body),
      ...{ path, query: url.searchParams, body, number: this.requests.length },
    };
    this.requests.push(request);
    const fault = this.fault(request);
    try {
      if (fault?.kind === "error") throw new Refusal(fault.status, fault.reason, fault.message);
      const answer = JSON.stringify(await this.#inTurn(() => this.#serve(request)));
      if (fault?.kind === "lost") return new Response("Bad Gateway", { status: 502 });
      const sent = fault?.kind === "cut" ? answer.slice(0, answer.length / 2) : answer;
      return new Response(sent, { headers: { "content-type": "application/json" } });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { status, reason, message } = error;
      const errors = [{ reason, message, domain: "global" }];
      return Response.json({ error: { code: status, message, errors } }, { status });
    }
  }

  // One engine, one query at a time.
  #inTurn<T>(body: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(body);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #serve({ operation, path, query, body }: BigQueryRequest): Promise<Answer> {
    const parts = path.split("/");
    switch (operation) {
      case "dry run":
        return await this.#dryRun(body);
      case "insert":
        return this.#insert(body);
      case "job":
        return jobAnswer(this.#job(parts[1]!), this.bytes);
      case "cancel":
        this.#job(parts[1]!).cancelled = true;
        return { job: jobAnswer(this.#job(parts[1]!), this.bytes) };
      case "results":
        return await this.#page(this.#job(parts[1]!), query);
      case "dataset":
        this.#checkDataset(parts[1]!);
        return { id: parts[1], location: this.#location };
      case "tables":
        this.#checkDataset(parts[1]!);
        return this.#tables(query);
      case "table":
        this.#checkDataset(parts[1]!);
        return this.#table(parts[3]!);
    }
  }

  async #dryRun(body: Answer): Promise<Answer> {
    const { sql, values } = queryOf(body);
    this.#checkTables(sql, body);
    await this.data.rows(sql, values);
    return {
      configuration: body.configuration,
      jobReference: { ...reference(body), jobId: undefined },
      statistics: { totalBytesProcessed: String(this.bytes), query: {} },
      status: { state: "DONE" },
    };
  }

  #insert(body: Answer): Answer {
    const { sql, values, maximumBytesBilled } = queryOf(body);
    const { jobId: id, location } = reference(body);
    if (this.jobs.some((job) => job.id === id)) throw new Refusal(409, "duplicate");
    this.#checkTables(sql, body);
    if (maximumBytesBilled !== null && this.bytes > Number(maximumBytesBilled)) {
      throw new Refusal(400, "bytesBilledLimitExceeded");
    }
    const job: BigQueryJob = {
      ...{ id, sql, values, location, maximumBytesBilled, cancelled: false, looks: this.looks },
    };
    this.jobs.push(job);
    return jobAnswer(job, this.bytes);
  }

  async #page(job: BigQueryJob, query: URLSearchParams): Promise<Answer> {
    if (job.cancelled) throw new Refusal(400, "stopped", "Job execution was cancelled");
    const jobReference = { projectId: "p", jobId: job.id, location: job.location };
    if (job.looks > 0) {
      job.looks--;
      return { jobReference, jobComplete: false };
    }
    // a job's results lie in a table: their order does not change from page to page
    const rows = this.#results.get(job.id) ?? await this.data.rows(job.sql, job.values);
    this.#results.set(job.id, rows);
    const columns = columnsOf(rows);
    const begin = Number(query.get("pageToken") ?? 0);
    const size = Math.min(Number(query.get("maxResults") ?? 1000), this.options.pageRows ?? 1e9);
    const page = rows.slice(begin, begin + size);
    return {
      jobReference,
      jobComplete: true,
      schema: { fields: columns },
      totalRows: String(rows.length),
      rows: page.map((row) => ({ f: columns.map(({ name }) => ({ v: cell(row[name] ?? null) })) })),
      ...(begin + size < rows.length && { pageToken: String(begin + size) }),
    };
  }

  #tables(query: URLSearchParams): Answer {
    const begin = Number(query.get("pageToken") ?? 0);
    const size = Math.min(Number(query.get("maxResults") ?? 50), this.options.pageRows ?? 1e9);
    const tables = this.options.tables.slice(begin, begin + size);
    return {
      tables: tables.map(({ id }) => ({
        id: `p:${this.#dataset}.${id}`,
        tableReference: { projectId: "p", datasetId: this.#dataset, tableId: id },
      })),
      ...(begin + size < this.options.tables.length && { nextPageToken: String(begin + size) }),
    };
  }

  #table(id: string): Answer {
    const table = this.options.tables.find((table) => table.id === id);
    if (table === undefined) {
      throw new Refusal(404, "notFound", `Not found: Table p:${this.#dataset}.${id}`);
    }
    const { schema = EXPORT_SCHEMA, partitionedBy = "timestamp" } = table;
    return {
      id,
      location: this.#location,
      schema: { fields: schema },
      ...(partitionedBy !== "none" && {
        timePartitioning: { type: "DAY", ...(partitionedBy !== null && { field: partitionedBy }) },
      }),
    };
  }

  #job(id: string): BigQueryJob {
    const job = this.jobs.find((job) => job.id === id);
    if (job === undefined) throw new Refusal(404, "notFound", `Not found: Job ${id}`);
    return job;
  }

  #checkDataset(dataset: string): void {
    if (dataset === this.#dataset) return;
    throw new Refusal(404, "notFound", `Not found: Dataset p:${dataset}`);
  }

  #checkTables(sql: string, body: Answer): void {
    const { location } = reference(body);
    for (const [, dataset, table] of sql.matchAll(/`[\w-]+\.([\w-]+)\.([\w*-]+)`/g)) {
      this.#checkDataset(dataset!);
      const prefix = table!.replace("*", "");
      const isThere = this.options.tables.some(({ id }) =>
        table!.endsWith("*") ? id.startsWith(prefix) : id === table
      );
      if (!isThere || location !== this.#location) {
        throw new Refusal(404, "notFound", `Not found: Table p:${dataset}.${table}`);
      }
    }
  }
}

function operationOf(method: string, path: string, body: Answer): BigQueryRequest["operation"] {
  const [room, , inner, , end] = path.split("/");
  if (room === "queries") return "results";
  if (room === "datasets") {
    return inner === undefined ? "dataset" : path.split("/").length > 3 ? "table" : "tables";
  }
  if (end === "cancel" || inner === "cancel") return "cancel";
  if (method === "GET") return "job";
  return (body.configuration as { dryRun?: boolean } | undefined)?.dryRun ? "dry run" : "insert";
}

interface QueryConfiguration {
  query: string;
  maximumBytesBilled?: string;
  queryParameters?: { name: string; parameterValue: { value: string } }[];
}

function queryOf(body: Answer) {
  const { query, queryParameters = [], maximumBytesBilled = null } =
    (body.configuration as { query: QueryConfiguration }).query;
  const values = Object.fromEntries(
    queryParameters.map(({ name, parameterValue }) => [name, parameterValue.value]),
  );
  return { sql: query, values, maximumBytesBilled };
}

function reference(body: Answer): { projectId: string; jobId: string; location: string } {
  return body.jobReference as { projectId: string; jobId: string; location: string };
}

function jobAnswer(job: BigQueryJob, bytes: number): Answer {
  return {
    jobReference: { projectId: "p", jobId: job.id, location: job.location },
    status: { state: job.looks > 0 ? "RUNNING" : "DONE" },
    statistics: {
      ...{ startTime: "1000", endTime: "1250", totalBytesProcessed: String(bytes) },
      query: { totalBytesBilled: String(Math.max(bytes, 10_485_760)) },
    },
  };
}

function columnsOf(rows: readonly QueryRow[]): { name: string; type: string }[] {
  return Object.keys(rows[0] ?? {}).map((name) => {
    const value = rows.map((row) => row[name]).find((value) => value !== null);
    const type = typeof value === "number"
      ? "INTEGER"
      : typeof value === "boolean"
      ? "BOOLEAN"
      : "STRING";
    return { name, type };
  });
}

function cell(value: QueryValue): string | null {
  return value === null ? null : String(value);
}
