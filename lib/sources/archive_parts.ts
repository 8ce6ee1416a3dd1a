import { DAY_MS } from "../model/time.ts";
import type { ArchiveFile } from "./archive_files.ts";
import type { ApiWindow } from "./api_source.ts";

/** A stretch of an archive that is read by one query. */
interface ArchivePart {
  window: ApiWindow;
  files: ArchiveFile[];
}

/** How much larger gzipped logs are when inflated. */
const GZIP_FACTOR = 8;

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
 * A window cut into parts at midnights, so that memory does not grow with the archive: as many days
 * together as have `partBytes` of files, inflated; a day is read by one query however large it is.
 * A file is in each part that its times touch.
 */
export function archiveParts(
  files: readonly ArchiveFile[],
  { window, timesOf, partBytes }: { window: ApiWindow; timesOf: TimesOf; partBytes: number },
): ArchivePart[] {
  const dated = files.map((file) => ({ file, times: timesOf(file.path) }));
  const within = (since: number, until: number) =>
    dated.filter(({ times }) => times === null || (times.sinceMs < until && times.untilMs > since))
      .map(({ file }) => file);
  const [since, until] = [window.since.getTime(), window.until.getTime()];
  const whole = within(since, until);
  if (whole.length === 0) return [];
  const fits = whole.reduce((sum, file) => sum + inflatedBytes(file), 0) <= partBytes;
  if (fits || whole.every(({ path }) => timesOf(path) === null)) return [{ window, files: whole }];
  const parts: ArchivePart[] = [];
  let begin = since;
  while (begin < until) {
    let end = Math.min(nextMidnight(begin), until);
    while (end < until && bytesOf(within(begin, Math.min(end + DAY_MS, until))) <= partBytes) {
      end = Math.min(end + DAY_MS, until);
    }
    const inside = within(begin, end);
    if (inside.length > 0) {
      parts.push({ window: { since: new Date(begin), until: new Date(end) }, files: inside });
    }
    begin = end;
  }
  return parts;
}

function nextMidnight(ms: number): number {
  return (Math.floor(ms / DAY_MS) + 1) * DAY_MS;
}

function bytesOf(files: readonly ArchiveFile[]): number {
  return files.reduce((sum, file) => sum + inflatedBytes(file), 0);
}

function inflatedBytes({ path, bytes }: ArchiveFile): number {
  return path.endsWith(".gz") ? bytes * GZIP_FACTOR : bytes;
}
