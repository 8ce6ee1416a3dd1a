import type { Cell, Notebook, Output } from "../../lib/notebook/nbformat.ts";

/** A code cell of a test's notebook. */
export function code(source: string, options: { tags?: string[]; outputs?: Output[] } = {}): Cell {
  const { tags, outputs = [] } = options;
  return {
    cell_type: "code",
    metadata: tags === undefined ? {} : { tags },
    source,
    execution_count: null,
    outputs,
  };
}

export function markdown(source: string): Cell {
  return { cell_type: "markdown", metadata: {}, source };
}

/** What a cell displayed, by type. */
export function displayed(data: Record<string, unknown>): Output {
  return { output_type: "display_data", data, metadata: {} };
}

export function notebook(...cells: Cell[]): Notebook {
  return { cells, metadata: {}, nbformat: 4, nbformat_minor: 5 };
}

/** Writes a notebook into a folder of its own for as long as the test needs it. */
export class NotebookFile implements Disposable {
  readonly #folder = Deno.makeTempDirSync({ prefix: "shellscope-test-" });
  readonly path = `${this.#folder}/test.ipynb`;

  constructor(...cells: Cell[]) {
    Deno.writeTextFileSync(this.path, JSON.stringify(notebook(...cells)));
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.#folder, { recursive: true });
  }
}
