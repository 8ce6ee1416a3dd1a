import { join } from "node:path";
import { isSessionId } from "../session_id.ts";
import { findRecording } from "./recordings_folder.ts";

/** A recording that can be read, more than once where it has to be. */
export interface RecordingFile {
  /** Its path, or `s3://…`. */
  uri: string;
  /** The path where it is a local file; null where it is not. */
  path: string | null;
  /** Its bytes from the start; reading may throw a `StorageError`, or what the system says. */
  open(): AsyncIterable<Uint8Array>;
  /** How many they are, without reading them; may throw as reading does. */
  size(): Promise<number>;
}

/** Whether a recording can be had. What lies elsewhere shows only when it is read. */
type RecordingFound =
  | { state: "found"; file: RecordingFile }
  | { state: "missing" | "failed"; uri: string; error: string | null };

/** A recording, as its place lists it. */
export interface ListedRecording {
  id: string;
  bytes: number;
  /** When it was written, since 1970; null where that says nothing, as in a folder of copies. */
  writtenMs: number | null;
}

/** Where the recordings of a Teleport cluster lie, each under the id of its session or chunk. */
export interface RecordingPlace extends Disposable {
  /** As the configuration names it. */
  readonly uri: string;
  /** How many recordings are worth reading at a time. */
  readonly parallel: number;
  /** Finds a recording; an id that could lead elsewhere is refused with a TypeError. */
  find(id: string): RecordingFound | Promise<RecordingFound>;
  /** Where labels of a session may lie beside its recording; null: there are none here. */
  labelsBeside(id: string): string | null;
  /** The bytes of a recording without reading it; null: it is not there, or can't be seen. */
  sizeOf(id: string): number | null | Promise<number | null>;
  /** The recordings there are, some at a time; what else lies there is left out. */
  list(): AsyncIterable<readonly ListedRecording[]>;
}

const READ_BYTES = 256 * 1024;

/** A local file as a recording; `bytes` where they are known already. */
export function localFile(path: string, bytes?: number): RecordingFile {
  const size = async () => bytes ?? (await Deno.stat(path)).size;
  return { uri: path, path, open: () => fileChunks(path), size };
}

/** A folder of `<id>.tar`. */
export function folderPlace(folder: string): RecordingPlace {
  return {
    uri: folder,
    parallel: 1,
    find(id) {
      const found = findRecording(folder, id);
      if (found.state === "found") {
        return { state: "found", file: localFile(found.path, found.bytes) };
      }
      const state = found.state === "missing" ? "missing" : "failed";
      const error = state === "failed" ? "It is no plain file, or can't be looked at" : null;
      return { state, uri: found.path, error };
    },
    labelsBeside: (id) => isSessionId(id) ? join(folder, `${id}.tar`) : null,
    sizeOf(id) {
      const found = findRecording(folder, id);
      return found.state === "found" ? found.bytes : null;
    },
    list: () => listFolder(folder),
    [Symbol.dispose]() {},
  };
}

// A folder that is not there holds none, as `find()` has it.
async function* listFolder(folder: string): AsyncGenerator<ListedRecording[]> {
  try {
    for await (const { name, isFile } of Deno.readDir(folder)) {
      const id = /^(.+)\.tar$/.exec(name)?.[1];
      if (!isFile || id === undefined || !isSessionId(id)) continue;
      const found = findRecording(folder, id);
      if (found.state === "found") yield [{ id, bytes: found.bytes, writtenMs: null }];
    }
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
  }
}

async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  using file = await Deno.open(path);
  // most files are small: one buffer that holds the whole, and a byte to meet its end
  const wanted = file.statSync().size + 1;
  let buffer = new Uint8Array(wanted > 1 ? Math.min(READ_BYTES, wanted) : READ_BYTES);
  for (let used = 0;;) {
    if (used === buffer.length) [buffer, used] = [new Uint8Array(READ_BYTES), 0];
    const read = await file.read(buffer.subarray(used));
    if (read === null) return;
    yield buffer.subarray(used, used += read);
  }
}
