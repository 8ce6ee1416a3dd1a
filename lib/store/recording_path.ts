import { dirname, isAbsolute, join } from "node:path";
import type { Store } from "./store.ts";

/**
 * Where a recording lies on this machine, null where it does not. Paths of a store count from the
 * folder it was made from, or from its own.
 */
export function localRecordingPath(store: Store, uri: string): string | null {
  const places = isAbsolute(uri) ? [uri] : [uri, join(dirname(store.path), uri)];
  return places.find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  }) ?? null;
}
