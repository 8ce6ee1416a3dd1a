import type { SQLInputValue, SQLOutputValue } from "node:sqlite";
import pl from "nodejs-polars";
import type { FeatureTable } from "../model/feature.ts";
import { FEATURES } from "./features.ts";
import { FLAG_COLUMNS, frameColumns, frameLots, type FrameQuery, returnArrays } from "./frame.ts";
import type { Store } from "./store.ts";

/** How a column is kept in a frame: Int64, Float64, Bool or String. */
type ColumnType = "integer" | "number" | "flag" | "string";

/** Rows fetched at a time. */
const LOT = 5_000;

/**
 * The view `session_frame` as a Polars frame, by subject id: its columns in order, counts as Int64,
 * flags as Bool, and in place of `labels` one String column `label:KEY` a key that occurs; with
 * `labelsAsJson` they stay one column of JSON text, so that the columns do not depend on the rows.
 * Of `columns` only those named and `subject_id`; labels where `labels` is among them. Throws
 * a `LabelError` for a faulty selector.
 */
export function sessionFrame(
  store: Store,
  { labelsAsJson = false, ...query }: FrameQuery & { labelsAsJson?: boolean } = {},
): pl.DataFrame {
  const wanted = query.columns && new Set(["subject_id", ...query.columns]);
  const names = frameColumns(store).filter((name) => wanted?.has(name) ?? true);
  const columns = names.map((name) => new Column(name, frameType(name)));
  const labels = new Map<string, Column>();
  const labelsAt = labelsAsJson ? -1 : names.indexOf("labels");
  let height = 0;
  for (const rows of frameLots(store, { columns: names, query, lot: LOT })) {
    for (const [i, column] of columns.entries()) {
      if (i === labelsAt) addLabels(labels, { rows, labelsAt, height });
      else column.add(rows, i);
    }
    height += rows.length;
  }
  if (labelsAt >= 0) columns.splice(labelsAt, 1);
  const keys = [...labels.keys()].sort();
  return toFrame([...columns, ...keys.map((key) => labels.get(key)!)], height);
}

/** How to build a frame of a query's result. */
interface QueryFrameOptions {
  /** Values of the query's `?`, in order. */
  params?: readonly SQLInputValue[];
  /** Types of columns, where the store's own (or, for expressions, the values) should not decide. */
  types?: Readonly<Record<string, ColumnType>>;
}

/**
 * The result of a query on the store as a Polars frame. A column of a table has the table's type,
 * feature flags are Bool. An expression's is taken from its values: String where one is text, Int64
 * where all numbers are whole, else Float64; `types` says otherwise.
 */
export function queryFrame(
  store: Store,
  sql: string,
  options: QueryFrameOptions = {},
): pl.DataFrame {
  const statement = store.database.prepare(sql);
  returnArrays(statement);
  const rows = statement.all(...options.params ?? []) as unknown as SQLOutputValue[][];
  const columns = statement.columns().map(({ name, column, type }, i) => {
    const known = options.types?.[name] ?? (FLAG_COLUMNS.has(column ?? "") ? "flag" : null) ??
      DECLARED[type ?? ""];
    const result = new Column(name, known ?? typeOfValues(rows, i));
    result.add(rows, i);
    return result;
  });
  return toFrame(columns, rows.length);
}

/** The names of the feature columns, all or of one family, in the order of the frame. */
export function featureColumns(family?: keyof typeof FEATURES): string[] {
  const tables: FeatureTable[] = family === undefined
    ? Object.values(FEATURES)
    : [FEATURES[family]];
  return tables.flatMap((table) => Object.keys(table));
}

const DECLARED: Readonly<Record<string, ColumnType>> = {
  INTEGER: "integer",
  REAL: "number",
  TEXT: "string",
};

const FRAME_NUMBERS: Readonly<Record<string, ColumnType>> = {
  from_seconds: "number",
  until_seconds: "number",
  duration_seconds: "number",
  confidence: "number",
  recordings: "integer",
  members: "integer",
};

function frameType(name: string): ColumnType {
  for (const table of Object.values(FEATURES)) {
    if (Object.hasOwn(table, name)) return table[name]!.type;
  }
  return FRAME_NUMBERS[name] ?? "string";
}

