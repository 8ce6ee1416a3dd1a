import { LabelError, UsageError } from "../../model/errors.ts";
import { isLabelKey } from "../../model/label.ts";
import { VERDICT_WRITERS, type VerdictWriter } from "../../model/vocabulary.ts";
import { evaluateVerdicts } from "../../evaluation/evaluate_verdicts.ts";
import { formatEvaluation } from "../../evaluation/format_evaluation.ts";
import { openStore } from "../../store/store.ts";
import { jsonLine, parseFormat } from "../format.ts";
import { settingsOf } from "../settings.ts";
import type { Verb } from "../verb.ts";

/** Holds verdicts against ground truth. */
export const evaluate: Verb = {
  name: "eval",
  summary: "verdicts against ground truth: confusion, per class and source",
  positionals: "",
  flags: {
    truth: { value: "KEY", help: "label that holds the truth (default: truth.operator-type)" },
    by: { value: "KEY", help: "label to group by (default: fixture.source)" },
    writer: { value: "phase1|phase2", help: "whose verdicts (default: phase1)" },
    selector: { value: "S", help: "only sessions that match" },
    format: { value: "table|jsonl", help: "how to print (default: table)" },
  },
  async run(call, terminal) {
    const format = parseFormat(call.text("format"), ["table", "jsonl"]);
    const writer = call.text("writer") ?? "phase1";
    if (!(VERDICT_WRITERS as readonly string[]).includes(writer)) {
      throw new UsageError("--writer takes phase1 or phase2");
    }
    const { config } = await settingsOf(call);
    const [truthKey, groupBy, selector] = ["truth", "by", "selector"].map((flag) =>
      call.text(flag)
    );
    for (const key of [truthKey, groupBy]) {
      if (key === undefined || isLabelKey(key)) continue;
      throw new LabelError(`${JSON.stringify(key.slice(0, 80))} is no valid label key`);
    }
    using store = openStore(config.store, { readOnly: true });
    const evaluation = evaluateVerdicts(store, {
      writer: writer as VerdictWriter,
      ...(truthKey !== undefined && { truthKey }),
      ...(groupBy !== undefined && { groupBy }),
      ...(selector !== undefined && { selector }),
    });
    terminal.out(
      format === "jsonl"
        ? `${jsonLine(evaluation)}\n`
        : formatEvaluation(evaluation, { groupBy: groupBy ?? "fixture.source" }),
    );
    if (evaluation.n > 0) return 0;
    const { unjudged } = evaluation;
    terminal.err(
      unjudged === 0
        ? `Nothing was measured: no session has the label "${evaluation.truthKey}"\n`
        : `Nothing was measured: ${unjudged} sessions with the truth have no verdict; classify first\n`,
    );
    return 1;
  },
};
