import { cellTags, type Notebook } from "./nbformat.ts";
import { INJECTED_TAG } from "./parameters.ts";

/** Something in a notebook that must not be in git, or does not check. */
export interface CellFault {
  /** Place among all cells and line of the cell, from 1; null where none is to blame. */
  cell: number | null;
  line: number | null;
  problem: string;
}

/** The code cells of a notebook as one TypeScript module. */
export interface CellModule {
  text: string;
  /** For each line of `text`: which cell it is from, and which line of that, from 1. */
  origin: { cell: number; line: number }[];
}

/**
 * Joins the code cells in order. The kernel runs them as one script, so a module of all of them is
 * what can be type-checked: names and imports of one cell are there in those after it.
 */
export function cellModule(notebook: Notebook): CellModule {
  const lines: string[] = [];
  const origin: CellModule["origin"] = [];
  notebook.cells.forEach((cell, i) => {
    if (cell.cell_type !== "code") return;
    cell.source.split("\n").forEach((text, j) => {
      lines.push(text);
      origin.push({ cell: i + 1, line: j + 1 });
    });
  });
  // Without an import or export it would be no module, and could not await.
  return { text: `${lines.join("\n")}\nexport {};\n`, origin };
}

/**
 * Faults that need no compiler: outputs and execution counts (they are personal data and noise in
 * a diff), cells left by a run with parameters, and Jupyter's own display functions, which put
 * what they are given into the page as it is.
 */
export function cellFaults(notebook: Notebook): CellFault[] {
  const faults: CellFault[] = [];
  notebook.cells.forEach((cell, i) => {
    if (cell.cell_type !== "code") return;
    const at = { cell: i + 1, line: null };
    if (cell.outputs.length > 0) {
      faults.push({ ...at, problem: "The cell has outputs: clear them before committing" });
    }
    if (cell.execution_count !== null) {
      faults.push({ ...at, problem: "The cell has an execution count: clear it with the outputs" });
    }
    if (cellTags(cell).includes(INJECTED_TAG)) {
      faults.push({ ...at, problem: "The cell was put in by a run with parameters: remove it" });
    }
    cell.source.split("\n").forEach((text, j) => {
      if (!/jupyter/i.test(text)) return;
      faults.push({
        cell: i + 1,
        line: j + 1,
        problem: "Jupyter's own display functions do not escape: use html, show or table",
      });
    });
  });
  return faults;
}

/** A fault as one line. */
export function formatFault(file: string, { cell, line, problem }: CellFault): string {
  const at = [file, cell && `cell ${cell}`, line && `line ${line}`].filter(Boolean).join(", ");
  return `${at}: ${problem}`;
}
