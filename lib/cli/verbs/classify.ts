import { UsageError } from "../../model/errors.ts";
import { classify as classifyStore, segmentVerdicts } from "../../phase1/classify.ts";
import { explain, formatExplanation } from "../../phase1/explain.ts";
import { loadPack } from "../../phase1/pack.ts";
import { loadPrompt } from "../../phase2/prompt.ts";
import { formatVolume, Phase2Meter } from "../../pipeline/phase2/phase2_volume.ts";
import { lockStore } from "../../pipeline/run_lock.ts";
import { requireStore } from "../../store/database_file.ts";
import { readWideRows } from "../../store/frame.ts";
import { resolveSubjectId } from "../../store/segments.ts";
import { openStore } from "../../store/store.ts";
import { formatRows, parseFormat } from "../format.ts";
import { rulesFolder, settingsOf } from "../settings.ts";
import { FORMAT_FLAG, type Verb } from "../verb.ts";
import { testPack } from "./classify_tests.ts";
import { judgeByModel } from "./classify_phase2.ts";

/** Judges the sessions of a store by the rules. */
export const classify: Verb = {
  name: "classify",
  summary: "judge sessions by the rules or by a model, or explain one verdict",
  positionals: "",
  flags: {
    phase: { value: "1|2|all", help: "by the rules, by a model, or both (default: 1)" },
    rules: { value: "DIR", help: "rule packs (default: the configuration's, else the kit's own)" },
    selector: { value: "S", help: "only sessions that match" },
    "dry-run": { help: "write nothing, send nothing; for phase 2 print what would be sent" },
    against: {
      value: "MODEL|MODEL@PROMPT|@PROMPT",
      help: "phase 2: ask this model or prompt too, and compare both over the same sessions",
    },
    prompt: { value: "PROMPT", help: "phase 2: a prompt of the kit, or a file that ends in .md" },
    resend: { help: "phase 2: ask again what was sent before without a usable answer" },
    test: {
      help: "run the tests that stand inside the rules, judge nothing; a failed one exits 1",
    },
    explain: { value: "ID", help: "explain the verdict on one session, write nothing" },
    format: FORMAT_FLAG,
  },
  async run(call, terminal) {
    const phase = call.text("phase") ?? "1";
    if (!["1", "2", "all"].includes(phase)) throw new UsageError("--phase takes 1, 2 or all");
    if (call.has("against") && phase !== "2") {
      throw new UsageError("--against compares two models or prompts: it needs --phase 2");
    }
    if (call.has("against") && call.has("dry-run")) {
      throw new UsageError(
        "--dry-run shows what one model would be sent; leave --against away, and ask for the other " +
          "side with --prompt",
      );
    }
    if (phase === "2") return await judgeByModel(call, terminal);
    const format = parseFormat(call.text("format"));
    const { config } = await settingsOf(call);
    const pack = await loadPack(rulesFolder(call, config));
    if (call.has("test")) return testPack(pack, format, terminal);
    const { prior } = config.phase1;
    const id = call.text("explain");
    if (id !== undefined) {
      using store = openStore(config.store, { readOnly: true });
      const subject = resolveSubjectId(store, id);
      const [row] = subject === null ? [] : readWideRows(store, { subjects: [subject] });
      if (row === undefined) {
        throw new UsageError(
          `There is no session ${JSON.stringify(id.slice(0, 80))} in this store`,
        );
      }
      const segments = segmentVerdicts(store, pack, { sessionId: row.subject_id, prior });
      terminal.out(formatExplanation(explain(pack, row, { ...(prior && { prior }), segments })));
      return 0;
    }
    const selector = call.text("selector");
    const dryRun = call.has("dry-run");
    requireStore(config.store);
    using _lock = lockStore(config.store, { command: "classify", now: terminal.now() });
    using store = openStore(config.store);
    const meter = new Phase2Meter(config.phase2, await loadPrompt(call.text("prompt")));
    const summary = classifyStore(store, pack, {
      onRouting: (routing, row) => meter.add(routing, row),
      now: terminal.now(),
      dryRun,
      ...(selector !== undefined && { selector }),
      ...(prior && { prior }),
    });
    const rows = Object.entries(summary.types).map(([verdict, subjects]) => ({
      verdict,
      subjects,
    }));
    terminal.out(formatRows(rows, { columns: ["verdict", "subjects"], format }));
    terminal.err(
      `${pack.version}: ${summary.subjects} judged${dryRun ? ", nothing written" : ""}\n`,
    );
    if (phase === "all") return await judgeByModel(call, terminal, store);
    terminal.err(`Phase 2: ${formatVolume(meter.total()).join("\n  ")}\n`);
    return 0;
  },
};
