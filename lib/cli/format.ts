import { UsageError } from "../model/errors.ts";
import { inertJson, printable } from "../model/printable.ts";

/** A value of a row as verbs print it. */
type Cell = string | number | boolean | null | undefined | object;

/** How rows are printed. */
export const FORMATS = ["table", "jsonl", "csv"] as const;
export type Format = (typeof FORMATS)[number];

/** The format a flag names; `table` where it is absent. */
export function parseFormat<F extends string = Format>(
  text: string | undefined,
  known: readonly F[] = FORMATS as readonly string[] as readonly F[],
): F {
  const format = text ?? known[0];
  if ((known as readonly (string | undefined)[]).includes(format)) return format as F;
  throw new UsageError(
    `Unknown format ${JSON.stringify(text?.slice(0, 40))}; use one of ${known.join(", ")}`,
  );
}

/** Rows as text, each line ended. `columns` says which, in which order. */
export function formatRows(
  rows: readonly object[],
  options: { columns: readonly string[]; format: Format },
): string {
  const records = rows as readonly Record<string, Cell>[];
  switch (options.format) {
    case "jsonl":
      return rows.map((row) => `${jsonLine(row)}\n`).join("");
    case "csv":
      return [
        `${options.columns.map(csvCell).join(",")}\r\n`,
        ...records.map((row) =>
          `${options.columns.map((name) => csvCell(row[name])).join(",")}\r\n`
        ),
      ].join("");
    case "table":
      return formatTable(records, options.columns);
  }
}

/** One JSON object on one line, pure of characters that a terminal would act on. */
export function jsonLine(row: object): string {
  return inertJson(JSON.stringify(row));
}

const CELL_WIDTH = 60;

function formatTable(rows: readonly Record<string, Cell>[], columns: readonly string[]): string {
  const cells = rows.map((row) => columns.map((name) => clip(printable(plain(row[name])))));
  const widths = columns.map((name, i) =>
    Math.max(name.length, ...cells.map((line) => line[i]!.length))
  );
  const line = (parts: readonly string[]) =>
    `${parts.map((part, i) => part.padEnd(widths[i]!)).join("  ").trimEnd()}\n`;
  return line(columns) + line(widths.map((width) => "-".repeat(width))) + cells.map(line).join("");
}

function clip(text: string): string {
  return text.length > CELL_WIDTH ? `${text.slice(0, CELL_WIDTH - 1)}…` : text;
}

/** A value as plain text: numbers with at most four significant decimals, null as nothing. */
function plain(value: Cell): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") {
    return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
  }
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/**
 * RFC 4180, made inert: invisible characters as escapes, and a `'` before what a spreadsheet
 * would take for a formula (a leading `=`, `+`, `-` or `@`, of any width).
 */
function csvCell(value: Cell): string {
  if (typeof value === "number") return String(value);
  const text = value === null || value === undefined
    ? ""
    : printable(typeof value === "object" ? JSON.stringify(value) : String(value));
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

// Some spreadsheets read full-width and small forms, and the minus sign, as their ASCII twins.
const FORMULA =
  /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212\u207a\u207b\u207c]/;

/** How many of what, as a person says it: `1 session`, `2 sessions`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
