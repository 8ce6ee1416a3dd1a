import type {
  AthenaClient,
  GetQueryResultsCommandOutput,
  QueryExecution,
  QueryExecutionStatus,
  TableMetadata,
} from "@aws-sdk/client-athena";
import {
  callError,
  executionError,
  type FaultyQuery,
  isTransientCall,
  isTransientExecution,
} from "./athena_errors.ts";
import { athenaRow, isHeader, literal, quotedName } from "./athena_values.ts";
import { awsClientSettings, type AwsOptions } from "./aws_client.ts";
import type { QueryEngine, QueryRow } from "./query_engine.ts";
import { orderedValues, type QueryFile } from "./query_file.ts";
import { PATIENT, type RetryPolicy, withRetries } from "./retry.ts";

/** Where the queries of a source run, and how patiently. */
export interface AthenaOptions extends AwsOptions {
  database: string;
  workgroup: string;
  /** `s3://…` for results; a workgroup that enforces its own settings overrides it. */
  output: string;
  /** Tables as the query files name them, and as they are called there. */
  tables?: Readonly<Record<string, string>>;
  policy?: RetryPolicy;
  /** Waits between looks at a running query: they grow from the first to the longest. */
  poll?: { firstMs: number; longestMs: number };
  /** Once aborted, running queries are stopped and its reason is thrown. */
  signal?: AbortSignal | undefined;
}

/** What queries cost, as Athena says. */
interface AthenaUsage {
  queries: number;
  /** Those of them that Athena answered from an earlier result, at no cost. */
  reused: number;
  bytesScanned: number;
  engineMs: number;
}

/** Athena as an engine for query files. Close it: queries that still run are stopped. */
export interface AthenaEngine extends QueryEngine, AsyncDisposable {
  readonly client: AthenaClient;
  readonly policy: RetryPolicy;
  /** Accept results that are at most so many minutes old, from the next query on; 0: none. */
  reuseMinutes: number;
  /** What was used since the last call. */
  takeUsage(): AthenaUsage;
}

type Sdk = typeof import("@aws-sdk/client-athena");

/** Times a query that Athena failed for its own reasons is started in all. */
const STARTS = 3;
/** A page is held whole, and parsed: Athena's most, 1,000, would take more memory than all else. */
const PAGE_ROWS = 250;

/** Opens Athena; the SDK is loaded only here. Nothing is asked of AWS before the first query. */
export async function openAthenaEngine(options: AthenaOptions): Promise<AthenaEngine> {
  quotedName(options.database);
  const tables = Object.entries(options.tables ?? {});
  const names = tables.filter(([known, name]) => known !== name)
    .map(([known, name]) => [new RegExp(`\\b${known}\\b`, "g"), quotedName(name)] as const);
  const sdk = await import("@aws-sdk/client-athena");
  const client = new sdk.AthenaClient(awsClientSettings(options, { timeoutMs: 60_000 }));
  return new Athena(sdk, client, { ...options, names });
}

interface EngineOptions extends AthenaOptions {
  names: readonly (readonly [RegExp, string])[];
}

class Athena implements AthenaEngine {
  reuseMinutes = 0;
  readonly policy: RetryPolicy;
  #usage = noUsage();
  readonly #running = new Set<string>();
  constructor(
    private readonly sdk: Sdk,
    readonly client: AthenaClient,
    private readonly options: EngineOptions,
  ) {
    this.policy = options.policy ?? PATIENT;
  }

  async *query(
    query: QueryFile,
    values: Readonly<Record<string, string>> = {},
  ): AsyncGenerator<QueryRow[]> {
    const id = await this.#succeed(query, orderedValues(query, values));
    let token: string | undefined;
    do {
      const page = await this.#page({ name: query.name, id }, token);
      const columns = page.ResultSet?.ResultSetMetadata?.ColumnInfo ?? [];
      const rows = (page.ResultSet?.Rows ?? []).map(({ Data }) => Data ?? []);
      if (token === undefined && rows[0] && isHeader(rows[0], columns)) rows.shift();
      if (rows.length > 0) {
        yield rows.map((data) => athenaRow(data, columns, { name: query.name, id }));
      }
      token = page.NextToken;
    } while (token !== undefined);
  }

  takeUsage(): AthenaUsage {
    const usage = this.#usage;
    this.#usage = noUsage();
    return usage;
  }

