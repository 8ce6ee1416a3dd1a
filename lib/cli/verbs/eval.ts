import { UsageError } from "../../model/errors.ts";
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
    return 0;
  },
};
