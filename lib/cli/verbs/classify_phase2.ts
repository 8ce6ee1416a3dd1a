import type { Config } from "../../config/config.ts";
import { UsageError } from "../../model/errors.ts";
import { runModels, sideOf } from "../../pipeline/phase2/compare_models.ts";
import { formatModels } from "../../pipeline/phase2/format_models.ts";
import { estimatePhase2, runPhase2, type RunPhase2Options } from "../../pipeline/phase2/phase2.ts";
import { formatPhase2 } from "../../pipeline/phase2/phase2_summary.ts";
import type { Phase2Summary } from "../../phase2/judge_subjects.ts";
import { formatCost } from "../../phase2/price.ts";
import { lockStore } from "../../pipeline/run_lock.ts";
import { requireStore } from "../../store/database_file.ts";
import { openStore, type Store } from "../../store/store.ts";
import { formatRows, jsonLine, parseFormat } from "../format.ts";
import { whileNotInterrupted } from "../interrupt.ts";
import { phase2Progress } from "../phase2_progress.ts";
import { settingsOf } from "../settings.ts";
import type { Call, ExitStatus, Terminal } from "../verb.ts";

/**
 * `classify --phase 2`: asks a model about what the rules routed. With `--dry-run` prints each
 * request as it would be sent, a JSON object a line, and sends nothing. `opened` is a store that the
 * caller has opened and locked already.
 */
export async function judgeByModel(
  call: Call,
  terminal: Terminal,
  opened?: Store,
): Promise<ExitStatus> {
  const format = parseFormat(call.text("format"));
  const { config } = await settingsOf(call);
  if (call.has("dry-run")) return await printRequests(call, terminal, config);
  if (config.phase2 === undefined) {
    throw new UsageError(
      "Phase 2 has no model to ask; write phase2 with baseURL, apiKeyEnv and model into the " +
        "configuration, or see with --dry-run what would be sent",
    );
  }
  if (opened !== undefined) return await ask(opened, config, { call, terminal, format });
  requireStore(config.store);
  using _lock = lockStore(config.store, { command: "classify", now: terminal.now() });
  using store = openStore(config.store);
  return await ask(store, config, { call, terminal, format });
}

async function ask(
  store: Store,
  config: Config,
  { call, terminal, format }: { call: Call; terminal: Terminal; format: string },
): Promise<ExitStatus> {
  const progress = phase2Progress(terminal);
  return await whileNotInterrupted(terminal, async (signal) => {
    const options: RunPhase2Options = {
      ...{ config, selector: call.text("selector"), resend: call.has("resend"), signal },
      prompt: call.text("prompt"),
      now: () => terminal.now(),
      onProgress: progress.show,
    };
    const against = call.text("against");
    if (against !== undefined) {
      const first = { model: config.phase2!.model, prompt: call.text("prompt") };
      const sides = [first, sideOf(against, first)] as const;
      const { comparison, summaries } = await runModels(store, sides, options);
      progress.clear();
      terminal.out(
        format === "jsonl" ? `${jsonLine(comparison)}\n` : formatModels(comparison),
      );
      for (const summary of summaries) terminal.err(`${formatPhase2(summary).join("\n  ")}\n`);
      return statusOf(summaries);
    }
    const summary = await runPhase2(store, config.phase2!, options);
    progress.clear();
    const rows = Object.entries(summary.types).map(([verdict, subjects]) => ({
      verdict,
      subjects,
    }));
    const columns = ["verdict", "subjects"];
    terminal.out(formatRows(rows, { columns, format: parseFormat(format) }));
    terminal.err(`${formatPhase2(summary).join("\n  ")}\n`);
    return statusOf([summary]);
  });
}

function statusOf(summaries: readonly Phase2Summary[]): ExitStatus {
  if (summaries.some(({ stopped }) => stopped !== null)) return 1;
  return summaries.some(({ left }) => Object.keys(left).length > 0) ? 3 : 0;
}

async function printRequests(
  call: Call,
  terminal: Terminal,
  config: Config,
): Promise<ExitStatus> {
  using store = openStore(config.store, { readOnly: true });
  const estimate = await estimatePhase2(store, {
    ...{ config, selector: call.text("selector"), prompt: call.text("prompt") },
    onMessages: (subject_id, messages) => terminal.out(`${jsonLine({ subject_id, messages })}\n`),
  });
  const { subjects, requests, inputTokens, outputTokens, noDigest } = estimate;
  if (subjects === 0) {
    terminal.err("Nothing to read: no session is routed to phase 2\n");
    return 0;
  }
  terminal.err(
    `Sessions: ${subjects}, in requests: ${requests}, about ${inputTokens} tokens in and at most ` +
      `${outputTokens} out: ${
        formatCost(estimate.cost, estimate.assumedPrice)
      }; nothing was sent\n`,
  );
  if (noDigest > 0) terminal.err(`${noDigest} of them have nothing that could be read\n`);
  return 0;
}
