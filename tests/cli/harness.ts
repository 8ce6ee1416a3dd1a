import { join } from "node:path";
import { main } from "../../lib/cli/main.ts";

/** How one call of the command line ended, and what it said. */
interface CallResult {
  status: number;
  out: string;
  err: string;
  /** The bytes of `outBytes`. */
  bytes: Uint8Array;
}

/** The clock of tests. */
export const NOW = new Date("2026-04-01T12:00:00.000Z");

/** Calls the command line in this process, its output and messages taken by pipes. */
export async function shellscope(...args: string[]): Promise<CallResult> {
  return await callMain(args, { showsProgress: false });
}

/** The same by another clock. */
export async function shellscopeAt(clock: string, ...args: string[]): Promise<CallResult> {
  return await callMain(args, { showsProgress: false, now: new Date(clock) });
}

/** The same where messages go to a terminal, which shows progress. */
export async function shellscopeOnTerminal(...args: string[]): Promise<CallResult> {
  return await callMain(args, { showsProgress: true });
}

async function callMain(
  args: string[],
  { showsProgress, now = NOW }: { showsProgress: boolean; now?: Date },
): Promise<CallResult> {
  let [out, err] = ["", ""];
  const bytes: number[] = [];
  const status = await main(args, {
    out: (text) => out += text,
    outBytes: (chunk) => bytes.push(...chunk),
    err: (text) => err += text,
    outIsOpen: true,
    showsProgress,
    now: () => now,
    user: "tester",
  });
  return { status, out, err, bytes: new Uint8Array(bytes) };
}

/** The objects of JSON lines. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

/** Where Deno keeps modules, which a process with another home needs, a notebook's for one. */
export function denoFolder(): string {
  const home = Deno.env.get("HOME") ?? "";
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? join(home, ".cache");
  return Deno.env.get("DENO_DIR") ?? join(cache, "deno");
}
