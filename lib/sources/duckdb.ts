import {
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBResult,
  LIST,
  listValue,
  VARCHAR,
} from "@duckdb/node-api";
import { QueryError } from "../model/errors.ts";
import type { QueryEngine, QueryRow, QueryValue } from "./query_engine.ts";
import { orderedValues, type QueryFile } from "./query_file.ts";

/** Whose functions the macros are: those of Athena, or those of BigQuery. */
export type Dialect = "trino" | "bigquery";

interface ArchiveOptions {
  /** `trino`. */
  dialect?: Dialect;
  /** Memory DuckDB may use before it spills, in bytes: 1 GiB. */
  memoryBytes?: number;
  threads?: number;
  /**
   * Where to spill. Its name must end in `.spill`: it is emptied at opening (a run that was killed
   * leaves what it spilled) and removed at closing. Without it a fresh private folder is made.
   */
  spillFolder?: string;
  /** Stops what is running, and lets nothing begin: its reason is thrown. */
  signal?: AbortSignal | undefined;
}

/**
 * A local engine over files. Close it: `await using`. A file that breaks DuckDB costs its views and
 * tables: they must be made again.
 */
export interface ArchiveEngine extends QueryEngine, AsyncDisposable {
  readonly spillFolder: string;
  /**
   * The first column of a query's rows, which is of texts: in small batches, of chunks that DuckDB
   * makes while the one before is used.
   */
  texts(query: QueryFile, values?: Readonly<Record<string, string>>): AsyncGenerator<string[]>;
  /** A list of texts for `getvariable(name)` in the queries that begin from now on. */
  setList(name: string, texts: readonly string[]): void;
  /** Runs statements that give no rows, such as a view's definition. */
  run(query: QueryFile, values?: Readonly<Record<string, string>>): Promise<void>;
}

const LIST_OF_TEXTS = LIST(VARCHAR);

/** Texts that are taken together out of a chunk: a garbage collection copies what is held. */
const TEXTS = 128;

const MACROS: Readonly<Record<Dialect, URL>> = {
  trino: new URL("./trino_macros.sql", import.meta.url),
  bigquery: new URL("./bigquery_macros.sql", import.meta.url),
};

/**
 * Opens DuckDB in memory, behaving as Trino or BigQuery where they differ in silence: UTC, integer
 * division, macros named as the other's functions. Extensions are neither fetched nor loaded.
 */
export async function openArchiveEngine(options: ArchiveOptions = {}): Promise<ArchiveEngine> {
  const spillFolder = await privateFolder(options.spillFolder);
  const open = () => openInstance(spillFolder, options);
  try {
    return new DuckDbEngine(await open(), { spillFolder, open, signal: options.signal });
  } catch (cause) {
    await Deno.remove(spillFolder, { recursive: true });
    throw cause;
  }
}

async function openInstance(
  spillFolder: string,
  { dialect = "trino", memoryBytes = 1024 * 1024 * 1024, threads = 2 }: ArchiveOptions,
): Promise<DuckDBInstance> {
  const instance = await DuckDBInstance.create(":memory:", {
    memory_limit: `${Math.round(memoryBytes / 1024)}KiB`,
    threads: String(threads),
    temp_directory: spillFolder,
    // what is freed goes back to the system soon: it is not of the limit, yet of the process
    allocator_flush_threshold: "1MiB",
    allocator_bulk_deallocation_flush_threshold: "1MiB",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    allow_community_extensions: "false",
  });
  try {
    const connection = await instance.connect();
    await connection.run("SET GLOBAL TimeZone='UTC'");
    await connection.run(`SET GLOBAL integer_division=${dialect === "trino"}`);
    await connection.run(await Deno.readTextFile(MACROS[dialect]));
    connection.closeSync();
    return instance;
  } catch (cause) {
    instance.closeSync();
    throw cause;
  }
}

class DuckDbEngine implements ArchiveEngine {
  #closed = false;
  readonly #lists = new Map<string, readonly string[]>();
  readonly #running = new Set<DuckDBConnection>();
  readonly spillFolder: string;
  readonly #open: () => Promise<DuckDBInstance>;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => void this.stopRunning();
  #instance: DuckDBInstance;

