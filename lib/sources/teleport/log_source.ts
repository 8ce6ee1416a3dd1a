import { z } from "zod";
import { QueryError } from "../../model/errors.ts";
import { DAY_MS } from "../../model/time.ts";
import { type ArchiveEngine, OUT_OF_MEMORY } from "../duckdb.ts";
import { BOMB, isBombFile } from "../gzip_bomb.ts";
import { readQueryFile } from "../query_file.ts";
import type { SourceSkip } from "../source_skip.ts";
import { asPattern } from "../archive_files.ts";
import { openView, type Window } from "./event_files.ts";
import type { EventFile, EventSource, LineSkips } from "./event_source.ts";
import { logFiles, logFilesOf } from "./log_files.ts";

const LOG_VIEW = readQueryFile(new URL("./log_view.sql", import.meta.url));
const LOG_LINES = readQueryFile(new URL("./log_lines.sql", import.meta.url));
const LOG_SPAN = readQueryFile(new URL("./log_span.sql", import.meta.url));

const NOBODY = () => {};

const lineRow = z.object({
  file_name: z.string(),
  reason: z.string(),
  row_count: z.number().int(),
});
const spanRow = z.object({
  first_ms: z.number().int().nullable(),
  last_ms: z.number().int().nullable(),
});

/** The log of a self-hosted server: JSON lines in daily files, older ones gzipped or not. */
export function logSource(path: string): EventSource {
  const seen = new Map<string, Promise<boolean>>();
  const isBomb = (file: string) => {
    if (!seen.has(file)) seen.set(file, isBombFile(file));
    return seen.get(file)!;
  };
  return {
    window: async (engine) =>
      await wholeWindow(engine, { files: await logFiles(path, NOBODY), isBomb }),
    list: async (window, onSkip = NOBODY) => logFilesOf(await logFiles(path, onSkip), window),
    async sound(_engine, files, onSkip) {
      const sound: string[] = [];
      for (const file of files) {
        if (!await isBomb(file)) sound.push(file);
        else onSkip({ uri: file, reason: BOMB, detail: null, count: 1 });
      }
      return sound;
    },
    open: (engine, files) => openView(engine, files, LOG_VIEW),
    readable: readableLogs,
    async lineSkips(engine, window) {
      const files: EventFile[] = [];
      for (const file of logFilesOf(await logFiles(path, NOBODY), window)) {
        if (!await isBomb(file.path)) files.push(file);
      }
      return await lineSkips(engine, files);
    },
  };
}

// A file holds the events of its day and may hold some that came shortly after.
async function wholeWindow(
  engine: ArchiveEngine,
  { files, isBomb }: {
    files: readonly EventFile[];
    isBomb: (path: string) => Promise<boolean>;
  },
): Promise<Window | null> {
  const times = files.flatMap(({ day }) => day === null ? [] : [Date.parse(day)])
    .flatMap((ms) => [ms, ms + 2 * DAY_MS]);
  let fault: QueryError | null = null;
  for (const { path, day } of files) {
    if (day !== null || await isBomb(path)) continue;
    try {
      times.push(...await spanOf(engine, path));
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      fault = error;
    }
  }
  // one that can't be read is told when its turn comes, where there are others
  if (times.length === 0 && fault !== null) throw fault;
  if (times.length === 0) return null;
  return {
    since: new Date(times.reduce((a, b) => Math.min(a, b))),
    until: new Date(Math.max(...times)),
  };
}

/** The first time of a file and the one behind its last; nothing where none is told. */
async function spanOf(engine: ArchiveEngine, path: string): Promise<number[]> {
  engine.setList("files", [asPattern(path)]);
  for await (const batch of engine.query(LOG_SPAN)) {
    const { first_ms, last_ms } = spanRow.parse(batch[0]);
    if (first_ms !== null && last_ms !== null) return [first_ms, last_ms + 1];
  }
  return [];
}

function isUnreadable(error: unknown): error is QueryError {
  return error instanceof QueryError && error.cause !== OUT_OF_MEMORY;
}

async function readableLogs(
  engine: ArchiveEngine,
  files: readonly string[],
  onSkip: (skip: SourceSkip) => void,
): Promise<string[]> {
  const readable: string[] = [];
  for (const file of files) {
    if (await linesOf(engine, file) !== null) readable.push(file);
    else onSkip({ uri: file, reason: "file can't be read to its end", detail: null, count: 1 });
  }
  return readable;
}

async function lineSkips(
  engine: ArchiveEngine,
  files: readonly EventFile[],
): Promise<LineSkips> {
  const found: LineSkips = { files: [], skips: [] };
  for (const { path } of files) {
    const skips = await linesOf(engine, path);
    if (skips === null) continue;
    found.files.push(path);
    found.skips.push(...skips);
  }
  return found;
}

/** What of a file's lines is no event; null: it can't be read to its end. Reads all of it. */
async function linesOf(engine: ArchiveEngine, file: string): Promise<SourceSkip[] | null> {
  engine.setList("files", [asPattern(file)]);
  const skips: SourceSkip[] = [];
  try {
    for await (const batch of engine.query(LOG_LINES)) {
      for (const row of batch) {
        const { file_name, reason, row_count } = lineRow.parse(row);
        skips.push({ uri: file_name, reason, detail: null, count: row_count });
      }
    }
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return null;
  }
  return skips;
}
