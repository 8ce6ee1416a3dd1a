import type { ApiSubstrate, RawMinute } from "../model/call_minute.ts";
import { QueryError } from "../model/errors.ts";
import { DAY_MS, isoDay, wholeMinutes } from "../model/time.ts";
import { type ArchiveFile, asPattern } from "./archive_files.ts";
import { type ArchivePart, archiveParts, type TimesOf } from "./archive_parts.ts";
import { type ArchivePlace, localPlace } from "./archive_place.ts";
import type { ApiMinutesOptions, ApiPlan, ApiSource, ApiWindow } from "./api_source.ts";
import { readsCost } from "./bytes_price.ts";
import { type ArchiveEngine, type Dialect, openArchiveEngine, OUT_OF_MEMORY } from "./duckdb.ts";
import { beginsAsBomb } from "./gzip_bomb.ts";
import { headOf, type ItemShape, shapeOf } from "./json_items.ts";
import type { QueryRow } from "./query_engine.ts";
import type { QueryFile } from "./query_file.ts";
import { minuteBatches } from "./minute_batches.ts";
import { rowReader, rowTexts } from "./row_texts.ts";
import { SeenCalls } from "./seen_calls.ts";
import type { SourceSkip } from "./source_skip.ts";
import { isFileFault, SplitItems, type SplitQueries } from "./split_items.ts";

/** A row of a minutes query: calls and how many copies of them there were, or what was left out. */
export type MinuteOrSkip = { minute: RawMinute; copies: number } | { skip: SourceSkip };

/** What the archives of one cloud have of their own. */
export interface ArchiveKind extends SplitQueries {
  substrate: ApiSubstrate;
  /** Name of the kind in the configuration, and prefix of the queries' variables. */
  cloud: "gcp" | "aws";
  dialect: Dialect;
  /** The view over files and this table that the other two read. */
  view: QueryFile;
  minutes: QueryFile;
  /** What of its columns is read. */
  columns: readonly string[];
  /** First and last time, in milliseconds since 1970, of what the view holds. */
  span: QueryFile;
  /** Whether a file of a folder is a part of the log. */
  isPart: (path: string) => boolean;
  /** When the entries of a file may be. */
  timesOf: TimesOf;
  /** The shapes that DuckDB reads; null: of this name it reads all, so that none is looked at. */
  shapesOf: (path: string) => readonly ItemShape[] | null;
  /** The variable of the view, and the values of the minutes query. */
  variable: (window: ApiWindow, options: { tellsUndated: boolean; now: Date }) => string[];
  values: (
    window: ApiWindow,
    options: Pick<ApiMinutesOptions, "salt" | "principal">,
  ) => Record<string, string>;
  read: (row: QueryRow, path: string) => MinuteOrSkip;
}

export interface ArchiveSourceOptions {
  /** Entries of more than a day later are of a clock that is wrong: now. */
  now?: Date;
  /** What DuckDB may use before it spills: 768 MiB. */
  memoryBytes?: number;
  /** Bytes of files, inflated, that one query reads: 64 MiB. */
  partBytes?: number | undefined;
  /** What it is called, if it is but a part of what its path names. */
  name?: string;
  /** Where its files lie, if not at a path of this machine. */
  place?: ArchivePlace;
  /** Stops what is read, whatever it is read for: its reason is thrown. */
  signal?: AbortSignal | undefined;
}

const DEFAULT_BYTES = 768 * 1024 * 1024;

/** A folder or file of a cloud's log as a source of API calls. */
export function archiveSource(
  path: string,
  kind: ArchiveKind,
  options: ArchiveSourceOptions = {},
): ApiSource {
  return new ArchiveSource(path, kind, options);
}

class ArchiveSource implements ApiSource {
  readonly name: string;
  readonly substrate: ApiSubstrate;
  readonly #now: Date;
  readonly #place: ArchivePlace;
  #opened: Promise<Opened> | null = null;
  #toldUndated = false;

  constructor(
    private readonly path: string,
    private readonly kind: ArchiveKind,
    private readonly options: ArchiveSourceOptions,
  ) {
    this.name = options.name ?? `${kind.cloud} archive ${path}`;
    this.substrate = kind.substrate;
    this.#now = options.now ?? new Date();
    this.#place = options.place ?? localPlace(path, { keep: kind.isPart });
  }

