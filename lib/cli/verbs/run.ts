import { join } from "node:path";
import { UsageError } from "../../model/errors.ts";
import { parseShard, type Shard } from "../../model/shard.ts";
import { printable } from "../../model/printable.ts";
import type { Kernel } from "../../notebook/kernel.ts";
import { FIXTURES_STORE, fixturesConfig, OWN_NOTEBOOKS } from "../../pipeline/own_files.ts";
import { runPipeline } from "../../pipeline/run.ts";
import { bringUp } from "../../pipeline/run_lock.ts";
import { formatSummary } from "../../pipeline/summary.ts";
import { jsonLine, parseFormat } from "../format.ts";
import { whileNotInterrupted } from "../interrupt.ts";
import { phase2Progress } from "../phase2_progress.ts";
import { rulesFolder, settingsOf, timeFlag } from "../settings.ts";
import type { Call, Verb } from "../verb.ts";

const FINDINGS = join(OWN_NOTEBOOKS, "07_findings.ipynb");

/** The whole pipeline, from the sources to the findings page. */
export const run: Verb = {
  name: "run",
  summary: "the whole pipeline: pull, parse, judge, summary, findings page",
  positionals: "",
  flags: {
    since: {
      value: "T",
      help: "begin of the window (default: all of a local archive, else seven days)",
    },
    until: { value: "T", help: "end of the window (default: now)" },
    shard: {
      value: "I/N",
      help: "only the Ith of N shares of the recordings, on as many machines; `merge` joins them",
    },
    out: { value: "DIR", help: "folder of the findings page (default: ./out)" },
    rules: { value: "DIR", help: "rule packs (default: the configuration's, else the kit's own)" },
    "no-phase2": { help: "rules only, also where a model is configured" },
    format: { value: "table|jsonl", help: "how to print the summary (default: table)" },
  },
  async run(call, terminal) {
    const format = parseFormat(call.text("format"), ["table", "jsonl"]);
    const now = terminal.now();
    const since = timeFlag(call, "since", now);
    const until = timeFlag(call, "until", now);
    if (since && until && since >= until) throw new UsageError("--since must lie before --until");
    const shard = shardFlag(call);
    const settings = await settingsOf(call);
    const config = settings.file === null
      ? fixturesConfig(call.text("db") ?? FIXTURES_STORE, settings.config)
      : settings.config;
    if (settings.file === null) {
      terminal.err("No configuration: running over the fixtures, which prove plumbing only\n");
    }
    if (config.sources.length === 0) {
      throw new UsageError(
        `${settings.file} names no source; name some under \`sources\`, or judge what a store holds ` +
          "by `classify`",
      );
    }
    const progress = phase2Progress(terminal);
    bringUp(config.store, { command: "run", now });
    return await whileNotInterrupted(terminal, async (signal) => {
      await using early = new EarlyKernel(signal);
      const summary = await runPipeline(config, {
        rules: rulesFolder(call, config),
        now: () => terminal.now(),
        onStep: (text) => {
          early.begin();
          progress.clear();
          terminal.err(`${printable(text)}\n`);
        },
        onAsked: progress.show,
        ...(since && { since }),
        ...(until && { until }),
        ...(shard && { shard }),
        noPhase2: call.has("no-phase2"),
        signal,
      });
      // before the page: what was found must not hang on whether it can be rendered
      terminal.out(format === "jsonl" ? `${jsonLine(summary)}\n` : formatSummary(summary));
      const page = join(call.text("out") ?? "out", "findings.html");
      const { makePage, writeWhole } = await import("../../notebook/make_page.ts");
      const { html } = await makePage(FINDINGS, {
        ...{ store: config.store, config: settings.file, now, signal },
        kernel: await early.kernel(),
      });
      await writeWhole(page, html);
      terminal.err(`Findings page: ${printable(page)}\n`);
      return summary.problems.length === 0 ? 0 : 3;
    });
  },
};

/** The page's kernel, which starts and loads the kit while sources are read. */
class EarlyKernel implements AsyncDisposable {
  #begun: Promise<Kernel | undefined> | null = null;

  constructor(private readonly signal: AbortSignal) {}

  begin(): void {
    this.#begun ??= import("../../notebook/kernel.ts")
      .then(({ beginKernel }) => beginKernel({ cwd: OWN_NOTEBOOKS, signal: this.signal }))
      // whoever makes the page will try again, and tell
      .catch(() => undefined);
  }

  async kernel(): Promise<Kernel | undefined> {
    return await this.#begun ?? undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.kernel())?.[Symbol.asyncDispose]();
  }
}

function shardFlag(call: Call): Shard | undefined {
  const text = call.text("shard");
  if (text === undefined) return undefined;
  const shard = parseShard(text);
  if (shard !== null) return shard;
  throw new UsageError(
    `--shard ${JSON.stringify(text.slice(0, 40))} is no share; write I/N with I from 1 to N, ` +
      `such as 2/8`,
  );
}
