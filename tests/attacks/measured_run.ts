import assert from "node:assert/strict";
import { wordsOf } from "../privileges/task.ts";

/** What a verb did, and what it took. */
interface MeasuredRun {
  status: number;
  said: string;
  /** Memory of its process, at the most. */
  peakBytes: number;
}

/** Runs a verb with the tasks' own flags for V8 in a process of its own. */
export async function measuredRun(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<MeasuredRun> {
  const own = wordsOf("shellscope");
  const flags = own.filter((flag) => flag.startsWith("--v8-flags"));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", ...flags, "-A", "tests/attacks/measured_verb.ts", ...args],
    env: { ...env, NO_COLOR: "1" },
  });
  const { stdout, stderr } = await child.output();
  const text = new TextDecoder().decode(stdout);
  assert.ok(text !== "", new TextDecoder().decode(stderr));
  return JSON.parse(text);
}
