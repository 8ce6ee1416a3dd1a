import { dirname, resolve, sep } from "node:path";
import { ConfigError } from "../model/errors.ts";
import { readPlainText } from "../model/plain_file.ts";
import { isLabelKey, toLabelValue } from "../model/label.ts";
import type { RecordingPart } from "../model/recording_part.ts";
import { type ImportedLabel, LabelCollector, type RefusedLabels } from "./label_import.ts";

/** What a table of labels says of one file. */
export interface FileLabels {
  labels: ImportedLabel[];
  /** The free text of the column `note`, cut to 2,000 characters. */
  note: string | null;
  /** Labels that were not taken: reason to count. */
  refused: RefusedLabels;
  /** The part of the recording that the labels are about; all of it unless told. */
  part?: RecordingPart;
}

/** Labels by the absolute path of the file they are about: of a table, or of a folder of runs. */
export interface LabelTable {
  /** Where they were read from, as given. */
  readonly path: string;
  /** By path, what is said of the file. */
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
  return parseLabelTable(await readTable(path), path);
}

/** The text of a table, of labels or another thing. Throws a {@link ConfigError} where it can't be read. */
export async function readTable(path: string, of = "labels"): Promise<string> {
  try {
    const read = await readPlainText(path, MAX_BYTES);
    if (read.state === "read") return read.text;
    const problem = read.state === "no-file"
      ? "is no plain file; name one"
      : "is longer than 64 MB; leave out rows that nothing needs";
    throw new ConfigError(`the table of ${of} ${problem}`, { file: path, line: null });
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    const problem = cause instanceof Deno.errors.NotFound
      ? `there is no such table of ${of}`
      : `the table of ${of} can't be read`;
    throw new ConfigError(problem, { file: path, line: null }, { cause });
  }
}

/** The labels of a file, whichever way its path is written. */
export function labelsOfFile(table: LabelTable, path: string): FileLabels | undefined {
  return table.rows.get(resolve(path));
}

/** The same from a text; `path` is the table's own, for messages and relative paths. */
export function parseLabelTable(text: string, path: string): LabelTable {
  const { head, rows: cellRows, labelsOf } = splitTable(text, { path, needed: ["file"] });
  const fileColumn = head.indexOf("file");
  const folder = resolve(dirname(path));
  const rows = new Map<string, FileLabels>();
  const refused: RefusedLabels = {};
  const refuse = (reason: string) => refused[reason] = (refused[reason] ?? 0) + 1;
  for (const { cells } of cellRows) {
    const file = (cells[fileColumn] ?? "").trim();
    const target = resolve(folder, file);
    if (file === "") refuse("row names no file");
    else if (!target.startsWith(folder.endsWith(sep) ? folder : folder + sep)) {
      refuse("file lies outside the table's folder");
    } else if (rows.has(target)) refuse("file comes twice");
    else rows.set(target, labelsOf(cells));
  }
  return { path, rows, refused };
}

/** A table of labels in cells. */
interface TableCells {
  head: readonly string[];
  /** Lines behind the head that are not blank, each with its number in the file. */
  rows: Iterable<{ line: number; cells: readonly string[] }>;
  /** What the columns that name no subject say in a row. */
  labelsOf: (cells: readonly string[]) => FileLabels;
}

/**
 * Splits a table at its tabs. `needed` columns must be there, they and `others` name what a row is
 * about; all other columns are labels.
 */
export function splitTable(
  text: string,
  { path, needed, others = [] }: {
    path: string;
    needed: readonly string[];
    others?: readonly string[];
  },
): TableCells {
  const lines = textLines(text);
  const first = lines.next();
  const head = (first.done ? "" : first.value.text).split("\t").map((name) => name.trim());
  const absent = needed.find((name) => !head.includes(name));
  if (absent !== undefined) {
    throw new ConfigError(
      `the head line has no column "${absent}"; columns are separated by tabs`,
      { file: path, line: 1 },
    );
  }
  const keys = head.map((name) =>
    needed.includes(name) || others.includes(name) ? null : columnKey(name)
  );
  return {
    head,
    rows: lines.filter(({ text }) => text.trim() !== "")
      .map(({ line, text }) => ({ line, cells: text.split("\t") })),
    labelsOf: (cells) => rowLabels(cells, keys),
  };
}

/**
 * The lines of a text, each with its number from 1, whichever way they end; one at a time, since a
 * table may be nothing but ends of lines. A byte order mark at its head belongs to none.
 */
export function* textLines(text: string): Generator<{ line: number; text: string }> {
  const ends = /\r\n?|\n/g;
  let at = text.startsWith("\uFEFF") ? 1 : 0;
  for (let line = 1;; line++) {
    ends.lastIndex = at;
    const end = ends.exec(text);
    yield { line, text: text.slice(at, end?.index) };
    if (end === null) return;
    at = ends.lastIndex;
  }
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

/** The label key of a column; null for empty names. */
function columnKey(name: string): string | null {
  if (name === "note") return "note";
  if (/^(truth|fixture)\./.test(name) && isLabelKey(name)) return name;
  const clean = toLabelValue(name).toLowerCase().replaceAll("_", "-");
  return clean === "" ? null : `fixture.${clean}`.slice(0, 63).replace(/[^A-Za-z0-9]+$/, "");
}
