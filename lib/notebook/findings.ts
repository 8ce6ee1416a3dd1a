import { dirname, resolve } from "node:path";
import { renderNotebook } from "./render_notebook.ts";
import { runNotebook } from "./run_notebook.ts";

/**
 * Runs the findings notebook over a store and writes the page. The folder is made where it is
 * missing; the page appears whole or not at all. Throws a NotebookError where a cell fails.
 */
export async function renderFindings(options: {
  /** Path of the notebook; its parameters cell declares `storePath`. */
  notebook: string;
  store: string;
  /** Path of the page to write. */
  page: string;
  now: Date;
  signal?: AbortSignal;
}): Promise<void> {
  const executed = await runNotebook(options.notebook, {
    parameters: { storePath: resolve(options.store) },
    ...(options.signal && { signal: options.signal }),
  });
  const page = renderNotebook(executed, { generatedAt: options.now });
  await Deno.mkdir(dirname(options.page), { recursive: true });
  const draft = `${options.page}.part`;
  await Deno.writeTextFile(draft, page);
  await Deno.rename(draft, options.page);
}