  async stopRunning(): Promise<void> {
    await Promise.all([...this.#running].map((id) => this.#stop(id)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopRunning();
    this.client.destroy();
  }

  /** The id of an execution that has its rows; one that Athena failed by itself is started anew. */
  async #succeed(query: QueryFile, values: readonly string[]): Promise<string> {
    for (let starts = 1;; starts++) {
      const id = await this.#start(query, values);
      const status = await this.#end(query, id);
      if (status.State === "SUCCEEDED") return id;
      if (starts === STARTS || !isTransientExecution(status)) {
        throw executionError({ name: query.name, id }, status);
      }
    }
  }

  async #start(query: QueryFile, values: readonly string[]): Promise<string> {
    let text = query.sql;
    for (const [pattern, name] of this.options.names) text = text.replace(pattern, name);
    const command = new this.sdk.StartQueryExecutionCommand({
      QueryString: text,
      // the same in each retry of this call, so that no query is started twice
      ClientRequestToken: crypto.randomUUID(),
      QueryExecutionContext: { Database: this.options.database },
      ResultConfiguration: { OutputLocation: this.options.output },
      WorkGroup: this.options.workgroup,
      ...(values.length > 0 && { ExecutionParameters: values.map(literal) }),
      ...(this.reuseMinutes > 0 && {
        ResultReuseConfiguration: {
          ResultReuseByAgeConfiguration: { Enabled: true, MaxAgeInMinutes: this.reuseMinutes },
        },
      }),
    });
    const started = await this.#call(
      { name: query.name, id: null },
      () => this.client.send(command),
    );
    const id = started.QueryExecutionId ?? "";
    this.#usage.queries++;
    this.#running.add(id);
    return id;
  }

  /** Waits until an execution has ended, however it did. */
  async #end(query: QueryFile, id: string): Promise<QueryExecutionStatus> {
    const { firstMs, longestMs } = this.options.poll ?? { firstMs: 300, longestMs: 5000 };
    const { sleep } = this.policy;
    try {
      for (let waitMs = firstMs;; waitMs = Math.min(waitMs * 1.5, longestMs)) {
        await sleep(waitMs, this.options.signal);
        const command = new this.sdk.GetQueryExecutionCommand({ QueryExecutionId: id });
        const { QueryExecution: execution } = await this.#call(
          { name: query.name, id },
          () => this.client.send(command),
        );
        const state = execution?.Status?.State;
        if (state !== "SUCCEEDED" && state !== "FAILED" && state !== "CANCELLED") continue;
        this.#running.delete(id);
        this.#count(execution!);
        return execution!.Status!;
      }
    } catch (error) {
      await this.#stop(id);
      throw error;
    }
  }

  async #page(query: FaultyQuery & { id: string }, token: string | undefined) {
    const command = new this.sdk.GetQueryResultsCommand({
      QueryExecutionId: query.id,
      MaxResults: PAGE_ROWS,
      ...(token !== undefined && { NextToken: token }),
    });
    return await this.#call(
      query,
      (): Promise<GetQueryResultsCommandOutput> => this.client.send(command),
    );
  }

  async #call<T>(query: FaultyQuery, body: () => Promise<T>): Promise<T> {
    const { signal } = this.options;
    try {
      return await withRetries(body, { policy: this.policy, isTransient: isTransientCall, signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw callError(query, error);
    }
  }

  /** Stops a query that nobody waits for any more; Athena bills what it has scanned by then. */
  async #stop(id: string): Promise<void> {
    this.#running.delete(id);
    const command = new this.sdk.StopQueryExecutionCommand({ QueryExecutionId: id });
    await this.client.send(command).catch(() => {});
  }

  #count({ Statistics }: QueryExecution): void {
    if (Statistics?.ResultReuseInformation?.ReusedPreviousResult) this.#usage.reused++;
    this.#usage.bytesScanned += Statistics?.DataScannedInBytes ?? 0;
    this.#usage.engineMs += Statistics?.EngineExecutionTimeInMillis ?? 0;
  }
}

/**
 * What the catalogue says of a table: columns, partitions, properties; undefined where it says
 * nothing. Throws a `QueryError`.
 */
export async function athenaTable(
  engine: AthenaEngine,
  { database, table, workgroup }: { database: string; table: string; workgroup: string },
): Promise<TableMetadata | undefined> {
  const { GetTableMetadataCommand } = await import("@aws-sdk/client-athena");
  const command = new GetTableMetadataCommand({
    ...{ CatalogName: "AwsDataCatalog", DatabaseName: database },
    ...{ TableName: table, WorkGroup: workgroup },
  });
  const found = await withRetries(() => engine.client.send(command), {
    ...{ policy: engine.policy, isTransient: isTransientCall },
  }).catch((error) => {
    throw callError({ name: `metadata of ${database}.${table}`, id: null }, error);
  });
  return found.TableMetadata;
}

function noUsage(): AthenaUsage {
  return { queries: 0, reused: 0, bytesScanned: 0, engineMs: 0 };
}
