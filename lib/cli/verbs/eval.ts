import type { Config } from "../../config/config.ts";
import { evaluateVerdicts } from "../../evaluation/evaluate_verdicts.ts";
import { formatEvaluation, headline } from "../../evaluation/format_evaluation.ts";
import { formatReport, type Marginals } from "../../evaluation/format_report.ts";
import { unmet } from "../../evaluation/gate.ts";
import type { Measures } from "../../evaluation/measure.ts";
import type { EvaluationReport } from "../../evaluation/report.ts";
import { LabelError, UsageError } from "../../model/errors.ts";
import { isLabelKey } from "../../model/label.ts";
import { VERDICT_WRITERS, type VerdictWriter } from "../../model/vocabulary.ts";
import { loadPack } from "../../phase1/pack.ts";
import { comparePacks } from "../../pipeline/evaluation/compare_packs.ts";
import { evaluateLeftOut, evaluatePack } from "../../pipeline/evaluation/evaluate_pack.ts";
import { formatComparison } from "../../pipeline/evaluation/format_comparison.ts";
import { openStore, type Store } from "../../store/store.ts";
import { readTruthfulRows, SOURCE_KEY, TRUTH_KEY } from "../../store/truthful_rows.ts";
import { AGAINST_FLAGS, heldAgainst, isFolder } from "../eval_against.ts";
import { tune, TUNE_FLAGS } from "../eval_tune.ts";
import { jsonLine, parseFormat } from "../format.ts";
import { REQUIREMENT_FLAGS, requirementsOf } from "../requirements.ts";
import { rulesFolder, settingsOf } from "../settings.ts";
import type { Call, Terminal, Verb } from "../verb.ts";

/** What verdicts are counted under besides their source, where nothing else is asked for. */
const FACETS = ["substrate", "cohort", "truth.agent-tool"];

/** Holds verdicts against ground truth. */
export const evaluate: Verb = {
  name: "eval",
  summary: "verdicts against ground truth: measures, curves, rules; a gate for CI",
  positionals: "",
  flags: {
    truth: { value: "KEY", help: `label that holds the truth (default: ${TRUTH_KEY})` },
    by: {
      value: "KEY",
      multiple: true,
      help: `label or column to count by, several allowed (default: ${SOURCE_KEY})`,
    },
    writer: { value: "phase1|phase2", help: "whose verdicts (default: phase1)" },
    rules: { value: "DIR", help: "judge by this pack now, instead of the verdicts in the store" },
    "leave-one-out": {
      value: "KEY",
      help: `leave each group out in turn and fit the pack's numbers to the others (${SOURCE_KEY})`,
    },
    selector: { value: "S", help: "only sessions that match" },
    brief: { help: "confusion, classes and groups only" },
    ...AGAINST_FLAGS,
    ...TUNE_FLAGS,
    ...REQUIREMENT_FLAGS,
    format: { value: "table|jsonl", help: "how to print (default: table)" },
  },
  async run(call, terminal) {
    const format = parseFormat(call.text("format"), ["table", "jsonl"]);
    const requirements = requirementsOf(call);
    const { config } = await settingsOf(call);
    const asked = askedOf(call);
    using store = openStore(config.store, { readOnly: true });
    if (call.has("fit") || call.has("sweep")) {
      const rows = readTruthfulRows(store, asked);
      if (rows.length === 0) return nothingMeasured({ unjudged: 0 }, asked.truthKey, terminal);
      const { prior } = config.phase1;
      const folder = rulesFolder(call, config);
      return await tune(
        { call, folder, rows, prior, ...asked, asJson: format === "jsonl" },
        terminal,
      );
    }
    const against = call.text("against");
    if (call.has("accept") && (against === undefined || await isFolder(against))) {
      throw new UsageError("--accept writes into a file of figures: name it with --against FILE");
    }
    if (against !== undefined && await isFolder(against)) {
      const [before, after] = [await loadPack(against), await loadPack(rulesFolder(call, config))];
      const { prior } = config.phase1;
      const comparison = comparePacks(store, { before, after }, { ...asked, prior });
      terminal.out(
        format === "jsonl" ? `${jsonLine(comparison)}\n` : formatComparison(comparison),
      );
      return 0;
    }
    const { report, marginals, before = "", after = "" } = await measured(store, {
      ...{ call, config, asked },
    });
    if (format === "jsonl") terminal.out(`${jsonLine(report)}\n`);
    else {
      const text = call.has("brief")
        ? formatEvaluation(report, report)
        : formatReport(report, { marginals });
      terminal.out(before + text + after);
    }
    if (report.n === 0) return nothingMeasured(report, asked.truthKey, terminal);
    const missed = [...unmet(report, requirements), ...await heldAgainst(call, report)];
    for (const sentence of missed) terminal.err(`Not reached: ${sentence}\n`);
    return missed.length === 0 ? 0 : 1;
  },
};

interface Asked {
  truthKey: string;
  groupBy: string;
  facets: string[];
  selector: string | undefined;
}

function askedOf(call: Call): Asked {
  const truthKey = call.text("truth") ?? TRUTH_KEY;
  const by = call.texts("by");
  const leftOut = call.text("leave-one-out");
  for (const key of [truthKey, ...by, ...leftOut === undefined ? [] : [leftOut]]) {
    if (isLabelKey(key)) continue;
    throw new LabelError(`${JSON.stringify(key.slice(0, 80))} is no valid label key`);
  }
  const [groupBy = SOURCE_KEY, ...others] = leftOut === undefined ? by : [leftOut, ...by];
  const facets = by.length === 0 ? FACETS : others;
  return { truthKey, groupBy, facets, selector: call.text("selector") };
}

/** Measures, and what a table of them says around itself. */
interface Measured {
  report: EvaluationReport;
  marginals: Marginals;
  before?: string;
  after?: string;
}

async function measured(
  store: Store,
  { call, config, asked }: { call: Call; config: Config; asked: Asked },
): Promise<Measured> {
  const writer = call.text("writer") ?? "phase1";
  if (!(VERDICT_WRITERS as readonly string[]).includes(writer)) {
    throw new UsageError("--writer takes phase1 or phase2");
  }
  const { prior } = config.phase1;
  if (call.has("leave-one-out")) {
    const pack = await loadPack(rulesFolder(call, config));
    const report = evaluateLeftOut(pack, readTruthfulRows(store, asked), { ...asked, prior });
    return {
      report,
      marginals: [],
      before: `Each of ${report.folds.length} groups by ${asked.groupBy} left out in turn; ` +
        `thresholds, weights and calibration fitted to the others\n\n`,
      after: `\nThe same from neutral numbers, not the written ones:\n` +
        `${headline(report.neutral)}\n`,
    };
  }
  if (call.has("rules")) {
    const pack = await loadPack(rulesFolder(call, config));
    const report = evaluatePack(pack, readTruthfulRows(store, asked), { ...asked, prior });
    return { report, marginals: report.marginals };
  }
  const report = evaluateVerdicts(store, { ...asked, writer: writer as VerdictWriter });
  return { report, marginals: [] };
}

function nothingMeasured(
  { unjudged }: Pick<Measures, "unjudged">,
  truthKey: string,
  terminal: Terminal,
): 1 {
  terminal.err(
    unjudged === 0
      ? `Nothing was measured: no session has the label "${truthKey}"; set it with "label set" or ` +
        `"label import", read it with "parse --labels", or name another with --truth\n`
      : `Nothing was measured: ${unjudged} sessions with the truth have no verdict; classify first\n`,
  );
  return 1;
}
