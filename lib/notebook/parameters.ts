import { NotebookError } from "../model/errors.ts";
import { nearestName } from "../model/nearest.ts";
import { type Cell, cellTags, type CodeCell, type Notebook } from "./nbformat.ts";

/** A value for a variable that a notebook's cell tagged `parameters` declares. */
export type Parameter = string | number | boolean | null;
export type Parameters = Readonly<Record<string, Parameter>>;

/** The tag of the cell that declares parameters, and of the one that sets them. */
export const PARAMETERS_TAG = "parameters";
export const INJECTED_TAG = "injected-parameters";

/** A cell to run, and its place in the file (from 1) for messages. */
export interface PlacedCell {
  place: number;
  cell: Cell;
}

/**
 * The notebook's cells with one put behind the cell tagged `parameters` that sets them anew. Only
 * variables that the tagged cell declares with `let` can be set; throws a {@link NotebookError}
 * that lists them otherwise.
 */
export function withParameters(
  notebook: Notebook,
  parameters: Parameters,
  file: string,
): PlacedCell[] {
  const cells = notebook.cells.filter((cell) => !cellTags(cell).includes(INJECTED_TAG));
  const placed = cells.map((cell, i) => ({ place: i + 1, cell }));
  const names = Object.keys(parameters);
  if (names.length === 0) return placed;
  const index = cells.findIndex((cell) => cellTags(cell).includes(PARAMETERS_TAG));
  const declared = declaredParameters(cells[index]?.source ?? "");
  for (const name of names) {
    if (declared.includes(name)) continue;
    const near = nearestName(name, declared);
    throw new NotebookError(
      `Cannot set parameter ${JSON.stringify(name)}: ` +
        (declared.length === 0
          ? `the notebook has no cell tagged "parameters"`
          : near === null
          ? `the notebook has ${declared.join(", ")}`
          : `did you mean "${near}"?`),
      { file, cell: null, line: null },
    );
  }
  const injected: CodeCell = {
    cell_type: "code",
    id: "injected-parameters",
    metadata: { tags: [INJECTED_TAG] },
    // The last line keeps the cell from showing a value.
    source: [
      ...names.map((name) => `${name} = ${JSON.stringify(parameters[name])};`),
      "void 0;",
    ].join("\n"),
    execution_count: null,
    outputs: [],
  };
  return placed.toSpliced(index + 1, 0, { place: index + 1, cell: injected });
}

/** Names that a cell declares with `let` at the start of a line. */
export function declaredParameters(source: string): string[] {
  return [...source.matchAll(/^let ([A-Za-z_$][\w$]*)/gm)].map((match) => match[1] ?? "");
}
