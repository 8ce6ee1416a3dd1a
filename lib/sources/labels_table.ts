import { dirname, resolve, sep } from "node:path";
import { ConfigError } from "../model/errors.ts";
import { isLabelKey, toLabelValue } from "../model/label.ts";
import { type ImportedLabel, LabelCollector, type RefusedLabels } from "./label_import.ts";

/** What a table of labels says of one file. */
export interface FileLabels {
  labels: ImportedLabel[];
  /** The free text of the column `note`, cut to 2,000 characters. */
  note: string | null;
  /** Labels that were not taken: reason to count. */
  refused: RefusedLabels;
}

/** A table of labels, by the absolute path of the file that a row names. */
export interface LabelTable {
  /** Where the table was read from, as given. */
  readonly path: string;
  readonly rows: ReadonlyMap<string, FileLabels>;
  /** Rows that were not taken at all: reason to count. */
  readonly refused: RefusedLabels;
}

const MAX_BYTES = 64 * 1024 * 1024;
const MAX_NOTE = 2000;

/**
 * Reads a table of labels: tab-separated, a head line, a column `file` with paths relative to the
 * table's folder. Columns named `truth.…` or `fixture.…` are labels of that key, `note` is free
 * text, any other column NAME is the label `fixture.NAME`. Throws a {@link ConfigError} when there
 * is no such table or no column `file`; a bad row or value is counted.
 */
export async function readLabelTable(path: string): Promise<LabelTable> {
  let text: string;
  try {
    const { size } = await Deno.stat(path);
    if (size > MAX_BYTES) {
      throw new ConfigError("the table is too long", { file: path, line: null });
    }
    text = await Deno.readTextFile(path);
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    const problem = cause instanceof Deno.errors.NotFound
      ? "there is no such table of labels"
      : "the table of labels can't be read";
    throw new ConfigError(problem, { file: path, line: null }, { cause });
  }
  return parseLabelTable(text, path);
}

/** The labels of a file, whichever way its path is written. */
export function labelsOfFile(table: LabelTable, path: string): FileLabels | undefined {
  return table.rows.get(resolve(path));
}

/** The same from a text; `path` is the table's own, for messages and relative paths. */
export function parseLabelTable(text: string, path: string): LabelTable {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const head = (lines[0] ?? "").split("\t").map((name) => name.trim());
  const fileColumn = head.indexOf("file");
  if (fileColumn < 0) {
    throw new ConfigError(
      'the head line has no column "file"; columns are separated by tabs',
      { file: path, line: 1 },
    );
  }
  const keys = head.map(columnKey);
  const folder = resolve(dirname(path));
  const rows = new Map<string, FileLabels>();
  const refused: RefusedLabels = {};
  const refuse = (reason: string) => refused[reason] = (refused[reason] ?? 0) + 1;
  for (const line of lines.slice(1)) {
    if (line.trim() === "") continue;
    const cells = line.split("\t");
    const file = (cells[fileColumn] ?? "").trim();
    const target = resolve(folder, file);
    if (file === "") refuse("row names no file");
    else if (!target.startsWith(folder.endsWith(sep) ? folder : folder + sep)) {
      refuse("file lies outside the table's folder");
    } else if (rows.has(target)) refuse("file comes twice");
    else rows.set(target, rowLabels(cells, keys));
  }
  return { path, rows, refused };
}

function rowLabels(cells: readonly string[], keys: readonly (string | null)[]): FileLabels {
  const collector = new LabelCollector();
  let note: string | null = null;
  keys.forEach((key, column) => {
    const cell = (cells[column] ?? "").trim();
    if (key === null || cell === "") return;
    if (key === "note") note = cell.slice(0, MAX_NOTE);
    else collector.add(key, cell);
  });
  return { labels: collector.labels, note, refused: collector.refused };
}

/** The label key of a column; null for the column that names the file and for empty names. */
function columnKey(name: string): string | null {
  if (name === "file" || name === "") return null;
  if (name === "note") return "note";
  if (/^(truth|fixture)\./.test(name) && isLabelKey(name)) return name;
  const clean = toLabelValue(name).toLowerCase().replaceAll("_", "-");
  return clean === "" ? null : `fixture.${clean}`.slice(0, 63).replace(/[^A-Za-z0-9]+$/, "");
}
