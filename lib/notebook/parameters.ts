import { NotebookError } from "../model/errors.ts";
import { nearestName } from "../model/nearest.ts";
import { type Cell, cellTags, type CodeCell, type Notebook } from "./nbformat.ts";

/** A value for a variable that a notebook's cell tagged `parameters` declares. */
type Parameter = string | number | boolean | null;
export type Parameters = Readonly<Record<string, Parameter>>;

/** The tag of the cell that declares parameters, and of the one that sets them. */
const PARAMETERS_TAG = "parameters";
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
function declaredParameters(source: string): string[] {
  return [...declarations(source).keys()];
}

/** The parameters that a notebook declares, each with the text of its value. */
export function notebookParameters(notebook: Notebook): Map<string, string> {
  const cell = notebook.cells.find((cell) => cellTags(cell).includes(PARAMETERS_TAG));
  return declarations(cell?.source ?? "");
}

/**
 * Values as they were typed, as the notebook's parameters take them: a parameter that is declared
 * as a text stays one, of others numbers, `true`, `false` and `null` are read. Throws a
 * {@link NotebookError} for a number that is none.
 */
export function parseParameters(
  typed: Readonly<Record<string, string>>,
  { declared, file }: { declared: ReadonlyMap<string, string>; file: string },
): Parameters {
  return Object.fromEntries(
    Object.entries(typed).map(([name, text]) => [name, parseValue(text, declared.get(name) ?? "")]),
  );

  function parseValue(text: string, example: string): Parameter {
    if (/^["'`]/.test(example)) return text;
    if (text === "true" || text === "false") return text === "true";
    if (text === "null") return null;
    const number = Number(text);
    if (text.trim() !== "" && Number.isFinite(number)) return number;
    if (!/^-?[0-9]/.test(example)) return text;
    throw new NotebookError(
      `Cannot set a parameter to ${JSON.stringify(text.slice(0, 80))}: it takes a number`,
      { file, cell: null, line: null },
    );
  }
}

function declarations(source: string): Map<string, string> {
  const found = source.matchAll(/^let ([A-Za-z_$][\w$]*)(?:\s*:[^=\n]*)?\s*=?\s*(.*)$/gm);
  return new Map([...found].map(([, name = "", value = ""]) => [name, value]));
}
