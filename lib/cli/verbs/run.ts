import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Config } from "../../config/config.ts";
import { UsageError } from "../../model/errors.ts";
import { printable } from "../../model/printable.ts";
import { runPipeline } from "../../pipeline/run.ts";
import { formatSummary } from "../../pipeline/summary.ts";
import { jsonLine, parseFormat } from "../format.ts";
import { rulesFolder, type Settings, settingsOf, timeFlag } from "../settings.ts";
import type { Call, Verb } from "../verb.ts";

const FINDINGS = fileURLToPath(new URL("../../../notebooks/07_findings.ipynb", import.meta.url));
const FIXTURES = fileURLToPath(new URL("../../../fixtures", import.meta.url));

/** The whole pipeline, from the sources to the findings page. */
export const run: Verb = {
  name: "run",
  summary: "the whole pipeline: pull, parse, judge, summary, findings page",
  positionals: "",
  flags: {
    since: {
      value: "T",
      help:
        "begin of the window of logs (default: all, seven days of Athena; folders are read whole)",
    },
    until: { value: "T", help: "end of the window (default: now)" },
    out: { value: "DIR", help: "folder of the findings page (default: ./out)" },
    rules: { value: "DIR", help: "rule packs (default: the configuration's, else the kit's own)" },
    "no-phase2": { help: "rules only (this version has no phase 2 yet)" },
    format: { value: "table|jsonl", help: "how to print the summary (default: table)" },
  },
  async run(call, terminal) {
    const format = parseFormat(call.text("format"), ["table", "jsonl"]);
    const now = terminal.now();
    const since = timeFlag(call, "since", now);
    const until = timeFlag(call, "until", now);
    if (since && until && since >= until) throw new UsageError("--since must lie before --until");
    const settings = await settingsOf(call);
    const config = settings.file === null ? overFixtures(settings, call) : settings.config;
    if (settings.file === null) {
      terminal.err("No configuration: running over the fixtures, which prove plumbing only\n");
    }
    const summary = await runPipeline(config, {
      rules: rulesFolder(call, config),
      now: () => terminal.now(),
      onStep: (text) => terminal.err(`${printable(text)}\n`),
      ...(since && { since }),
      ...(until && { until }),
    });
    // before the page: what was found must not hang on whether it can be rendered
    terminal.out(format === "jsonl" ? `${jsonLine(summary)}\n` : formatSummary(summary));
    const page = join(call.text("out") ?? "out", "findings.html");
    const { renderFindings } = await import("../../notebook/findings.ts");
    await renderFindings({ notebook: FINDINGS, store: config.store, page, now });
    terminal.err(`Findings page: ${printable(page)}\n`);
    return summary.problems.length === 0 ? 0 : 3;
  },
};

/** The configuration of a run without one: the fixtures, in Teleport's own layout and as casts. */
function overFixtures(settings: Settings, call: Call): Config {
  const fixtures = relative(Deno.cwd(), FIXTURES);
  return {
    ...settings.config,
    store: call.text("db") ?? "fixtures.sqlite",
    sources: [
      {
        kind: "teleport",
        events: { archive: join(fixtures, "teleport/events") },
        recordings: { folder: join(fixtures, "teleport/sessions") },
      },
      { kind: "recordings", folder: join(fixtures, "casts") },
    ],
  };
}
