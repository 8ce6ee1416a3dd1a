import { join } from "node:path";
import { QueryError } from "../model/errors.ts";
import { skippedFile, type SourceSkip } from "./source_skip.ts";

/** A file of an archive. */
export interface ArchiveFile {
  path: string;
  bytes: number;
}

/**
 * The files of an archive in order of their names: a file as it is, a folder searched whole for
 * names that `keep` takes. Hidden entries are left out; a folder or link that can't be followed is
 * told. Throws a {@link QueryError} when the path itself can't be read.
 */
export async function archiveFiles(
  path: string,
  { keep, onSkip }: { keep: (path: string) => boolean; onSkip: (skip: SourceSkip) => void },
): Promise<ArchiveFile[]> {
  if (/^(s3|gs):\/\//.test(path)) throw inBucket(path);
  const info = await statOf(path);
  if (info.isFile) return [{ path, bytes: info.size }];
  const files: ArchiveFile[] = [];
  const search = async (folder: string) => {
    const entries: Deno.DirEntry[] = [];
    for await (const entry of Deno.readDir(folder)) entries.push(entry);
    entries.sort((a, b) => a.name < b.name ? -1 : 1);
    for (const entry of entries) {
      if (entry.name.startsWith(".")) continue;
      const inside = join(folder, entry.name);
      if (entry.isDirectory) {
        await search(inside).catch(() => onSkip(skippedFile(inside, "folder can't be read")));
        continue;
      }
      const isLinkedFolder = entry.isSymlink && infoOf(inside)?.isDirectory === true;
      if (!keep(inside) && !isLinkedFolder) continue;
      const found = entry.isFile ? infoOf(inside) : null;
      if (found?.isFile) files.push({ path: inside, bytes: found.size });
      else {
        const reason = entry.isSymlink ? "a link is not followed" : "no plain file";
        onSkip(skippedFile(inside, reason));
      }
    }
  };
  try {
    await search(path);
  } catch (cause) {
    throw new QueryError(`Cannot read the archive "${path}"`, null, { cause });
  }
  return files;
}

// Not awaited: a file costs as much as ten do so.
function infoOf(path: string): Deno.FileInfo | null {
  try {
    return Deno.statSync(path);
  } catch {
    return null;
  }
}

async function statOf(path: string): Promise<Deno.FileInfo> {
  try {
    return await Deno.stat(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) throw cause;
    const why = cause instanceof Deno.errors.NotFound ? "there is no such file or folder" : "";
    throw new QueryError(
      `Cannot read the archive "${path}": ${why || "it can't be opened"}; check \`archive\` in ` +
        "the configuration",
      null,
      { cause },
    );
  }
}

function inBucket(path: string): QueryError {
  const copy = path.startsWith("s3:") ? "aws s3 sync" : "gcloud storage rsync --recursive";
  return new QueryError(
    `Cannot read the archive "${path}": archives in buckets can't be read yet; copy it to a ` +
      `folder, for example by \`${copy}\`, and name that`,
  );
}

/** DuckDB takes file names for patterns: a bracket around a character makes it stand for itself. */
export function asPattern(path: string): string {
  return path.replace(/[*?[]/g, "[$&]");
}
