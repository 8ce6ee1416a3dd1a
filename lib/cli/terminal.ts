import type { Terminal } from "./verb.ts";

/** The process's own stdout, stderr, clock and user. */
export function systemTerminal(): Terminal {
  const encoder = new TextEncoder();
  return {
    out: (text) => writeAll(Deno.stdout, encoder.encode(text)),
    outBytes: (bytes) => writeAll(Deno.stdout, bytes),
    err: (text) => writeAll(Deno.stderr, encoder.encode(text)),
    showsProgress: Deno.stderr.isTerminal(),
    now: () => new Date(),
    user: Deno.env.get("USER") ?? null,
  };
}

interface SyncWriter {
  writeSync(bytes: Uint8Array): number;
}

/** Writes all bytes; a reader that went away (`… | head`) ends the process quietly. */
function writeAll(stream: SyncWriter, bytes: Uint8Array): void {
  try {
    for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) Deno.exit(0);
    throw error;
  }
}
