/** A command of a session as its log or recording tells it, without any of its names. */
export interface MarkedCommand {
  source: "exec" | "bpf" | "kube";
  /** Milliseconds after the first event of what it was read from. */
  atMs: number;
  /** What a cloud's command line was asked, as user agents say it: `gcloud.compute.instances.list`. */
  cli: string | null;
  exitCode: number | null;
}

/** Words of a cloud's command line as one name; null where there are none. */
export function cliName(words: string): string | null {
  const name = words.trim().replaceAll(/ +/g, ".");
  return name.includes(".") && /^[a-z][a-z0-9.-]*$/.test(name) ? name : null;
}
