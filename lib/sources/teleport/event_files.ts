import { asPattern } from "../archive_files.ts";
import { join } from "node:path";
import { QueryError } from "../../model/errors.ts";
import { DAY_MS, isoDay } from "../../model/time.ts";
import type { ArchiveEngine } from "../duckdb.ts";
import { type QueryFile, readQueryFile } from "../query_file.ts";
import { skippedFile, type SourceSkip } from "../source_skip.ts";

/** Begin and end of a window; half open: `since` belongs to it, `until` does not. */
export interface Window {
  since: Date;
  until: Date;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

const PARQUET_COLUMNS = readQueryFile(new URL("./parquet_columns.sql", import.meta.url));
const PARQUET_PAGES = readQueryFile(new URL("./parquet_pages.sql", import.meta.url));
const EVENT_MAP = readQueryFile(new URL("./event_map.sql", import.meta.url));
const EVENTS_VIEW = readQueryFile(new URL("./events_view.sql", import.meta.url));

/** Columns of the Glue table that a file must have. */
const COLUMNS = 6;

/**
 * The window that holds all of an archive: from the first day folder to the end of the last; null
 * where there is none. Throws a {@link QueryError} when the folder can't be read.
 */
export async function archiveWindow(events: string): Promise<Window | null> {
  const days = await dayFolders(events);
  const first = days[0];
  const last = days.at(-1);
  if (first === undefined || last === undefined) return null;
  return { since: new Date(first), until: new Date(Date.parse(last) + DAY_MS) };
}

/**
 * The Parquet files of the days that a window touches, in order of day and name. A day folder that
 * can't be read is skipped and told.
 */
export async function eventFiles(
  events: string,
  window: Window,
  onSkip: (skip: SourceSkip) => void,
): Promise<string[]> {
  const first = isoDay(window.since);
  const last = isoDay(window.until.getTime() - 1);
  const files: string[] = [];
  for (const day of await dayFolders(events)) {
    if (day < first || day > last) continue;
    const folder = join(events, day);
    try {
      const names: string[] = [];
      for await (const entry of Deno.readDir(folder)) {
        if (entry.name.endsWith(".parquet") && !entry.isDirectory) names.push(entry.name);
      }
      files.push(...names.sort().map((name) => join(folder, name)));
    } catch {
      onSkip({ uri: folder, reason: "folder can't be read", detail: null, count: 1 });
    }
  }
  return files;
}

/** Those files whose footer is sound and has the table's columns; the others are told. */
export async function soundFiles(
  engine: ArchiveEngine,
  files: readonly string[],
  onSkip: (skip: SourceSkip) => void,
): Promise<string[]> {
  const all = await columnCounts(engine, files);
  const sound: string[] = [];
  for (const file of files) {
    const columns = all?.get(file) ?? (await columnCounts(engine, [file]))?.get(file);
    if (columns === COLUMNS) sound.push(file);
    else if (columns === undefined) onSkip(skippedFile(file, "file is no sound Parquet"));
    else onSkip(skippedFile(file, "file lacks columns of Teleport's table"));
  }
  return sound;
}

/** Those files of which every page can be read; the others are told. Reads everything. */
export async function readableFiles(
  engine: ArchiveEngine,
  files: readonly string[],
  onSkip: (skip: SourceSkip) => void,
): Promise<string[]> {
  const readable: string[] = [];
  for (const file of files) {
    try {
      engine.setList("files", [asPattern(file)]);
      for await (const _ of engine.query(PARQUET_PAGES));
      readable.push(file);
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      onSkip(skippedFile(file, "file has pages that can't be read"));
    }
  }
  return readable;
}

/** Makes Parquet files the table `teleport_events` of an engine; at least one file. */
export async function openEvents(engine: ArchiveEngine, files: readonly string[]): Promise<void> {
  await openView(engine, files, EVENTS_VIEW);
}

/** Makes files the table that a view describes; at least one file. */
export async function openView(
  engine: ArchiveEngine,
  files: readonly string[],
  view: QueryFile,
): Promise<void> {
  engine.setList("files", files.map(asPattern));
  await engine.run(EVENT_MAP);
  await engine.run(view);
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

async function dayFolders(events: string): Promise<string[]> {
  const days: string[] = [];
  try {
    for await (const entry of Deno.readDir(events)) {
      if (DAY.test(entry.name) && !entry.isFile && !Number.isNaN(Date.parse(entry.name))) {
        days.push(entry.name);
      }
    }
  } catch (cause) {
    throw new QueryError(
      `Cannot read the folder of events "${events}"; check the path in the configuration, and that ` +
        "your user may read it",
      null,
      { cause },
    );
  }
  return days.sort();
}
