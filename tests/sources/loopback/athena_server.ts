/**
 * Athena's JSON 1.1 protocol on the loopback address, with faults on demand: what the real SDK
 * client talks to in tests. The query text is executed as it came, by DuckDB over one table: a folder
 * of Parquet files laid out as Teleport's `events`, or another; signatures are not checked.
 *
 * @module
 */
import { type ArchiveEngine, openArchiveEngine } from "../../../lib/sources/duckdb.ts";
import type { QueryRow, QueryValue } from "../../../lib/sources/query_engine.ts";
import { teleportTable } from "./teleport_table.ts";

/** One call of the API, as faults are decided on and as the log keeps it. */
export interface AthenaRequest {
  operation: string;
  body: Record<string, unknown>;
  /** How many requests came before this one. */
  number: number;
}

/** What is done to a request instead of answering it, or before. */
export type AthenaFault =
  | { kind: "error"; status: number; type: string; message?: string }
  /** The answer is cut in the middle. */
  | { kind: "cut" }
  | { kind: "slow"; ms: number };

/** How an execution ends instead of succeeding, or later. */
export interface AthenaEnd {
  state?: "FAILED" | "CANCELLED";
  reason?: string;
  retryable?: boolean;
  /** Looks at it that find it running: 1. */
  polls?: number;
}

/** A query that was started. */
interface AthenaExecution {
  id: string;
  sql: string;
  /** The execution parameters, out of their quotes. */
  values: string[];
  workgroup: string;
  output: string;
  reused: boolean;
  stopped: boolean;
  bytesScanned: number;
}

/** The table behind a server. */
export interface LoopbackTable {
  /** Text that changes when its rows do. */
  key(): Promise<string>;
  /** Makes it in an engine. */
  open(engine: ArchiveEngine): Promise<void>;
  /** A query's text as DuckDB takes it. */
  text?(sql: string): string;
  /** What a query of these values scans. */
  bytesOf(values: readonly string[]): Promise<number>;
  /** What the catalogue says of it; null: there is no such table. */
  metadata(name: string): object | null;
}

interface AthenaServerOptions {
  /** Folder of `YYYY-MM-DD/*.parquet`, with the name that its table goes by; or a table. */
  events: string | LoopbackTable;
  table?: string;
  /** Rows of a page, at most: 1000. */
  pageRows?: number;
  fault?: (request: AthenaRequest) => AthenaFault | null;
  end?: (execution: AthenaExecution) => AthenaEnd;
}

export interface AthenaServer extends AsyncDisposable {
  readonly endpoint: string;
  readonly requests: AthenaRequest[];
  readonly executions: AthenaExecution[];
  /** Faults from now on. */
  fault: (request: AthenaRequest) => AthenaFault | null;
  end: (execution: AthenaExecution) => AthenaEnd;
}

/** Opens a server; close it with `await using`. */
export function openAthenaServer(options: AthenaServerOptions): Promise<AthenaServer> {
  const server = new Loopback(options);
  server.listen();
  return Promise.resolve(server);
}

/** Results of the process's servers, by files, query and values: DuckDB is asked once. */
const RESULTS = new Map<string, Promise<QueryRow[]>>();

interface Run extends AthenaExecution {
  token: string;
  end: AthenaEnd;
  polls: number;
  rows: Promise<QueryRow[]>;
}

type Answer = Record<string, unknown>;

class Refusal extends Error {
  constructor(readonly status: number, readonly type: string, message = "") {
    super(message);
  }
}

class Loopback implements AthenaServer {
  endpoint = "";
  readonly requests: AthenaRequest[] = [];
  readonly executions: Run[] = [];
  fault: (request: AthenaRequest) => AthenaFault | null;
  end: (execution: AthenaExecution) => AthenaEnd;
  #server: Deno.HttpServer | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #engine: ArchiveEngine | null = null;
  readonly #table: LoopbackTable;

