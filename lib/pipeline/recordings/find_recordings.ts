import { join } from "node:path";

/** File names that are taken for recordings when a folder is searched. */
const RECORDING_NAME = /\.(tar|cast)(\.(gz|zst))?$/;

/** A recording file, or why a path could not be read. */
type FoundRecording = { path: string } | { path: string; problem: string };

/**
 * The recordings among paths: a file as it is, a folder searched for `.tar` and `.cast` files,
 * plain, gzipped or zstd-compressed. In the order of the paths, a folder's entries by name.
 * Hidden entries are left out. Links, and recordings' names on what is no file, are not followed
 * inside folders: like a path that can't be read, or is neither a file nor a folder, they come out
 * with their problem.
 */
export async function* findRecordings(paths: readonly string[]): AsyncGenerator<FoundRecording> {
  for (const path of paths) {
    let info: Deno.FileInfo;
    try {
      info = await Deno.stat(path);
    } catch (cause) {
      yield { path, problem: whyNot(cause) };
      continue;
    }
    if (info.isDirectory) yield* searchFolder(path);
    else if (info.isFile) yield { path };
    // a pipe that nobody fills, or a device that never ends, would be read for ever
    else yield { path, problem: "no plain file" };
  }
}

async function* searchFolder(folder: string): AsyncGenerator<FoundRecording> {
  const entries: Deno.DirEntry[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) entries.push(entry);
  } catch (cause) {
    yield { path: folder, problem: whyNot(cause) };
    return;
  }
  entries.sort((a, b) => a.name < b.name ? -1 : 1);
  for (const entry of entries) {
    if (entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    if (await isMangled(path)) {
      if (!entry.isFile || RECORDING_NAME.test(path)) yield { path, problem: MANGLED };
    } else if (entry.isDirectory) yield* searchFolder(path);
    else if (entry.isSymlink) yield* linkProblem(path);
    else if (!RECORDING_NAME.test(entry.name)) continue;
    else if (entry.isFile) yield { path };
    else yield { path, problem: "no plain file" };
  }
}

const MANGLED = "its name is no UTF-8, and it can't be opened by it; rename it";

// What can't be told in a name stands there as U+FFFD, under which nothing is found.
async function isMangled(path: string): Promise<boolean> {
  if (!path.includes("\ufffd")) return false;
  return await Deno.lstat(path).then(() => false, () => true);
}

/** A link that a reader would take for a recording or a folder of them. */
async function* linkProblem(path: string): AsyncGenerator<FoundRecording> {
  const isFolder = await Deno.stat(path).then((info) => info.isDirectory, () => false);
  if (!isFolder && !RECORDING_NAME.test(path)) return;
  yield { path, problem: "a link is not followed inside a folder; name it by itself" };
}

/** Why the system refused a path, in words for a user. */
export function whyNot(cause: unknown): string {
  if (cause instanceof Deno.errors.NotFound) return "no such file or folder";
  if (cause instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (cause instanceof Deno.errors.NotCapable) return "this task may not read there";
  if (cause instanceof Deno.errors.NotADirectory) return "not a folder";
  return cause instanceof Error ? cause.name : "unknown fault";
}
