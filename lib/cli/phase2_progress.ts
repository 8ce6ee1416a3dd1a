import type { Phase2Summary } from "../phase2/judge_subjects.ts";
import type { Terminal } from "./verb.ts";

/** What a model was asked and what that cost so far: one line of a terminal, nothing elsewhere. */
export function phase2Progress(
  terminal: Terminal,
): { show(summary: Phase2Summary): void; clear(): void } {
  let shown = false;
  return {
    show({ subjects, spent }) {
      if (!terminal.showsProgress) return;
      terminal.err(`\r${subjects} sessions asked about, ${spent.toFixed(4)} spent`);
      shown = true;
    },
    clear() {
      if (shown) terminal.err("\r\u001b[K");
      shown = false;
    },
  };
}