  constructor(private readonly options: AthenaServerOptions) {
    const { events, table } = options;
    this.#table = typeof events === "string" ? teleportTable(events, table) : events;
    this.fault = options.fault ?? (() => null);
    this.end = options.end ?? (() => ({}));
  }

  listen(): void {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#answer(request),
    );
    this.endpoint = `http://127.0.0.1:${(this.#server.addr as Deno.NetAddr).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.shutdown();
    await Promise.allSettled(this.executions.map(({ rows }) => rows));
    await this.#engine?.[Symbol.asyncDispose]();
  }

  async #answer(http: Request): Promise<Response> {
    const operation = http.headers.get("x-amz-target")?.replace(/^AmazonAthena\./, "") ?? "";
    const body = await http.json();
    const request = { operation, body, number: this.requests.length };
    this.requests.push(request);
    const fault = this.fault(request);
    if (fault?.kind === "slow") await new Promise((resolve) => setTimeout(resolve, fault.ms));
    try {
      if (fault?.kind === "error") throw new Refusal(fault.status, fault.type, fault.message);
      const text = JSON.stringify(await this.#do(operation, body));
      return respond(200, fault?.kind === "cut" ? text.slice(0, text.length / 2) : text);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return respond(error.status, JSON.stringify({ __type: error.type, Message: error.message }));
    }
  }

  async #do(operation: string, body: Record<string, unknown>): Promise<Answer> {
    switch (operation) {
      case "StartQueryExecution":
        return { QueryExecutionId: await this.#start(body) };
      case "GetQueryExecution":
        return { QueryExecution: await describe(this.#run(body)) };
      case "GetQueryResults":
        return await this.#results(this.#run(body), body);
      case "StopQueryExecution":
        this.#run(body).stopped = true;
        return {};
      case "GetWorkGroup":
        return { WorkGroup: { Name: body.WorkGroup, State: "ENABLED", Configuration: {} } };
      case "GetTableMetadata": {
        const found = this.#table.metadata(String(body.TableName));
        if (found === null) throw new Refusal(400, "MetadataException", "Unable to find it");
        return { TableMetadata: found };
      }
    }
    throw new Refusal(400, "UnknownOperationException");
  }

  #run(body: Record<string, unknown>): Run {
    const run = this.executions.find(({ id }) => id === body.QueryExecutionId);
    if (run === undefined) {
      throw new Refusal(400, "InvalidRequestException", "QueryExecution was not found");
    }
    return run;
  }

  async #start(body: Record<string, unknown>): Promise<string> {
    const token = String(body.ClientRequestToken);
    if (token.length < 32) throw new Refusal(400, "InvalidRequestException", "token is too short");
    const known = this.executions.find((run) => run.token === token);
    if (known) return known.id;
    const sql = String(body.QueryString);
    const values = (body.ExecutionParameters as string[] | undefined ?? []).map(literalValue);
    const reuse = JSON.stringify(body.ResultReuseConfiguration ?? {}).includes(`"Enabled":true`);
    const execution: AthenaExecution = {
      ...{ id: crypto.randomUUID(), sql, values, stopped: false },
      workgroup: String(body.WorkGroup),
      output: String((body.ResultConfiguration as { OutputLocation?: string }).OutputLocation),
      reused: reuse &&
        this.executions.some((run) =>
          run.sql === sql && run.values.join() === values.join() && run.end.state === undefined
        ),
      bytesScanned: 0,
    };
    const end = this.end(execution);
    if (!execution.reused) execution.bytesScanned = await this.#table.bytesOf(values);
    const rows = end.state === undefined ? this.#inTurn(sql, values) : Promise.resolve([]);
    rows.catch(() => {});
    this.executions.push(Object.assign(execution, { token, end, polls: 0, rows }));
    return execution.id;
  }

  #inTurn(sql: string, values: readonly string[]): Promise<QueryRow[]> {
    const rows = this.#turn.then(() => this.#known(sql, values));
    this.#turn = rows.catch(() => {});
    return rows;
  }

  async #known(sql: string, values: readonly string[]): Promise<QueryRow[]> {
    const key = JSON.stringify([await this.#table.key(), sql, values]);
    const rows = RESULTS.get(key) ?? this.#execute(sql, values);
    RESULTS.set(key, rows);
    return await rows;
  }

  async #execute(sql: string, values: readonly string[]): Promise<QueryRow[]> {
    const engine = this.#engine ??= await openArchiveEngine({ threads: 1 });
    await this.#table.open(engine);
    const text = this.#table.text?.(sql) ?? sql;
    const parameters = values.map((_, i) => `p${i}`);
    const bound = Object.fromEntries(values.map((value, i) => [`p${i}`, value]));
    const rows: QueryRow[] = [];
    const query = { name: "loopback", sql: text, parameters };
    for await (const batch of engine.query(query, bound)) rows.push(...batch);
    return rows;
  }

  async #results(run: Run, body: Record<string, unknown>): Promise<Answer> {
    const rows = await run.rows;
    const size = Math.min(Number(body.MaxResults ?? 1000), this.options.pageRows ?? 1000);
    const columns = columnsOf(rows);
    const all = [
      columns.map(({ Name }) => Name),
      ...rows.map((row) => columns.map(({ Name }) => row[Name] ?? null)),
    ];
    const at = Number(body.NextToken ?? 0);
    return {
      ResultSet: {
        ResultSetMetadata: { ColumnInfo: columns },
        Rows: (rows.length === 0 ? [] : all.slice(at, at + size)).map((cells) => ({
          Data: cells.map((cell) => cell === null ? {} : { VarCharValue: String(cell) }),
        })),
      },
      ...(at + size < all.length && { NextToken: String(at + size) }),
    };
  }
}

async function describe(run: Run): Promise<Answer> {
  const running = ++run.polls <= (run.end.polls ?? 1);
  let { state, reason = "" } = run.end;
  if (!running && state === undefined) {
    await run.rows.catch(() => {
      state = "FAILED";
      reason = "SYNTAX_ERROR: line 1:1: DuckDB refused the query";
    });
  }
  const State = run.stopped ? "CANCELLED" : running ? "RUNNING" : state ?? "SUCCEEDED";
  return {
    QueryExecutionId: run.id,
    Status: {
      State,
      ...(State !== "SUCCEEDED" && State !== "RUNNING" && {
        StateChangeReason: reason,
        AthenaError: { ErrorCategory: 1, Retryable: run.end.retryable ?? false },
      }),
    },
    Statistics: {
      DataScannedInBytes: run.bytesScanned,
      EngineExecutionTimeInMillis: 40,
      ResultReuseInformation: { ReusedPreviousResult: run.reused },
    },
  };
}

function literalValue(text: string): string {
  if (!/^'([^']|'')*'$/.test(text)) {
    throw new Refusal(400, "InvalidRequestException", "a parameter is no literal");
  }
  return text.slice(1, -1).replaceAll("''", "'");
}

function columnsOf(rows: readonly QueryRow[]): { Name: string; Type: string }[] {
  return Object.keys(rows[0] ?? {}).map((Name) => ({
    Name,
    Type: typeOf(rows.map((row) => row[Name] ?? null)),
  }));
}

function typeOf(values: readonly QueryValue[]): string {
  const known = values.filter((value) => value !== null);
  if (known.every((value) => typeof value === "boolean") && known.length > 0) return "boolean";
  if (known.every((value) => typeof value === "number") && known.length > 0) {
    return known.every(Number.isInteger) ? "bigint" : "double";
  }
  return "varchar";
}

function respond(status: number, text: string): Response {
  return new Response(text, {
    status,
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amzn-requestid": crypto.randomUUID(),
    },
  });
}
