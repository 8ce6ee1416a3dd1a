/**
 * Judges the sessions of a store through the server of a test, each by one line of text; for a test
 * that kills it. Arguments: store, base URL.
 */
import { openChat } from "../../lib/phase2/chat.ts";
import { judgeSubjects, type Phase2Subject } from "../../lib/phase2/judge_subjects.ts";
import { loadPrompt } from "../../lib/phase2/prompt.ts";
import { readWideRows } from "../../lib/store/frame.ts";
import { openStore } from "../../lib/store/store.ts";

const [path = "", baseURL = ""] = Deno.args;
using store = openStore(path);
const ids = [...readWideRows(store, { columns: [] })].map(({ subject_id }) => subject_id);
const subjects = ids.map((subjectId): Phase2Subject => ({
  subjectId,
  kind: "pty",
  phase1: null,
  digest: () =>
    Promise.resolve({
      ...{ kind: "pty" as const, lines: [`0.10 s $ who am i, ${subjectId}`], redacted: {} },
      ...{ instructions: [], invisible: 0, elided: 0, stopped: null },
    }),
}));
const summary = await judgeSubjects(store, subjects, {
  chat: openChat({ baseURL, model: "test-model", apiKey: "k", retries: 0 }),
  ...{ prompt: await loadPrompt(), price: { input: 1, output: 4 }, budget: 100 },
  ...{ maxPerSession: 1, concurrency: 4, now: () => new Date(), marker: () => crypto.randomUUID() },
});
console.log(JSON.stringify(summary));