  async span(): Promise<ApiWindow | null> {
    if (!this.#place.isLocal) return null;
    const { files } = await this.#place.list(null);
    let [since, until] = [Infinity, -Infinity];
    const undated: ArchiveFile[] = [];
    for (const file of files) {
      const times = this.kind.timesOf(file.path);
      if (times === null) undated.push(file);
      else [since, until] = [Math.min(since, times.sinceMs), Math.max(until, times.untilMs)];
    }
    if (undated.length > 0) {
      const window = { since: new Date(0), until: endOfTime(this.#now) };
      const told = { tellsUndated: false, onSkip: () => {}, bytesRead: 0 };
      const reading = { window, files: undated, ...told };
      for await (const [row] of this.#rows(this.kind.span, {}, reading)) {
        if (typeof row?.first_ms !== "number" || typeof row.last_ms !== "number") continue;
        since = Math.min(since, row.first_ms);
        until = Math.max(until, row.last_ms + 1);
      }
    }
    if (since >= until) return null;
    return wholeMinutes({ since: new Date(since), until: new Date(until) });
  }

  async isEmpty(): Promise<boolean> {
    return this.#place.isLocal && (await this.#place.list(null)).files.length === 0;
  }

  async *minutes(window: ApiWindow, options: ApiMinutesOptions): AsyncGenerator<RawMinute[]> {
    const { onSkip } = options;
    const { files, skips } = await this.#place.list(window);
    const tellsUndated = !this.#toldUndated;
    this.#toldUndated = true;
    if (tellsUndated) skips.forEach(onSkip);
    const seen = new SeenCalls();
    for (const part of this.#parts(files, window)) {
      const { files, freshMs, settledMs } = part;
      const read: ArchiveKind["read"] = (row, uri) => {
        const found = this.kind.read(row, uri);
        if ("skip" in found) return found;
        const { minuteMs } = found.minute;
        if (minuteMs >= freshMs && minuteMs < settledMs) return found;
        const { minute, copies } = seen.unseen(found.minute);
        return { minute, copies: found.copies + copies };
      };
      const reading: Reading = { window, files, tellsUndated, onSkip, bytesRead: 0 };
      const rows = this.#rows(this.kind.minutes, this.kind.values(window, options), reading);
      yield* minuteBatches(rows, {
        read,
        uri: this.path,
        onSkip: (skip) => onSkip({ ...this.#dayOf(skip.uri), ...skip }),
      });
      seen.forget(settledMs);
      options.onScanned?.(reading.bytesRead, 0);
    }
  }

  async plan(windows: readonly ApiWindow[]): Promise<ApiPlan> {
    const read = new Map<string, number>();
    const days = new Set<number>();
    for (const window of windows) {
      const { files } = await this.#place.list(window);
      for (const part of this.#parts(files, window)) {
        for (const { path, bytes } of part.files) read.set(path, bytes);
      }
      for (let at = dayOf(window.since.getTime()); at * DAY_MS < window.until.getTime(); at++) {
        days.add(at);
      }
    }
    return {
      days: days.size,
      objects: read.size,
      bytes: [...read.values()].reduce((sum, bytes) => sum + bytes, 0),
      cost: this.#place.isLocal || read.size === 0 ? null : readsCost(read.size),
      ...{ scannedAtMost: null, unknown: null },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await this.#opened?.catch(() => null);
    await opened?.engine[Symbol.asyncDispose]();
    this.#place[Symbol.dispose]();
  }

  #parts(files: readonly ArchiveFile[], window: ApiWindow): ArchivePart[] {
    const { timesOf } = this.kind;
    return archiveParts(files, { window, timesOf, partBytes: this.options.partBytes });
  }

  #open(): Promise<Opened> {
    return this.#opened ??= (async () => {
      const engine = await openArchiveEngine({
        dialect: this.kind.dialect,
        memoryBytes: this.options.memoryBytes ?? DEFAULT_BYTES,
        signal: this.options.signal,
      });
      return { engine, items: new SplitItems(engine, this.#place, this.kind) };
    })();
  }

  // All entries are read before the first row comes: what is broken shows there. Then the files that
  // DuckDB can't read are found and split here.
  async *#rows(
    query: QueryFile,
    values: Readonly<Record<string, string>>,
    reading: Reading,
  ): AsyncGenerator<QueryRow[]> {
    const { engine, items } = await this.#open();
    const { window, tellsUndated } = reading;
    const { signal } = this.options;
    const prefix = this.kind.cloud;
    engine.setList(
      `${prefix}_window`,
      this.kind.variable(window, { tellsUndated, now: this.#now }),
    );
    const { whole, split } = await this.#sorted(reading);
    reading.bytesRead = await items.hold(split, signal);
    reading.bytesRead += whole.reduce((sum, { bytes }) => sum + bytes, 0);
    await this.#view(engine, whole);
    const columns = query === this.kind.minutes ? this.kind.columns : SPAN_COLUMNS;
    const texts = rowTexts(query, columns);
    const rowOf = rowReader(columns);
    let rows = engine.texts(texts, values);
    let first: IteratorResult<string[]>;
    try {
      first = await rows.next();
    } catch (error) {
      const isTooMuch = isOutOfMemory(error);
      if (!isTooMuch && !isFileFault(error)) throw error;
      // entries without content, which can be too much for DuckDB, are only counted here
      const probe = () => isTooMuch ? engine.texts(texts, values) : engine.query(this.kind.span);
      const { sound, broken } = await this.#tried(engine, { files: whole, probe });
      if (broken.length === 0) throw error;
      split.push(...broken);
      await items.hold(split, signal);
      await this.#view(engine, sound);
      rows = engine.texts(texts, values);
      first = await rows.next();
    }
    this.#tellProblems(items, split, reading);
    try {
      for (let next = first; !next.done; next = await rows.next()) {
        yield next.value.map(rowOf);
      }
    } finally {
      await rows.return(undefined);
    }
  }

  /** Files that DuckDB may read, and those that it would read wrongly. */
  async #sorted(reading: Reading): Promise<{ whole: ArchiveFile[]; split: ArchiveFile[] }> {
    if (!this.#place.isLocal) return { whole: [], split: [...reading.files] };
    const whole: ArchiveFile[] = [];
    const split: ArchiveFile[] = [];
    for (const file of reading.files) {
      this.options.signal?.throwIfAborted();
      const shapes = this.kind.shapesOf(file.path);
      try {
        // what is read here ends where no log goes on
        if (file.path.endsWith(".gz") && await beginsAsBomb(file)) {
          split.push(file);
          continue;
        }
        if (shapes === null) {
          whole.push(file);
          continue;
        }
        const { head, gzip } = await headOf(file.path);
        // a byte order mark would cost DuckDB the first line
        const isPlain = gzip === file.path.endsWith(".gz") && head[0] !== 0xef;
        (isPlain && shapes.includes(shapeOf(head)) ? whole : split).push(file);
      } catch (cause) {
        if (cause instanceof Deno.errors.NotCapable) throw cause;
        this.#tell(file, reading, { problem: "file can't be read", count: 1 });
      }
    }
    return { whole, split };
  }

  async #view(engine: ArchiveEngine, files: readonly ArchiveFile[]): Promise<void> {
    const paths = files.map(({ path }) => asPattern(path));
    if (paths.length === 0) {
      // read_json() takes no empty list
      const none = `${engine.spillFolder}/none.json`;
      await Deno.writeTextFile(none, "");
      paths.push(asPattern(none));
    }
    engine.setList(`${this.kind.cloud}_files`, paths);
    await engine.run(this.kind.view);
  }

  async #tried(
    engine: ArchiveEngine,
    { files, probe }: { files: readonly ArchiveFile[]; probe: () => AsyncGenerator<unknown> },
  ): Promise<{ sound: ArchiveFile[]; broken: ArchiveFile[] }> {
    const sound: ArchiveFile[] = [];
    const broken: ArchiveFile[] = [];
    const sort = async (some: readonly ArchiveFile[]) => {
      try {
        await this.#view(engine, some);
        for await (const _ of probe());
        sound.push(...some);
      } catch (error) {
        if (!isFileFault(error) && !isOutOfMemory(error)) throw error;
        if (some.length === 1) broken.push(some[0]!);
        else {
          const middle = some.length >> 1;
          await sort(some.slice(0, middle));
          await sort(some.slice(middle));
        }
      }
    };
    for (let at = 0; at < files.length; at += PROBED) await sort(files.slice(at, at + PROBED));
    return { sound, broken };
  }

  #tellProblems(items: SplitItems, files: readonly ArchiveFile[], reading: Reading): void {
    for (const file of files) {
      for (const [problem, count] of items.problemsOf(file)) {
        this.#tell(file, reading, { problem, count });
      }
    }
  }

  /** A fault of a file belongs to the window that its times are in. */
  #tell(
    { path }: ArchiveFile,
    { window, tellsUndated, onSkip }: Reading,
    { problem, count }: { problem: string; count: number },
  ): void {
    const times = this.kind.timesOf(path);
    const isHere = times === null
      ? tellsUndated
      : times.endMs > window.since.getTime() && times.beginMs < window.until.getTime();
    if (isHere) onSkip({ uri: path, reason: problem, detail: null, count, ...this.#dayOf(path) });
  }

  #dayOf(uri: string): { day?: string } {
    const times = this.kind.timesOf(uri);
    return times === null ? {} : { day: isoDay(times.beginMs) };
  }
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof QueryError && error.cause === OUT_OF_MEMORY;
}

interface Opened {
  engine: ArchiveEngine;
  items: SplitItems;
}

interface Reading {
  window: ApiWindow;
  files: readonly ArchiveFile[];
  /** Whether what has no time at all is told with this part. */
  tellsUndated: boolean;
  onSkip: (skip: SourceSkip) => void;
  /** Of files, in bytes. */
  bytesRead: number;
}

const SPAN_COLUMNS = ["first_ms", "last_ms"];
/** Files that are tried together when one is sought that can't be read. */
const PROBED = 64;

function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS);
}

/** The time from which on a clock is wrong: a day from now. */
export function endOfTime(now: Date): Date {
  return new Date(now.getTime() + DAY_MS);
}
