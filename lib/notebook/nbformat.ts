import { z } from "zod";
import { NotebookError } from "../model/errors.ts";
import { readPlainText } from "../model/plain_file.ts";
import { whyUnread } from "./why_unread.ts";

/** Source and texts are a string or a list of lines in the file; always one string here. */
const text = z.union([z.string(), z.array(z.string())]).transform((value) =>
  typeof value === "string" ? value : value.join("")
);

const metadata = z.record(z.string(), z.unknown());

/** One representation a media type. JSON types hold values, all others text. */
const mimeBundle = z.record(z.string(), z.unknown()).transform((bundle) =>
  Object.fromEntries(
    Object.entries(bundle).map(([type, value]) => [
      type,
      Array.isArray(value) && !type.endsWith("json") ? value.join("") : value,
    ]),
  )
);

const output = z.discriminatedUnion("output_type", [
  z.object({ output_type: z.literal("stream"), name: z.enum(["stdout", "stderr"]), text }),
  z.object({ output_type: z.literal("display_data"), data: mimeBundle, metadata }),
  z.object({
    output_type: z.literal("execute_result"),
    execution_count: z.number().nullable(),
    data: mimeBundle,
    metadata,
  }),
  z.object({
    output_type: z.literal("error"),
    ename: z.string(),
    evalue: z.string(),
    traceback: z.array(z.string()),
  }),
]);

const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

const cell = z.discriminatedUnion("cell_type", [
  z.object({ cell_type: z.literal("markdown"), id: id.optional(), metadata, source: text }),
  z.object({ cell_type: z.literal("raw"), id: id.optional(), metadata, source: text }),
  z.object({
    cell_type: z.literal("code"),
    id: id.optional(),
    metadata,
    source: text,
    execution_count: z.number().nullable(),
    outputs: z.array(output),
  }),
]);

const notebook = z.object({
  cells: z.array(cell),
  metadata,
  nbformat: z.literal(4),
  nbformat_minor: z.number(),
});

/** A notebook as nbformat 4 has it, as far as this kit reads and writes it. */
export type Notebook = z.infer<typeof notebook>;
export type Cell = Notebook["cells"][number];
export type CodeCell = Extract<Cell, { cell_type: "code" }>;
export type Output = CodeCell["outputs"][number];
/** An output with one representation a media type. */
export type RichOutput = Extract<Output, { data: unknown }>;

/** Parses the text of an `.ipynb` file; throws a {@link NotebookError} that says what is wrong. */
function parseNotebook(json: string, file: string): Notebook {
  let value: unknown;
  try {
    value = JSON.parse(json.replace(/^\ufeff/, ""));
  } catch (cause) {
    throw new NotebookError("The notebook is not JSON; name an .ipynb file, as Jupyter saves it", {
      file,
      cell: null,
      line: null,
    }, {
      cause,
    });
  }
  const result = notebook.safeParse(value);
  if (result.success) return writable(result.data, file);
  const issue = result.error.issues[0];
  const path = issue?.path ?? [];
  const at = path[0] === "cells" && typeof path[1] === "number" ? path[1] + 1 : null;
  throw new NotebookError(
    `The notebook is not of nbformat 4: ${
      path.map(String).join(".") || "top"
    }: ${issue?.message}; ` +
      "save it anew with a Jupyter of our days",
    { file, cell: at, line: null },
  );
}

/** JSON may be read that nests deeper than can be written. */
function writable(notebook: Notebook, file: string): Notebook {
  try {
    notebookText(notebook);
    return notebook;
  } catch (cause) {
    throw new NotebookError(
      "The notebook's metadata or outputs nest too deep; clear them in Jupyter",
      { file, cell: null, line: null },
      { cause },
    );
  }
}

const MAX_BYTES = 64 * 1024 * 1024;

/** Reads an `.ipynb` file; throws a {@link NotebookError}. */
export async function readNotebook(path: string): Promise<Notebook> {
  const place = { file: path, cell: null, line: null };
  const read = await readPlainText(path, MAX_BYTES).catch((cause) => {
    throw new NotebookError(`Cannot read the notebook: ${whyUnread(cause)}`, place, { cause });
  });
  if (read.state === "read") return parseNotebook(read.text, path);
  const why = read.state === "no-file"
    ? "it is no plain file; name an .ipynb file"
    : "it is longer than 64 MiB; clear its outputs in Jupyter";
  throw new NotebookError(`Cannot read the notebook: ${why}`, place);
}

/** The text of an `.ipynb` file, laid out as Jupyter writes it. */
export function notebookText(notebook: Notebook): string {
  return JSON.stringify(notebook, null, 1) + "\n";
}

/** The tags of a cell: `parameters`, `raises-exception`, … */
export function cellTags(cell: Cell): readonly string[] {
  const tags = cell.metadata["tags"];
  return Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [];
}