function typeOfValues(rows: readonly SQLOutputValue[][], at: number): ColumnType {
  let type: ColumnType = "string";
  for (const row of rows) {
    const value = row[at]!;
    if (value === null) continue;
    if (typeof value !== "number") return "string";
    if (!Number.isInteger(value)) type = "number";
    else if (type === "string") type = "integer";
  }
  return type;
}

function addLabels(
  columns: Map<string, Column>,
  { rows, labelsAt, height }: { rows: SQLOutputValue[][]; labelsAt: number; height: number },
): void {
  for (let i = 0; i < rows.length; i++) {
    const labels: Record<string, string> = JSON.parse(String(rows[i]![labelsAt]));
    for (const key in labels) {
      let column = columns.get(key);
      if (column === undefined) columns.set(key, column = new Column(`label:${key}`, "string"));
      column.set(height + i, labels[key]!);
    }
  }
}

/**
 * A column as it grows. Numbers lie in one typed array with NaN for null (the store has no NaN),
 * which Polars takes over much faster than a list. Nothing is kept of a column that is all null.
 */
class Column {
  #numbers: Float64Array<ArrayBuffer> | null = null;
  #texts: (string | null)[] = [];
  #length = 0;

  constructor(readonly name: string, readonly type: ColumnType) {}

  add(rows: readonly SQLOutputValue[][], at: number): void {
    const start = this.#length;
    this.#length += rows.length;
    let numbers = this.#numbers;
    for (let i = 0; i < rows.length; i++) {
      const value = rows[i]![at]!;
      if (value === null) continue;
      if (this.type === "string") this.set(start + i, value);
      else {
        if (numbers === null || this.#length > numbers.length) numbers = this.#grow(this.#length);
        numbers[start + i] = Number(value);
      }
    }
  }

  /** Puts a text into a column of texts, behind all others. */
  set(row: number, value: Exclude<SQLOutputValue, null>): void {
    while (this.#texts.length < row) this.#texts.push(null);
    this.#texts.push(typeof value === "string" ? value : textOf(value));
  }

  /** What Polars is given; null for a column that is all null. */
  series(height: number): pl.Series | null {
    if (this.type !== "string") {
      if (this.#numbers === null) return null;
      if (this.#numbers.length < height) this.#grow(height);
      return pl.Series(this.name, this.#numbers.subarray(0, height));
    }
    if (this.#texts.length === 0) return null;
    while (this.#texts.length < height) this.#texts.push(null);
    return pl.Series(this.name, this.#texts, pl.Utf8);
  }

  /** The column as it is meant, from the series or from nothing. */
  expression(series: pl.Series | null): pl.Expr {
    const type = POLARS_TYPES[this.type];
    if (series === null) return pl.lit(null).cast(type).alias(this.name);
    const column = pl.col(this.name);
    if (this.type === "string") return column;
    return pl.when(column.isNan()).then(pl.lit(null)).otherwise(column).cast(type)
      .alias(this.name);
  }

  #grow(length: number): Float64Array<ArrayBuffer> {
    const size = Math.max(length, LOT, Math.ceil((this.#numbers?.length ?? 0) * 1.5));
    const grown = new Float64Array(size).fill(NaN);
    if (this.#numbers !== null) grown.set(this.#numbers);
    return this.#numbers = grown;
  }
}

const POLARS_TYPES = { integer: pl.Int64, number: pl.Float64, flag: pl.Bool, string: pl.Utf8 };

/** A name that no column has: it gives the frame its height. */
const HEIGHT = "\u0000height";

function toFrame(columns: readonly Column[], height: number): pl.DataFrame {
  const present: pl.Series[] = [pl.Series(HEIGHT, new Uint8Array(height))];
  const expressions = [pl.col(HEIGHT)];
  for (const column of columns) {
    const series = column.series(height);
    if (series !== null) present.push(series);
    expressions.push(column.expression(series));
  }
  return pl.DataFrame(present).select(...expressions).drop(HEIGHT);
}

function textOf(value: Exclude<SQLOutputValue, null>): string {
  if (value instanceof Uint8Array) throw new TypeError("A frame holds no bytes");
  return String(value);
}
