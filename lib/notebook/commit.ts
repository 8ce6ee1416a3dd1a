import { join } from "node:path";
import { fileURLToPath } from "node:url";

const HASH = /^[0-9a-f]{40}$/;

/** The commit that a folder is checked out at, twelve digits; null where that can't be told. */
export function commitOf(folder: URL): string | null {
  const git = join(fileURLToPath(folder), ".git");
  const head = textOf(join(git, "HEAD"));
  if (head === null) return null;
  const ref = /^ref: (refs\/[\w./-]+)$/.exec(head)?.[1];
  const hash = ref === undefined ? head : textOf(join(git, ref)) ?? packed(git, ref);
  return hash !== null && HASH.test(hash) ? hash.slice(0, 12) : null;
}

function packed(git: string, ref: string): string | null {
  const lines = textOf(join(git, "packed-refs"))?.split("\n") ?? [];
  return lines.find((line) => line.endsWith(` ${ref}`))?.split(" ")[0] ?? null;
}

function textOf(path: string): string | null {
  try {
    return Deno.readTextFileSync(path).trim();
  } catch {
    return null;
  }
}
