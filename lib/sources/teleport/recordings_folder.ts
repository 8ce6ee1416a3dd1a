import { join } from "node:path";
import { isSessionId } from "../session_id.ts";

/** Whether a recording is where Teleport puts it. */
type FoundRecording =
  | { state: "found"; path: string; bytes: number }
  | { state: "missing"; path: string }
  | { state: "unreadable"; path: string };

/**
 * Looks for the recording of a session in a folder as Teleport lays it out: `<id>.tar`. The id
 * becomes part of a path, so anything but letters, digits, `-` and `_` is refused with a
 * TypeError; symbolic links are not followed.
 */
export function findRecording(folder: string, id: string): FoundRecording {
  if (!isSessionId(id)) throw new TypeError("An id that is no session id can't name a recording");
  const path = join(folder, `${id}.tar`);
  try {
    // handing it to a thread would take ten times as long
    const info = Deno.lstatSync(path);
    return info.isFile ? { state: "found", path, bytes: info.size } : { state: "unreadable", path };
  } catch (cause) {
    return { state: cause instanceof Deno.errors.NotFound ? "missing" : "unreadable", path };
  }
}
