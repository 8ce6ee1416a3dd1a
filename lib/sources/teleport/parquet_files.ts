import { QueryError } from "../../model/errors.ts";
import { asPattern } from "../archive_files.ts";
import type { ArchiveEngine } from "../duckdb.ts";
import { BOMB, FREE_BYTES, mostBytes } from "../gzip_bomb.ts";
import { type QueryFile, readQueryFile } from "../query_file.ts";
import { skippedFile, type SourceSkip } from "../source_skip.ts";

const PARQUET_COLUMNS = readQueryFile(new URL("./parquet_columns.sql", import.meta.url));
const PARQUET_BYTES = readQueryFile(new URL("./parquet_bytes.sql", import.meta.url));
const PARQUET_EVENTS = readQueryFile(new URL("./parquet_events.sql", import.meta.url));
const PARQUET_LOTS = readQueryFile(new URL("./parquet_lots.sql", import.meta.url));
const ONE_THREAD = readQueryFile(new URL("./one_thread.sql", import.meta.url));
const EVENT_MAP = readQueryFile(new URL("./event_map.sql", import.meta.url));

/** Queries of footers, and the number that each gives of a file. */
const COLUMN_COUNTS = { query: PARQUET_COLUMNS, column: "columns" };
const LOT_BYTES = { query: PARQUET_LOTS, column: "bytes" };
const UNSOUND = "file is no sound Parquet";

/** Columns of the Glue table that a file must have. */
const COLUMNS = 6;
/** What a file may make DuckDB hold at once: reading it takes some ten times as much memory. */
const MOST_AT_ONCE = 64 * 1024 * 1024;
/** From here on one processor reads, since each holds so much: usual files stay below a third. */
const MUCH_AT_ONCE = 16 * 1024 * 1024;
/** Files that are measured together: many of a day are small. */
const MEASURED = 64;

type OnSkip = (skip: SourceSkip) => void;

/**
 * Those files whose footer is sound and has the table's columns, whose pages can be read, and which
 * don't hold more than 100 times their size, nor rows of more than 32 KiB on an average of 2,048; the
 * others are told. Reads each page once, a thirtieth of what the events cost.
 */
export async function soundFiles(
  engine: ArchiveEngine,
  files: readonly string[],
  onSkip: OnSkip,
): Promise<string[]> {
  const whole = await readInLots(engine, await wholeFiles(engine, files, onSkip), onSkip);
  const sound: string[] = [];
  for (let at = 0; at < whole.length; at += MEASURED) {
    const some = whole.slice(at, at + MEASURED);
    // together they hold less than any bomb, mostly
    if (await holdsMore(engine, some, FREE_BYTES) === false) sound.push(...some);
    else for (const file of some) if (await isSound(engine, file, onSkip)) sound.push(file);
  }
  return sound;
}

/** Those files whose events can be read by themselves; the others are told. Reads everything. */
export async function readableFiles(
  engine: ArchiveEngine,
  files: readonly string[],
  onSkip: OnSkip,
): Promise<string[]> {
  const readable: string[] = [];
  for (const file of files) {
    try {
      // made for each: a file that breaks DuckDB costs the macro
      await engine.run(EVENT_MAP);
      engine.setList("files", [asPattern(file)]);
      await engine.run(PARQUET_EVENTS);
      readable.push(file);
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      onSkip(skippedFile(file, "file has events that can't be read"));
    }
  }
  return readable;
}

async function isSound(engine: ArchiveEngine, file: string, onSkip: OnSkip): Promise<boolean> {
  // one that went meanwhile has no pages that can be read
  const packed = await Deno.stat(file).then(({ size }) => size, () => 0);
  const isBomb = await holdsMore(engine, [file], mostBytes(packed));
  if (isBomb === false) return true;
  onSkip(skippedFile(file, isBomb === null ? "file has pages that can't be read" : BOMB));
  return false;
}

/** Whether files hold more than so many bytes; null: not all of their pages can be read. */
async function holdsMore(
  engine: ArchiveEngine,
  files: readonly string[],
  bytes: number,
): Promise<boolean | null> {
  engine.setList("files", files.map(asPattern));
  try {
    const found = engine.query(PARQUET_BYTES, { most_bytes: String(bytes) });
    for await (const batch of found) if (batch.length > 0) return true;
    return false;
  } catch (error) {
    if (error instanceof QueryError) return null;
    throw error;
  }
}

async function wholeFiles(
  engine: ArchiveEngine,
  files: readonly string[],
  onSkip: OnSkip,
): Promise<string[]> {
  const all = await ofFooters(engine, files, COLUMN_COUNTS);
  const whole: string[] = [];
  for (const file of files) {
    const columns = all?.get(file) ??
      (await ofFooters(engine, [file], COLUMN_COUNTS))?.get(file);
    if (columns === COLUMNS) whole.push(file);
    else if (columns === undefined) onSkip(skippedFile(file, UNSOUND));
    else onSkip(skippedFile(file, "file lacks columns of Teleport's table"));
  }
  return whole;
}

/** Those files that can be read some rows at a time, whatever the whole of them is. */
async function readInLots(
  engine: ArchiveEngine,
  files: readonly string[],
  onSkip: OnSkip,
): Promise<readonly string[]> {
  const all = await ofFooters(engine, files, LOT_BYTES);
  const some: string[] = [];
  let isMuch = false;
  for (const file of files) {
    const known = all ?? await ofFooters(engine, [file], LOT_BYTES);
    // without a row a file is not among them
    const bytes = known?.get(file) ?? 0;
    if (known === null) onSkip(skippedFile(file, UNSOUND));
    else if (bytes > MOST_AT_ONCE) {
      onSkip(skippedFile(file, "file has rows that are too large to read"));
    } else some.push(file);
    isMuch ||= bytes > MUCH_AT_ONCE && bytes <= MOST_AT_ONCE;
  }
  if (isMuch) await engine.run(ONE_THREAD);
  return some;
}

/** A number of each file; null: the footer of one of them can't be read. */
async function ofFooters(
  engine: ArchiveEngine,
  files: readonly string[],
  { query, column }: { query: QueryFile; column: string },
): Promise<Map<string, number> | null> {
  const numbers = new Map<string, number>();
  if (files.length === 0) return numbers;
  engine.setList("files", files.map(asPattern));
  try {
    for await (const batch of engine.query(query)) {
      for (const row of batch) numbers.set(String(row.file_name), Number(row[column]));
    }
  } catch (error) {
    if (error instanceof QueryError) return null;
    throw error;
  }
  return numbers;
}
