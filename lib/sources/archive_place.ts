import { type ArchiveFile, archiveFiles } from "./archive_files.ts";
import type { ApiWindow } from "./api_source.ts";
import type { SourceSkip } from "./source_skip.ts";

/** Files of an archive, and what beside them can't be followed. */
export interface ListedFiles {
  files: ArchiveFile[];
  skips: SourceSkip[];
}

/** Where the files of an archive lie: a folder of this machine, or a bucket. */
export interface ArchivePlace extends Disposable {
  /** Whether DuckDB may open the files by their paths; else all are read here. */
  readonly isLocal: boolean;
  /** Files that are read at a time where they are read here. */
  readonly parallel: number;
  /** The files that may have entries of a window; null: all there are, for places that know. */
  list(window: ApiWindow | null): Promise<ListedFiles>;
  /** The bytes of a file. */
  open(file: ArchiveFile): AsyncIterable<Uint8Array>;
}

/** A folder or one file of this machine; it is searched once, whatever window is asked for. */
export function localPlace(
  path: string,
  { keep }: { keep: (path: string) => boolean },
): ArchivePlace {
  let listed: Promise<ListedFiles> | null = null;
  return {
    isLocal: true,
    parallel: 1,
    list: () =>
      listed ??= (async () => {
        const skips: SourceSkip[] = [];
        const files = await archiveFiles(path, { keep, onSkip: (skip) => skips.push(skip) });
        return { files, skips };
      })(),
    async *open({ path }) {
      using file = await Deno.open(path);
      for (;;) {
        const chunk = new Uint8Array(CHUNK_BYTES);
        const length = await file.read(chunk);
        if (length === null) return;
        yield chunk.subarray(0, length);
      }
    },
    [Symbol.dispose]() {},
  };
}

const CHUNK_BYTES = 64 * 1024;
