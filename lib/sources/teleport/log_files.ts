import { basename, join } from "node:path";
import { QueryError } from "../../model/errors.ts";
import { isoDay } from "../../model/time.ts";
import { skippedFile, type SourceSkip } from "../source_skip.ts";
import type { Window } from "./event_files.ts";
import type { EventFile } from "./event_source.ts";

// facts/teleport.md, section 4; a colon may have been replaced where a file system has none
const DATED = /^(\d{4}-\d{2}-\d{2})\.\d{2}[:_-]\d{2}[:_-]\d{2}\.log(\.gz)?$/;
const CURRENT = /^events\.log(\.gz)?$/;

/**
 * The files of a log, in order of folder and name: daily ones in the folder and in those of its
 * servers, and what `events.log` leads to where that is none of them. Of a file and its gzip the
 * file. What lies between logs and is none is told, as is a link that leads nowhere; other folders
 * (`upload`, recordings) are passed over. Throws a {@link QueryError} when the path can't be read.
 */
export async function logFiles(
  path: string,
  onSkip: (skip: SourceSkip) => void,
): Promise<EventFile[]> {
  try {
    const info = await Deno.stat(path);
    if (info.isFile) return [{ path, day: dayOf(basename(path)) }];
    const top = await filesOf(path);
    const all = [top];
    for (const folder of top.folders) {
      const inside = await filesOf(folder).catch(() => null);
      if (inside === null) onSkip(skippedFile(folder, "folder can't be read"));
      else if (inside.logs.length > 0) all.push(inside);
    }
    for (const { others } of all) {
      for (const other of others) {
        onSkip(skippedFile(other, "file is not named as Teleport names its logs"));
      }
    }
    const logs = all.flatMap(({ logs }) => logs);
    return [...logs, ...await currentLog(top.current, logs, onSkip)];
  } catch (cause) {
    throw new QueryError(
      `Cannot read the log "${path}"; check the path in the configuration, and that your user may ` +
        "read it",
      null,
      { cause },
    );
  }
}

/** Those files that are named by a day of a window, and those whose names tell none. */
export function logFilesOf(files: readonly EventFile[], { since, until }: Window): EventFile[] {
  const first = isoDay(since.getTime());
  const last = isoDay(until.getTime() - 1);
  return files.filter(({ day }) => day === null || (day >= first && day <= last));
}

interface LogFolder {
  logs: EventFile[];
  /** `events.log`, a file or a link. */
  current: string[];
  others: string[];
  folders: string[];
}

async function filesOf(path: string): Promise<LogFolder> {
  const found: LogFolder = { logs: [], current: [], others: [], folders: [] };
  const entries = await Array.fromAsync(Deno.readDir(path));
  const names = new Set(entries.map(({ name }) => name));
  for (const entry of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
    const at = join(path, entry.name);
    const day = dayOf(entry.name);
    if (entry.name.startsWith(".")) continue;
    if (entry.isDirectory) found.folders.push(at);
    else if (CURRENT.test(entry.name)) found.current.push(at);
    else if (day === null || !entry.isFile) found.others.push(at);
    else if (!names.has(entry.name.replace(/\.gz$/, "")) || !entry.name.endsWith(".gz")) {
      found.logs.push({ path: at, day });
    }
  }
  return found;
}

async function currentLog(
  paths: readonly string[],
  logs: readonly EventFile[],
  onSkip: (skip: SourceSkip) => void,
): Promise<EventFile[]> {
  const known = new Set(await Promise.all(logs.map(({ path }) => Deno.realPath(path))));
  const files: EventFile[] = [];
  for (const path of paths) {
    const real = await Deno.realPath(path).catch(() => null);
    if (real === null) {
      // a copy of the folder may keep the link and have its target elsewhere
      if (logs.length === 0) onSkip(skippedFile(path, "link leads nowhere"));
    } else if (!(await Deno.stat(real)).isFile) {
      // a pipe that nobody fills would be waited for
      onSkip(skippedFile(path, "file is no plain file"));
    } else if (!known.has(real)) files.push({ path, day: dayOf(basename(real)) });
  }
  return files;
}

function dayOf(name: string): string | null {
  const day = DATED.exec(name)?.[1];
  return day !== undefined && !Number.isNaN(Date.parse(day)) ? day : null;
}
