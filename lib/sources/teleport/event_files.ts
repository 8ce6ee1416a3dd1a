import { asPattern } from "../archive_files.ts";
import { join } from "node:path";
import { QueryError } from "../../model/errors.ts";
import { DAY_MS, isoDay } from "../../model/time.ts";
import type { ArchiveEngine } from "../duckdb.ts";
import { type QueryFile, readQueryFile } from "../query_file.ts";
import type { SourceSkip } from "../source_skip.ts";

/** Begin and end of a window; half open: `since` belongs to it, `until` does not. */
export interface Window {
  since: Date;
  until: Date;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

const EVENT_MAP = readQueryFile(new URL("./event_map.sql", import.meta.url));
const EVENTS_VIEW = readQueryFile(new URL("./events_view.sql", import.meta.url));

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
        if (!entry.name.endsWith(".parquet") || entry.isDirectory) continue;
        const path = join(folder, entry.name);
        if (entry.isFile || !(await isDevice(path))) names.push(entry.name);
        else onSkip({ uri: path, reason: "file is no plain file", detail: null, count: 1 });
      }
      files.push(...names.sort().map((name) => join(folder, name)));
    } catch {
      onSkip({ uri: folder, reason: "folder can't be read", detail: null, count: 1 });
    }
  }
  return files;
}

// A pipe that nobody fills would be waited for; a link to nowhere is told by who reads it.
async function isDevice(path: string): Promise<boolean> {
  return await Deno.stat(path).then((info) => !info.isFile, () => false);
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
