import type { FileLabels } from "./labels_table.ts";
import { readTable, splitTable, textLines } from "./labels_table.ts";

/** What a table of labels says of the API sessions of one principal in a stretch of time. */
export interface SessionLabelRow extends FileLabels {
  /** Where the row stands in its file. */
  line: number;
  /** As the log spells it. */
  principal: string;
  /** Sessions that begin from here on, and before `untilMs`; milliseconds since 1970. */
  sinceMs: number;
  untilMs: number;
  /** Only sessions whose driver begins so; empty: all. */
  driver: string;
}

/** A table of labels of API sessions. */
export interface SessionLabelTable {
  readonly path: string;
  /** Those that name a driver first: they know more. */
  readonly rows: readonly SessionLabelRow[];
  /** Rows that were not taken at all: reason to count. */
  readonly refused: Readonly<Record<string, number>>;
}

const COLUMNS = ["principal", "since", "until"];

/**
 * Reads a table of labels of API sessions, which have no file of their own and whose ids follow
 * from what was pulled: tab-separated, a head line, columns `principal`, `since`, `until` and, where
 * it needs one, `driver`; all others are labels, as in `labels_table.ts`. Throws a `ConfigError` when
 * there is no such table or it lacks a column; a bad row or value is counted.
 */
export async function readSessionLabels(path: string): Promise<SessionLabelTable> {
  return parseSessionLabels(await readTable(path), path);
}

/** Whether a text begins like such a table. */
export function isSessionTable(text: string): boolean {
  for (const { text: head } of textLines(text)) {
    const names = head.split("\t").map((name) => name.trim());
    return COLUMNS.every((name) => names.includes(name));
  }
  return false;
}

/** The same from a text; `path` is for messages. */
export function parseSessionLabels(text: string, path: string): SessionLabelTable {
  const table = splitTable(text, { path, needed: COLUMNS, others: ["driver"] });
  const rows: SessionLabelRow[] = [];
  const refused: Record<string, number> = {};
  const refuse = (reason: string) => refused[reason] = (refused[reason] ?? 0) + 1;
  for (const { line, cells } of table.rows) {
    const cell = (name: string) => (cells[table.head.indexOf(name)] ?? "").trim();
    const principal = cell("principal");
    const [sinceMs, untilMs] = [Date.parse(cell("since")), Date.parse(cell("until"))];
    if (principal === "") refuse("row names no principal");
    else if (!(sinceMs < untilMs)) refuse("row has no stretch of time");
    else {
      rows.push({
        line,
        principal,
        sinceMs,
        untilMs,
        driver: cell("driver"),
        ...table.labelsOf(cells),
      });
    }
  }
  return { path, rows: rows.sort((a, b) => b.driver.length - a.driver.length), refused };
}
