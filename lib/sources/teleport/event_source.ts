import { basename, dirname } from "node:path";
import type { ArchiveEngine } from "../duckdb.ts";
import type { SourceSkip } from "../source_skip.ts";
import { archiveWindow, eventFiles, openEvents, type Window } from "./event_files.ts";
import { logSource } from "./log_source.ts";
import { readableFiles, soundFiles } from "./parquet_files.ts";

type OnSkip = (skip: SourceSkip) => void;

/** A file of events. */
export interface EventFile {
  path: string;
  /** The UTC day whose events it holds, as its folder or name says; null where nothing does. */
  day: string | null;
}

/** Where events lie in files, and how the files become the table `teleport_events`. */
export interface EventSource {
  /** All that it holds; null: nothing. Throws a `QueryError` when it can't be read. */
  window(engine: ArchiveEngine): Promise<Window | null>;
  /** The files of the days of a window, and those of no day; others in the way are told. */
  list(window: Window, onSkip?: OnSkip): Promise<EventFile[]>;
  /** Those files that are what they should be, and no bombs; the others are told. */
  sound(engine: ArchiveEngine, files: readonly string[], onSkip: OnSkip): Promise<string[]>;
  /** Makes files the table; at least one file. */
  open(engine: ArchiveEngine, files: readonly string[]): Promise<void>;
  /** Those files whose events can be read, one by one; the others are told. Reads everything. */
  readable(engine: ArchiveEngine, files: readonly string[], onSkip: OnSkip): Promise<string[]>;
  /** What of the files of a window no query sees; absent where queries see all rows. */
  lineSkips?(engine: ArchiveEngine, window: Window): Promise<LineSkips>;
}

/** What was found in the lines of some files. */
export interface LineSkips {
  /** The files that were looked at. */
  files: string[];
  skips: SourceSkip[];
}

/** How the events of an archive are kept. */
export type EventFormat = "parquet" | "log";

/** The folder `events` of External Audit Storage, or the log of a self-hosted server. */
export function eventSource(path: string, format: EventFormat = "parquet"): EventSource {
  return format === "log" ? logSource(path) : parquetSource(path);
}

function parquetSource(events: string): EventSource {
  return {
    window: () => archiveWindow(events),
    async list(window, onSkip = () => {}) {
      const paths = await eventFiles(events, window, onSkip);
      return paths.map((path) => ({ path, day: basename(dirname(path)) }));
    },
    sound: soundFiles,
    open: openEvents,
    readable: readableFiles,
  };
}
