import type { Html } from "./display.ts";
import type { Replay } from "./replay.ts";

/** What the Deno kernel adds to `Deno`; nothing of it elsewhere. */
interface KernelDeno {
  jupyter?: { broadcast(type: string, content: Record<string, unknown>): Promise<void> };
}

/**
 * Puts a value out under its cell, before the cell ends: `await display(table(rows))`. A value that a
 * cell only ends with comes after the kernel has reported the cell done; a front end may then show
 * it under the next cell, and `jupyter execute` loses it. Outside a kernel the plain text is printed.
 */
export async function display(value: Html | Replay): Promise<void> {
  const data = value.bundle();
  const { jupyter } = Deno as KernelDeno;
  if (jupyter === undefined) console.log(data["text/plain"]);
  else await jupyter.broadcast("display_data", { data, metadata: {}, transient: {} });
}
