import type { ApiWindow } from "./api_source.ts";
import type { ArchiveFile } from "./archive_files.ts";

/** Files of an archive that are read by one query. */
export interface ArchivePart {
  files: ArchiveFile[];
  /** The parts before have no entry from this on, in milliseconds since 1970. */
  freshMs: number;
  /** The parts behind have no entry before this. */
  settledMs: number;
}

/** How much larger gzipped logs are when inflated. */
const GZIP_FACTOR = 8;

/** Files of this many bytes, inflated, go together: memory grows with it, and not with a log. */
const PART_BYTES = 64 * 1024 * 1024;

/** What the name of a file says of the times of its entries, in milliseconds since 1970. */
export interface FileTimes {
  /** Between these its entries may be: logs are delivered late. */
  sinceMs: number;
  untilMs: number;
  /** Begin and end of the day or hour that it names. */
  beginMs: number;
  endMs: number;
}

/** The times of a file by its name; null: it names none. */
export type TimesOf = (path: string) => FileTimes | null;

/**
 * The files that a window may have entries in, as parts of about equal size and of `partBytes` at
 * most, or of one larger file: those without a time first, then in order of their times.
 */
export function archiveParts(
  files: readonly ArchiveFile[],
  { window, timesOf, partBytes = PART_BYTES }: {
    window: ApiWindow;
    timesOf: TimesOf;
    partBytes?: number | undefined;
  },
): ArchivePart[] {
  const [since, until] = [window.since.getTime(), window.until.getTime()];
  const inside = files.map((file) => ({ file, ...(timesOf(file.path) ?? ANY_TIME) }))
    .filter(({ sinceMs, untilMs }) => sinceMs < until && untilMs > since)
    // a stable sort: files of one time stay in order of their names
    .sort((a, b) => a.sinceMs === b.sinceMs ? 0 : a.sinceMs - b.sinceMs);
  const all = inside.reduce((sum, { file }) => sum + inflatedBytes(file), 0);
  const each = Math.ceil(all / Math.max(1, Math.ceil(all / partBytes)));
  const parts: ArchivePart[] = [];
  let [bytes, lastMs] = [Infinity, -Infinity];
  for (const { file, sinceMs, untilMs } of inside) {
    if (bytes + inflatedBytes(file) > each) {
      const before = parts.at(-1);
      if (before !== undefined) before.settledMs = sinceMs;
      parts.push({ files: [], freshMs: lastMs, settledMs: Infinity });
      bytes = 0;
    }
    parts.at(-1)!.files.push(file);
    bytes += inflatedBytes(file);
    lastMs = Math.max(lastMs, untilMs);
  }
  return parts;
}

const ANY_TIME = { sinceMs: -Infinity, untilMs: Infinity };

function inflatedBytes({ path, bytes }: ArchiveFile): number {
  return path.endsWith(".gz") ? bytes * GZIP_FACTOR : bytes;
}
