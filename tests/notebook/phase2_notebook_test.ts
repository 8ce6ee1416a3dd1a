import assert from "node:assert/strict";
import { DOMParser } from "linkedom";
import { eachAtOnce } from "../../lib/notebook/each_at_once.ts";
import { makePage } from "../../lib/notebook/make_page.ts";
import { OWN_NOTEBOOKS } from "../../lib/pipeline/own_files.ts";
import { readPhase2Results } from "../../lib/pipeline/phase2/phase2_results.ts";
import { readLlmCalls, readLlmCounts } from "../../lib/store/llm_counts.ts";
import { openStore } from "../../lib/store/store.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { openInChromium } from "./chromium.ts";
import { makePhase2Store } from "./phase2_store.ts";

const now = new Date(Date.UTC(2026, 3, 1));

Deno.test("what a model read and said is told in counts, on the pages too", async (t) => {
  using folder = temporaryFolder();
  const { store: path, config, requests } = await makePhase2Store(folder.path, now);
  using store = openStore(path, { readOnly: true });
  const counts = readLlmCounts(store);
  const [results, ...others] = readPhase2Results(store);

  await t.step("readLlmCounts() counts every request once, by what came of it", () => {
    const { answers, sent, redacted } = counts;
    const total = Object.values(answers).reduce((sum, count) => sum + count, 0);
    assert.equal(total, requests);
    for (const state of ["answered", "refused", "no-json", "wrong-schema", "invented-quote"]) {
      assert.ok((answers as Record<string, number>)[state]! > 0, state);
    }
    assert.ok(counts.subjects > 20 && sent.windows >= counts.subjects && sent.lines > 1000);
    assert.ok(Object.values(redacted).some((count) => count > 0), JSON.stringify(redacted));
    assert.deepEqual(counts.failed, {});
    const agents = readLlmCounts(store, "routing.phase2=pty");
    assert.ok(agents.subjects > 0 && agents.subjects < counts.subjects);
  });

  await t.step("readLlmCalls() says what each request cost, and why the session was sent", () => {
    const calls = readLlmCalls(store);
    assert.equal(calls.length, requests);
    assert.ok(calls.every(({ cost, input_tokens }) => cost! > 0 && input_tokens === 1000));
    assert.ok(calls.every(({ reason }) => reason !== null));
  });

  await t.step("readPhase2Results() holds a model's own word against rules and truth", () => {
    assert.equal(others.length, 0);
    const { againstRules, report, disagreements, judged } = results!;
    const cells = againstRules.confusion.flatMap(({ truth, cells }) =>
      Object.entries(cells).map(([said, n]) => ({ same: truth === said, n }))
    );
    const sum = (of: typeof cells) => of.reduce((total, { n }) => total + n, 0);
    assert.equal(sum(cells), judged);
    assert.equal(sum(cells.filter(({ same }) => !same)), disagreements.length);
    assert.ok(disagreements.every(({ lines }) => lines.length > 0));
    assert.ok(disagreements.some(({ model, stands }) => stands !== null && stands !== model));
    assert.ok(report.n > 20 && report.n <= judged);
    assert.ok(report.right > 0 && report.wrong > 0);
  });

  const pages = new Map<string, string>();
  await eachAtOnce(["05_phase2", "07_findings"], async (name) => {
    const share = { pseudonyms: true, words: [] };
    const notebook = `${OWN_NOTEBOOKS}/${name}.ipynb`;
    pages.set(name, (await makePage(notebook, { store: path, config, now, share })).html);
  });
  const textOf = (name: string) =>
    new DOMParser().parseFromString(pages.get(name)!, "text/html").querySelector("main")!
      .textContent!.replace(/\s+/g, " ");

  await t.step(
    "05_phase2 shows plan, counts, spend, both confusions and disagreements",
    async () => {
      const text = textOf("05_phase2");
      assert.match(text, /at most \d+\.\d\d of the 20 that a run may spend/);
      assert.match(text, /rejected: a quote did not stand in the text sent/);
      assert.match(text, /the model refused to answer/);
      assert.match(text, /\d+ requests, 0\.\d+ spent \(a run may spend 20\)/);
      assert.match(text, /test-model \([0-9a-f]+\) against the rules/);
      assert.match(text, /test-model against the truth/);
      assert.match(text, /\d+ times the model and the rules do not say the same/);
      assert.match(
        text,
        /test-model judged \d+ sessions, differs from the rules on \d+, and is right/,
      );
      assert.ok(!pages.get("05_phase2")!.includes("what nobody ever typed"));
      const seen = await openInChromium(pages.get("05_phase2")!);
      if (seen !== null) assert.deepEqual(seen.console, []);
    },
  );

  await t.step("07_findings counts what was sent, taken out and rejected", () => {
    const text = textOf("07_findings");
    assert.match(text, /What a model read.*Counts; nothing of what was sent is kept/);
    assert.match(text, /secrets replaced: [a-z-]+ ?\d+/);
    assert.match(text, /invisible characters removed/);
    assert.match(text, /rejected: the answer did not follow the schema/);
  });
});
