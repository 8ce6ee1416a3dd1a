import { join } from "node:path";
import pl from "nodejs-polars";
import { sessionFrame } from "./polars_frame.ts";
import type { Store } from "./store.ts";
import { athenaTable, bigQueryTable, type TableColumn } from "./table_statements.ts";

/** What was written below a folder. */
interface WrittenPartitions {
  /** Paths below the folder, in order. */
  files: string[];
  rows: number;
}

/** What Hive, Athena and BigQuery read as no value of a partition's column. */
const NO_VALUE = "__HIVE_DEFAULT_PARTITION__";
const TIMES = ["started_at", "ended_at", "uploaded_at", "updated_at"];

/**
 * Writes sessions with features, verdicts and labels as `date=…/substrate=…/sessions.parquet` below
 * a folder, a day of their begin (UTC) at a time, and beside them `athena.sql` and `bigquery.sql`,
 * which make tables of them. Times are timestamps, labels one column of JSON text; a null was not
 * measured. The same store gives the same files; files of other days that lie there stay.
 */
export async function writePartitions(
  store: Store,
  folder: string,
  { subjects }: { subjects: readonly string[] },
): Promise<WrittenPartitions> {
  const written: WrittenPartitions = { files: [], rows: 0 };
  let columns: TableColumn[] = [];
  for (const [date, ofDate] of byDate(store, subjects)) {
    const frame = withTimes(sessionFrame(store, { subjects: ofDate, labelsAsJson: true }));
    const substrates = frame.getColumn("substrate").unique().toArray().map(String).sort();
    for (const substrate of substrates) {
      const part = frame.filter(pl.col("substrate").eq(pl.lit(substrate))).drop("substrate");
      columns = part.columns.map((name) => ({ name, type: String(part.getColumn(name).dtype) }));
      const at = join(`date=${date}`, `substrate=${substrate}`);
      await Deno.mkdir(join(folder, at), { recursive: true });
      await Deno.writeFile(
        join(folder, at, "sessions.parquet"),
        part.writeParquet({ compression: "zstd" }) as Uint8Array,
        { mode: 0o600 },
      );
      written.files.push(join(at, "sessions.parquet"));
      written.rows += part.height;
    }
  }
  await Deno.writeTextFile(join(folder, "athena.sql"), athenaTable(columns));
  await Deno.writeTextFile(join(folder, "bigquery.sql"), bigQueryTable(columns));
  return written;
}

/** Subjects by the day on which their session began, in order. */
function byDate(store: Store, subjects: readonly string[]): [string, string[]][] {
  const days = new Map<string, string[]>();
  const begin = store.statement("SELECT started_at FROM sessions WHERE session_id = ?");
  for (const id of subjects) {
    const started = begin.get(id)?.["started_at"];
    const date = typeof started === "string" ? started.slice(0, 10) : NO_VALUE;
    const known = days.get(date);
    if (known === undefined) days.set(date, [id]);
    else known.push(id);
  }
  return [...days].sort(([a], [b]) => a < b ? -1 : 1);
}

function withTimes(frame: pl.DataFrame): pl.DataFrame {
  const times = TIMES.map((name) => {
    const ms = frame.getColumn(name).toArray().map((text) =>
      text === null ? null : Date.parse(String(text))
    );
    return pl.Series(name, ms, pl.Int64).cast(pl.Datetime("ms", "UTC"));
  });
  return frame.withColumns(...times);
}
