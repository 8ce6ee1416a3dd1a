/** Why a file could not be read, and how to mend it; in words of ours, without the system's. */
export function whyUnread(cause: unknown): string {
  if (cause instanceof Deno.errors.NotFound) return "there is no such file; check its name";
  if (cause instanceof Deno.errors.IsADirectory) return "it is a folder; name a file in it";
  if (cause instanceof Deno.errors.PermissionDenied) return "you may not read it; ask its owner";
  return `the system says ${cause instanceof Error ? cause.name : "no"}; look whether it opens`;
}