  constructor(
    instance: DuckDBInstance,
    { spillFolder, open, signal }: {
      spillFolder: string;
      open: () => Promise<DuckDBInstance>;
      signal: AbortSignal | undefined;
    },
  ) {
    this.#instance = instance;
    this.spillFolder = spillFolder;
    this.#open = open;
    this.#signal = signal;
    signal?.addEventListener("abort", this.#onAbort);
  }

  async *query(
    query: QueryFile,
    values: Readonly<Record<string, string>> = {},
  ): AsyncGenerator<QueryRow[]> {
    await using running = await this.#start(query, values);
    const batches = running.result.yieldRowObjectJs();
    while (true) {
      this.#signal?.throwIfAborted();
      const batch = await batches.next().catch((e) => this.#fail(query, e));
      if (batch.done) return;
      yield batch.value.map((row) => plainRow(query, row));
    }
  }

  async *texts(
    query: QueryFile,
    values: Readonly<Record<string, string>> = {},
  ): AsyncGenerator<string[]> {
    await using running = await this.#start(query, values);
    const fetched = () => {
      const chunk = running.last = running.result.fetchChunk();
      // a fault is told when its turn comes
      chunk.catch(() => {});
      return chunk;
    };
    let chunk = await fetched().catch((e) => this.#fail(query, e));
    while (chunk !== null && chunk.rowCount > 0) {
      this.#signal?.throwIfAborted();
      const next = fetched();
      const column = chunk.getColumnVector(0);
      for (let at = 0; at < column.itemCount; at += TEXTS) {
        yield column.slice(at, Math.min(TEXTS, column.itemCount - at)).toArray().map(String);
      }
      chunk = await next.catch((e) => this.#fail(query, e));
    }
  }

  stopRunning(): Promise<void> {
    for (const connection of this.#running) connection.interrupt();
    return Promise.resolve();
  }

  setList(name: string, texts: readonly string[]): void {
    if (!/^[a-z_]+$/.test(name)) throw new TypeError("A variable's name has letters only");
    this.#lists.set(name, texts);
  }

  async run(query: QueryFile, values?: Readonly<Record<string, string>>): Promise<void> {
    for await (const _ of this.query(query, values));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#instance.closeSync();
    await Deno.remove(this.spillFolder, { recursive: true }).catch(() => {});
  }

  async #start(query: QueryFile, values: Readonly<Record<string, string>>): Promise<Running> {
    const bound = orderedValues(query, values);
    const connection = await this.#connect();
    this.#running.add(connection);
    const close = () => {
      this.#running.delete(connection);
      connection.closeSync();
    };
    let result: DuckDBResult;
    try {
      this.#signal?.throwIfAborted();
      result = await connection.stream(query.sql, bound);
    } catch (error) {
      close();
      this.#fail(query, error);
    }
    const running: Running = {
      result,
      last: null,
      async [Symbol.asyncDispose]() {
        await running.last?.catch(() => {});
        close();
      },
    };
    return running;
  }

  // DuckDB quotes rows in its messages: only the kind of the error, which comes first, is passed on.
  #fail(query: QueryFile, error: unknown): never {
    this.#signal?.throwIfAborted();
    const kind = kindOf(error);
    throw new QueryError(
      `Cannot run the query "${query.name}" on the local archive: DuckDB reports "${kind}"`,
      null,
      { cause: kind },
    );
  }

  async #connect(): Promise<DuckDBConnection> {
    try {
      return await this.#connection();
    } catch (error) {
      if (kindOf(error) !== FATAL) throw error;
      this.#instance.closeSync();
      this.#instance = await this.#open();
      return await this.#connection();
    }
  }

  // A connection a query: results that are being read don't end when the next query begins.
  async #connection(): Promise<DuckDBConnection> {
    const connection = await this.#instance.connect();
    try {
      for (const [name, texts] of this.#lists) {
        await connection.run(`SET VARIABLE ${name} = $1`, [listValue([...texts])], [LIST_OF_TEXTS]);
      }
      return connection;
    } catch (error) {
      connection.closeSync();
      throw error;
    }
  }
}

/** A query that has begun. */
interface Running extends AsyncDisposable {
  result: DuckDBResult;
  /** What was asked for last, and may be under way when nobody wants it any more. */
  last: Promise<unknown> | null;
}

async function privateFolder(wanted: string | undefined): Promise<string> {
  if (wanted === undefined) return await Deno.makeTempDir({ prefix: "shellscope-spill-" });
  if (!wanted.endsWith(".spill")) {
    throw new TypeError("The name of a spill folder must end in .spill: it is emptied");
  }
  await Deno.remove(wanted, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  await Deno.mkdir(wanted, { mode: 0o700 });
  return wanted;
}

/** DuckDB's name of the fault that a {@link QueryError} of an engine stands for: its `cause`. */
export const OUT_OF_MEMORY = "Out of Memory Error";

/** DuckDB's name of the fault that it answers with after one that it can't go on from. */
const FATAL = "FATAL Error";

function kindOf(error: unknown): string {
  const message = error instanceof Error ? error.message : "";
  return /^([A-Z][A-Za-z ]{1,40} Error):/.exec(message)?.[1] ?? "unknown fault";
}

function plainRow(query: QueryFile, row: Record<string, unknown>): QueryRow {
  const plain: QueryRow = {};
  for (const [name, value] of Object.entries(row)) plain[name] = plainValue(query, name, value);
  return plain;
}

function plainValue(query: QueryFile, column: string, value: unknown): QueryValue {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "number":
      return value;
    case "bigint":
      if (Number.isSafeInteger(Number(value))) return Number(value);
      throw new QueryError(`"${query.name}" gives an integer beyond 2^53 in column "${column}"`);
  }
  if (value === null || value === undefined) return null;
  throw new QueryError(`"${query.name}" gives a value without a plain form in column "${column}"`);
}
