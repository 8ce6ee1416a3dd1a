import { QueryError } from "../model/errors.ts";
import type { ArchiveFile } from "./archive_files.ts";
import type { ArchivePlace } from "./archive_place.ts";
import type { ArchiveEngine } from "./duckdb.ts";
import { inParallel } from "./in_parallel.ts";
import { type ItemProblem, jsonItems } from "./json_items.ts";
import { type QueryFile, readQueryFile } from "./query_file.ts";

const ADD_ITEMS = readQueryFile(new URL("./add_split_items.sql", import.meta.url));
const KEEP_ITEMS = readQueryFile(new URL("./keep_split_items.sql", import.meta.url));
/** Texts of this many characters go to DuckDB together. */
const BATCH_CHARACTERS = 4 * 1024 * 1024;

type OnProblem = (problem: ItemProblem, count: number) => void;

/** What of a cloud's own is asked of DuckDB. */
export interface SplitQueries {
  /** Makes the table. */
  tables: QueryFile;
  /** Adds the entries of a file that is one document, in one go; without it all files are split. */
  addDocument?: QueryFile;
  /** What the minutes query says of an entry without content. */
  emptyEntry: string;
}

/**
 * The entries of files that DuckDB does not read by itself: read here, split, and held in its table
 * `split_items`. Nothing is written to a disk but what DuckDB spills.
 */
export class SplitItems {
  /** What was wrong with each file whose entries are held. */
  readonly #held = new Map<string, ReadonlyMap<string, number>>();
  #isFresh = true;
  #texts: string[] = [];
  #paths: string[] = [];
  #characters = 0;
  #turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly engine: ArchiveEngine,
    private readonly place: Pick<ArchivePlace, "open" | "parallel">,
    private readonly queries: SplitQueries,
  ) {}

  /**
   * Makes the table hold the entries of these files: those that it holds already are not read
   * again. Returns how many bytes of files were read. Throws a `StorageError` where a place fails,
   * and the signal's reason.
   */
  async hold(files: readonly ArchiveFile[], signal?: AbortSignal): Promise<number> {
    await this.#forgetOthers(files);
    const missing = files.filter(({ path }) => !this.#held.has(path));
    try {
      await inParallel(missing, this.place.parallel, async (file) => {
        signal?.throwIfAborted();
        await this.#read(file);
      });
      await this.#flush();
    } catch (failure) {
      // what of a file that failed is in the table goes before it is used again
      this.#clear();
      throw failure;
    }
    return missing.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** What was wrong with a file that is held, and how often. */
  problemsOf({ path }: ArchiveFile): ReadonlyMap<string, number> {
    return this.#held.get(path) ?? new Map();
  }

  async #forgetOthers(files: readonly ArchiveFile[]): Promise<void> {
    if (this.#isFresh) {
      await this.engine.run(this.queries.tables);
      this.#isFresh = false;
    }
    const wanted = new Set(files.map(({ path }) => path));
    const others = [...this.#held.keys()].filter((path) => !wanted.has(path));
    if (others.length === 0) return;
    for (const path of others) this.#held.delete(path);
    if (this.#held.size === 0) return await this.engine.run(this.queries.tables);
    this.engine.setList("split_paths", [...this.#held.keys()]);
    await this.engine.run(KEEP_ITEMS);
  }

  async #read(file: ArchiveFile): Promise<void> {
    const problems = new Map<string, number>();
    const onProblem: OnProblem = (problem, count) => {
      const reason = problem === "entry is empty" ? this.queries.emptyEntry : problem;
      problems.set(reason, (problems.get(reason) ?? 0) + count);
    };
    const documents = this.queries.addDocument !== undefined;
    for await (const found of jsonItems(this.place.open(file), { onProblem, documents })) {
      if (found.kind === "items") await this.#add(file, found.texts);
      else await this.#addDocument(file, { text: found.text, onProblem });
    }
    this.#held.set(file.path, problems);
  }

  async #add({ path }: ArchiveFile, texts: readonly string[]): Promise<void> {
    for (const text of texts) {
      this.#texts.push(text);
      this.#paths.push(path);
      this.#characters += text.length;
    }
    if (this.#characters >= BATCH_CHARACTERS) await this.#flush();
  }

  /** A document as it is; one that DuckDB can't read is split here. */
  async #addDocument(
    file: ArchiveFile,
    { text, onProblem }: { text: string; onProblem: OnProblem },
  ): Promise<void> {
    try {
      await this.engine.run(this.queries.addDocument!, { path: file.path, text });
    } catch (error) {
      if (!isFileFault(error)) throw error;
      for await (const found of jsonItems(bytesOf(text), { onProblem })) {
        if (found.kind === "items") await this.#add(file, found.texts);
      }
    }
  }

  /** One batch after the other: the lists that a statement reads are the engine's. */
  #flush(): Promise<void> {
    const [texts, paths] = [this.#texts, this.#paths];
    [this.#texts, this.#paths, this.#characters] = [[], [], 0];
    this.#turn = this.#turn.then(async () => {
      if (texts.length === 0) return;
      this.engine.setList("split_texts", texts);
      this.engine.setList("split_paths", paths);
      try {
        await this.engine.run(ADD_ITEMS);
      } finally {
        this.engine.setList("split_texts", []);
        this.engine.setList("split_paths", []);
      }
    });
    return this.#turn;
  }

  #clear(): void {
    this.#held.clear();
    [this.#texts, this.#paths, this.#characters] = [[], [], 0];
    this.#turn = Promise.resolve();
    this.#isFresh = true;
  }
}

/** DuckDB's names of what a file can make it say; also those of gzip and of UTF-8. */
const FILE_FAULTS: readonly unknown[] = [
  "Invalid Input Error",
  "IO Error",
  "Conversion Error",
  "unknown fault",
];

/** Whether a query failed for what a file holds. */
export function isFileFault(error: unknown): boolean {
  return error instanceof QueryError && FILE_FAULTS.includes(error.cause);
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(new TextEncoder().encode(text));
}
