import type { Terminal } from "./verb.ts";

/**
 * The process's own stdout, stderr, clock and user. Where a reader has gone away (`… | head`), what
 * it would have read is dropped and the work goes on: a pipe does not decide what gets stored.
 */
export function systemTerminal(): Terminal {
  const encoder = new TextEncoder();
  const [stdout, stderr] = [new Output(Deno.stdout), new Output(Deno.stderr)];
  return {
    out: (text) => stdout.write(encoder.encode(text)),
    outBytes: (bytes) => stdout.write(bytes),
    err: (text) => stderr.write(encoder.encode(text)),
    get outIsOpen() {
      return stdout.isOpen;
    },
    showsProgress: Deno.stderr.isTerminal(),
    now: () => new Date(),
    user: Deno.env.get("USER") ?? null,
  };
}

/** A stream of the process, until nobody reads it any more. */
class Output {
  isOpen = true;
  constructor(private readonly stream: { writeSync(bytes: Uint8Array): number }) {}

  write(bytes: Uint8Array): void {
    if (!this.isOpen) return;
    try {
      for (let at = 0; at < bytes.length;) at += this.stream.writeSync(bytes.subarray(at));
    } catch (error) {
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
      this.isOpen = false;
    }
  }
}
