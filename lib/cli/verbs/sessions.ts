import { UsageError } from "../../model/errors.ts";
import { printable } from "../../model/printable.ts";
import { compileExpression } from "../../phase1/expression/expression.ts";
import { ROW_VARIABLES } from "../../phase1/variables.ts";
import { readWideRows, type WideRow } from "../../store/frame.ts";
import { openStore } from "../../store/store.ts";
import { counted, type Format, formatRows, parseFormat } from "../format.ts";
import { settingsOf } from "../settings.ts";
import type { Verb } from "../verb.ts";

/** What a table of sessions shows; `jsonl`, `csv` and `parquet` hold every column. */
const TABLE_COLUMNS = [
  "session_id",
  "started_at",
  "kind",
  "principal",
  "login",
  "target",
  "operator_type",
  "confidence",
  "cohort",
];

/** Lists sessions with their features and labels. */
export const sessions: Verb = {
  name: "sessions",
  summary: "list sessions with features and labels",
  positionals: "",
  flags: {
    selector: { value: "S", help: 'label selector, for example "operator.type in (agent,mixed)"' },
    where: { value: "CEL", help: 'condition on features, for example "pty_gap_p50 < 0.01"' },
    format: { value: "table|jsonl|csv|parquet", help: "how to print (default: table)" },
    out: {
      value: "DIR",
      help: "parquet: files by date and substrate below DIR, and SQL that makes tables of them",
    },
  },
  async run(call, terminal) {
    const format = parseFormat(call.text("format"), ["table", "jsonl", "csv", "parquet"]);
    const out = call.text("out");
    if (out !== undefined && format !== "parquet") {
      throw new UsageError("--out goes with --format parquet; other formats go to stdout");
    }
    const { config } = await settingsOf(call);
    const where = call.text("where");
    const test = where === undefined ? () => true : rowTest(where);
    const selector = call.text("selector");
    using store = openStore(config.store, { readOnly: true });
    const rows = readWideRows(store, { kind: "session", ...(selector && { selector }) });
    const kept: WideRow[] = [];
    const untold = { unmeasured: 0, undefined: 0 };
    for (const row of rows) {
      const outcome = test(row);
      if (outcome === true) kept.push(row);
      else if (outcome !== false) untold[outcome]++;
    }
    if (format === "parquet") {
      if (kept.length === 0) throw new UsageError("No session matches: there is nothing to write");
      const subjects = kept.map((row) => row.subject_id);
      if (out !== undefined) {
        const { writePartitions } = await import("../../store/partitioned_parquet.ts");
        const { files } = await writePartitions(store, out, { subjects });
        terminal.err(
          `${counted(files.length, "file")}, athena.sql and bigquery.sql in ${printable(out)}\n`,
        );
      } else {
        const { sessionFrame } = await import("../../store/polars_frame.ts");
        terminal.outBytes(
          sessionFrame(store, { subjects }).writeParquet({ compression: "zstd" }) as Uint8Array,
        );
      }
    } else {
      terminal.out(formatSessions(kept, format));
    }
    terminal.err(`${counted(kept.length, "session")}\n`);
    if (untold.unmeasured > 0) {
      terminal.err(
        `${untold.unmeasured} left out: what the condition asks for was not measured in them\n`,
      );
    }
    if (untold.undefined > 0) {
      terminal.err(
        `${untold.undefined} left out: the condition divides by zero for them, or overflows\n`,
      );
    }
    return 0;
  },
};

/**
 * Whether a condition is true of a row; `unmeasured` where a value that it needs is missing,
 * `undefined` where its arithmetic has no result.
 */
function rowTest(where: string): (row: WideRow) => boolean | "unmeasured" | "undefined" {
  const condition = compileExpression(where, { file: "--where", variables: ROW_VARIABLES });
  return (row) => {
    const outcome = condition.evaluate(row);
    if ("value" in outcome) return outcome.value === true;
    const isMeasured = (name: string) => row[name] !== null && row[name] !== undefined;
    return outcome.missing.every(isMeasured) ? "undefined" : "unmeasured";
  };
}

function formatSessions(rows: readonly WideRow[], format: Format): string {
  const columns = format === "table" ? TABLE_COLUMNS : Object.keys(rows[0] ?? { session_id: null });
  return formatRows(rows, { columns, format });
}
