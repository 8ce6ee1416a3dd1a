import type { ExitStatus, Terminal } from "./verb.ts";

/**
 * Runs `body` with a signal that Ctrl-C aborts, so that queries and downloads under way are stopped;
 * then the status is 1. A second Ctrl-C ends the process. Verbs that do nothing but write a store are
 * not run so: Ctrl-C ends them at once, and what they had not committed is taken back.
 */
export async function whileNotInterrupted(
  terminal: Terminal,
  body: (signal: AbortSignal) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  const abort = new AbortController();
  const stop = () => {
    Deno.removeSignalListener("SIGINT", stop);
    terminal.err("Stopping (Ctrl-C again: at once); the same command goes on from here\n");
    abort.abort();
  };
  Deno.addSignalListener("SIGINT", stop);
  try {
    return await body(abort.signal);
  } catch (error) {
    if (!abort.signal.aborted) throw error;
    return 1;
  } finally {
    if (!abort.signal.aborted) Deno.removeSignalListener("SIGINT", stop);
  }
}
