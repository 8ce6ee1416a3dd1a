import type { LlmState } from "../store/llm.ts";
import type { LlmCounts } from "../store/llm_counts.ts";
import { type Html, table } from "./display.ts";

/** What became of requests, in words. */
const ANSWERS: Readonly<Record<LlmState, string>> = {
  answered: "answered, and the answer was taken",
  "no-json": "rejected: the answer was no JSON",
  "wrong-schema": "rejected: the answer did not follow the schema",
  "invented-quote": "rejected: a quote did not stand in the text sent",
  refused: "the model refused to answer",
  truncated: "the answer was cut off",
  empty: "the answer was empty",
  sent: "sent by a run that was stopped, or under way",
};

const SENT: Readonly<Record<keyof LlmCounts["sent"], string>> = {
  windows: "windows",
  lines: "lines",
  characters: "characters",
  withheld: "lines withheld, since they speak to whoever reads them",
  invisible: "invisible characters removed",
  elided: "lines that were only counted",
  stopped: "sessions whose text ended early, at a limit",
};

/** What was sent to models, what was taken out before, and what came back; counts, never content. */
export function phase2Counts({ subjects, sent, redacted, answers, failed }: LlmCounts): Html {
  const requests = Object.values(answers).reduce((sum, count) => sum + count, 0);
  const named = (part: string, names: readonly (keyof typeof SENT)[]) =>
    names.map((name) => ({ part, what: SENT[name], count: sent[name] }));
  const rows = [
    { part: "Sent", what: "sessions", count: subjects },
    { part: "Sent", what: "requests, each counted once", count: requests },
    ...named("Sent", ["windows", "lines", "characters"]),
    ...Object.entries(redacted).map(([kind, count]) => ({
      ...{ part: "Not sent", what: `secrets replaced: ${kind}`, count },
    })),
    ...named("Not sent", ["withheld", "invisible", "elided", "stopped"]),
    ...Object.entries(answers).map(([state, count]) => ({
      ...{ part: "Came back", what: ANSWERS[state as LlmState] ?? state, count },
    })),
    ...Object.entries(failed).map(([fault, count]) => ({
      ...{ part: "Came back", what: `nothing, the request failed: ${fault}`, count },
    })),
  ];
  return table(rows, {
    caption: "Counts; nothing of what was sent is kept",
    columns: { part: "", what: "What", count: "Count" },
  });
}
