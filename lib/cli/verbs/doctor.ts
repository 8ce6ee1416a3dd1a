import { printable } from "../../model/printable.ts";
import { examine } from "../../pipeline/doctor/doctor.ts";
import type { Check } from "../../pipeline/doctor/check.ts";
import { counted, jsonLine, parseFormat } from "../format.ts";
import { settingsOf } from "../settings.ts";
import type { Verb } from "../verb.ts";

/** Whether the sources of a configuration can be read, and what mends those that can't. */
export const doctor: Verb = {
  name: "doctor",
  summary: "check credentials, tables, buckets and folders; say how to mend what is wrong",
  positionals: "",
  flags: {
    format: { value: "table|jsonl", help: "how to print (default: table)" },
  },
  async run(call, terminal) {
    const format = parseFormat(call.text("format"), ["table", "jsonl"]);
    const { config } = await settingsOf(call);
    const counts = { ok: 0, warning: 0, failed: 0, skipped: 0 };
    let source = "";
    for await (const check of examine(config)) {
      counts[check.state]++;
      if (format === "jsonl") terminal.out(`${jsonLine(check)}\n`);
      else {
        if (check.source !== source) terminal.out(`${printable(check.source)}\n`);
        terminal.out(formatCheck(check));
      }
      source = check.source;
    }
    const { ok, warning, failed } = counts;
    terminal.err(
      `${ok} ok, ${counted(warning, "warning")}, ${failed} failed\n`,
    );
    return failed === 0 ? 0 : 1;
  },
};

function formatCheck({ check, state, found, advice }: Check): string {
  const line = `  ${state.padEnd(7)}  ${check.padEnd(11)}  ${printable(found)}\n`;
  return advice === null ? line : `${line}${" ".repeat(24)}${printable(advice)}\n`;
}
