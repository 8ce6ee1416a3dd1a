import type { SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
import type { SubjectKind } from "../model/vocabulary.ts";
import { FEATURES } from "./features.ts";
import { selectorCondition } from "./selector.ts";
import { storableText } from "./statement.ts";
import type { Store } from "./store.ts";

/**
 * One row of the view `session_frame`: a subject, its session, features, resolved verdict and
 * labels. Keys are the view's columns (`subject_id` and `labels` are always there); flags are
 * booleans, null is "not known".
 */
export type WideRow =
  & { subject_id: string; labels: Record<string, string> }
  & Record<string, string | number | boolean | null | Record<string, string>>;

/** Which rows of the frame; without options all. */
export interface FrameQuery {
  /** Kubernetes label selector. */
  selector?: string;
  /** Only these, by id; one that the store has not gives no row. */
  subjects?: readonly string[];
  /** Only sessions, segments or activities. */
  kind?: SubjectKind;
  /** Only these columns besides `subject_id` and `labels`, which is faster; all where not given. */
  columns?: readonly string[];
}

/** Columns of the frame that are yes or no. */
export const FLAG_COLUMNS: ReadonlySet<string> = new Set(
  Object.values(FEATURES).flatMap((table) =>
    Object.entries(table).filter(([, { type }]) => type === "flag").map(([name]) => name)
  ),
);

/** Rows fetched at a time: fetching in lots is faster than stepping, and bounds memory. */
const LOT = 2_000;

/**
 * Rows of the frame, by subject id. Rows are fetched in lots, so the caller may write to the store
 * while it reads. Throws a `LabelError` for a faulty selector.
 */
export function* readWideRows(store: Store, query: FrameQuery = {}): Generator<WideRow> {
  const { columns: wanted } = query;
  const columns = frameColumns(store).filter((name) =>
    wanted === undefined || name === "subject_id" || name === "labels" || wanted.includes(name)
  );
  const flags = columns.filter((name) => FLAG_COLUMNS.has(name));
  for (const lot of frameLots(store, { columns, query, lot: LOT })) {
    for (const values of lot) yield wideRow({ columns, flags }, values);
  }
}

/** The columns of the view, in order. */
export function frameColumns(store: Store): string[] {
  return store.statement("SELECT name FROM pragma_table_info('session_frame')").all()
    .map((row) => String(row["name"]));
}

/** Lots of at most `lot` rows of the frame as arrays, by subject id, of the columns named. */
export function* frameLots(
  store: Store,
  { columns, query, lot }: { columns: readonly string[]; query: FrameQuery; lot: number },
): Generator<SQLOutputValue[][]> {
  const select = (condition: string) => {
    const statement = store.database.prepare(
      `SELECT ${columns.join(", ")} FROM session_frame WHERE ${condition} ORDER BY subject_id`,
    );
    returnArrays(statement);
    return (...params: SQLInputValue[]) =>
      statement.all(...params) as unknown as SQLOutputValue[][];
  };
  // the next lot begins after the last id of this one: an offset would be counted out each time
  const next = store.statement(
    "SELECT max(subject_id) AS last FROM (SELECT subject_id FROM subjects WHERE subject_id > ? " +
      "ORDER BY subject_id LIMIT ?)",
  );
  const ids = subjectIds(store, query);
  if (ids === null) {
    const rowsOf = select("subject_id > ? AND subject_id <= ?");
    let after = "";
    for (;;) {
      const last = next.get(after, lot)!["last"]!;
      if (last === null) return;
      yield rowsOf(after, last);
      after = String(last);
    }
  }
  const rowsOf = select("subject_id IN (SELECT value FROM json_each(?))");
  for (let i = 0; i < ids.length; i += lot) yield rowsOf(JSON.stringify(ids.slice(i, i + lot)));
}

/** The subjects that a query means, in order; null for all. */
function subjectIds(store: Store, { selector, subjects, kind }: FrameQuery): string[] | null {
  if (selector === undefined && subjects === undefined && kind === undefined) return null;
  const { sql, params } = selectorCondition(selector, "subject_id");
  const conditions = [sql];
  if (subjects !== undefined) {
    conditions.push("subject_id IN (SELECT value FROM json_each(?))");
    params.push(JSON.stringify(subjects.map(storableText)));
  }
  if (kind !== undefined) {
    conditions.push("kind = ?");
    params.push(kind);
  }
  return store.database.prepare(
    `SELECT subject_id FROM subjects WHERE ${conditions.join(" AND ")} ORDER BY subject_id`,
  ).all(...params).map((row) => String(row["subject_id"]));
}

/** Makes a statement give rows as arrays, which is faster; Deno has it, its types do not. */
export function returnArrays(statement: StatementSync): void {
  (statement as StatementSync & { setReturnArrays(on: boolean): void }).setReturnArrays(true);
}

function wideRow(
  { columns, flags }: { columns: readonly string[]; flags: readonly string[] },
  values: readonly SQLOutputValue[],
): WideRow {
  const row: Record<string, unknown> = {};
  for (let i = 0; i < columns.length; i++) row[columns[i]!] = values[i]!;
  for (const flag of flags) row[flag] = row[flag] === null ? null : row[flag] === 1;
  row["labels"] = JSON.parse(String(row["labels"]));
  return row as WideRow;
}
