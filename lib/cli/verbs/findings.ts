import { UsageError } from "../../model/errors.ts";
import { lastRun, readFindings } from "../../store/findings.ts";
import { openStore } from "../../store/store.ts";
import { counted, formatRows, parseFormat } from "../format.ts";
import { settingsOf } from "../settings.ts";
import { FORMAT_FLAG, type Verb } from "../verb.ts";

/** What a table shows; `jsonl` holds evidence too. */
const COLUMNS = [
  ...["subject_id", "principal", "target", "writer", "operator_type", "confidence", "cohort"],
  "reason",
];

/** Verdicts with their evidence, for machines. */
export const findings: Verb = {
  name: "findings",
  summary: "verdicts with their evidence, for machines",
  positionals: "",
  flags: {
    "since-run": { value: "ID", help: "only what is new or other since that run ended" },
    format: FORMAT_FLAG,
  },
  async run(call, terminal) {
    const format = parseFormat(call.text("format"));
    const sinceRun = runFlag(call.text("since-run"));
    const { config } = await settingsOf(call);
    using store = openStore(config.store, { readOnly: true });
    const rows = [...readFindings(store, { ...(sinceRun !== null && { sinceRun }) })];
    terminal.out(formatRows(rows, { columns: COLUMNS, format }));
    const last = lastRun(store);
    terminal.err(
      `${counted(rows.length, "finding")}${last === null ? "" : `, as of run ${last}`}\n`,
    );
    return 0;
  },
};

function runFlag(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^[0-9]{1,15}$/.test(text)) return Number(text);
  throw new UsageError(`--since-run ${JSON.stringify(text.slice(0, 40))} is no number of a run`);
}
