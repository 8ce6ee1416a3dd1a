import { QueryError } from "../../model/errors.ts";
import { asPattern } from "../archive_files.ts";
import type { ArchiveEngine } from "../duckdb.ts";
import { BOMB, FREE_BYTES, mostBytes } from "../gzip_bomb.ts";
import { readQueryFile } from "../query_file.ts";
import { skippedFile, type SourceSkip } from "../source_skip.ts";

const PARQUET_COLUMNS = readQueryFile(new URL("./parquet_columns.sql", import.meta.url));
const PARQUET_BYTES = readQueryFile(new URL("./parquet_bytes.sql", import.meta.url));
const PARQUET_EVENTS = readQueryFile(new URL("./parquet_events.sql", import.meta.url));
const PARQUET_LOTS = readQueryFile(new URL("./parquet_lots.sql", import.meta.url));
const ONE_THREAD = readQueryFile(new URL("./one_thread.sql", import.meta.url));
const EVENT_MAP = readQueryFile(new URL("./event_map.sql", import.meta.url));

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
 * don't hold more than 100 times their size, nor rows of more than 32 KiB on an average of 2,048;
 * the others are told. Reads each page once, a thirtieth
 * of what the events cost.
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
  const all = await columnCounts(engine, files);
  const whole: string[] = [];
  for (const file of files) {
    const columns = all?.get(file) ?? (await columnCounts(engine, [file]))?.get(file);
    if (columns === COLUMNS) whole.push(file);
    else if (columns === undefined) onSkip(skippedFile(file, "file is no sound Parquet"));
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
  if (files.length === 0) return files;
  engine.setList("files", files.map(asPattern));
  const large = new Set<string>();
  let isMuch = false;
  for await (const batch of engine.query(PARQUET_LOTS)) {
    for (const { file_name, bytes } of batch) {
      if (Number(bytes) > MOST_AT_ONCE) large.add(String(file_name));
      else if (Number(bytes) > MUCH_AT_ONCE) isMuch = true;
    }
  }
  if (isMuch) await engine.run(ONE_THREAD);
  for (const file of large) onSkip(skippedFile(file, "file has rows that are too large to read"));
  return files.filter((file) => !large.has(file));
}

async function columnCounts(
  engine: ArchiveEngine,
  files: readonly string[],
): Promise<Map<string, number> | null> {
  const counts = new Map<string, number>();
  if (files.length === 0) return counts;
  engine.setList("files", files.map(asPattern));
  try {
    for await (const batch of engine.query(PARQUET_COLUMNS)) {
      for (const row of batch) counts.set(String(row.file_name), Number(row.columns));
    }
  } catch (error) {
    if (error instanceof QueryError) return null;
    throw error;
  }
  return counts;
}
