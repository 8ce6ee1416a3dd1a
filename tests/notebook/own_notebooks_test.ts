import assert from "node:assert/strict";
import { DOMParser } from "linkedom";
import { eachAtOnce } from "../../lib/notebook/each_at_once.ts";
import { makePage } from "../../lib/notebook/make_page.ts";
import { fixturesConfig, OWN_NOTEBOOKS, OWN_RULES } from "../../lib/pipeline/own_files.ts";
import { runPipeline } from "../../lib/pipeline/run.ts";
import { storedNames } from "../../lib/store/names.ts";
import { openStore } from "../../lib/store/store.ts";
import { openInChromium } from "./chromium.ts";
import { makeFindingsStore } from "./findings_store.ts";
import { assertInert, HOSTILE_MARKUP, HOSTILE_TEXT } from "./inert.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const now = new Date(Date.UTC(2026, 3, 1));

/** What the answer of each notebook begins with, over the fixtures. */
const ANSWERS: Record<string, RegExp> = {
  "00_what_the_logs_say": /The field that tells most, by substrate:.*teleport-recording: pty_/,
  "01_start_here": /Here are \d+ sessions: .*\d+ human/,
  "02_extract": /A pull scans at most 0 B\. 6 of 6 sources were pulled; of \d+ sessions/,
  "03_sessions": /Of \d+ sessions \d+ have lines that were typed key by key/,
  "04_tune_rules": /With enough_commands at \d+ instead of \d+, \d+ verdicts become right/,
  "05_phase2": /0 of \d+ sessions that the rules send were read by a model/,
  "06_across_substrates": /\d+ identities were seen\. Of pairs .* 12 are alike enough/,
  "07_findings": /Of \d+ sessions, \d+ were driven by a person/,
};

/** Notebooks whose pages may be handed on; `03_sessions` replays a recording. */
const SHARED = Object.keys(ANSWERS).filter((name) => name !== "03_sessions");

Deno.test("every notebook of the kit answers its question over the fixtures", async (t) => {
  using folder = temporaryFolder();
  const store = `${folder.path}/fixtures.sqlite`;
  await runPipeline(fixturesConfig(store), { rules: OWN_RULES, now: () => now });
  const names = [...Deno.readDirSync(OWN_NOTEBOOKS)].map(({ name }) => name)
    .filter((name) => /^\d\d_.*\.ipynb$/.test(name)).map((name) => name.replace(".ipynb", ""));
  assert.deepEqual(names.sort(), Object.keys(ANSWERS), "each notebook has its answer here");

  const pages = new Map<string, string>();
  await eachAtOnce(Object.keys(ANSWERS), async (name) => {
    const share = SHARED.includes(name) ? { pseudonyms: true, words: ["acme"] } : null;
    const made = await makePage(`${OWN_NOTEBOOKS}/${name}.ipynb`, { store, now, share });
    pages.set(name, made.html);
    const types = made.notebook.cells.flatMap((cell) =>
      cell.cell_type === "code" ? cell.outputs.map(({ output_type }) => output_type) : []
    );
    // a value that a cell only ends with may be lost or misplaced by other front ends
    assert.deepEqual([...new Set(types)], ["display_data"], name);
  });
  using opened = openStore(store, { readOnly: true });
  const dictionary = [...storedNames(opened)].map(({ name }) => name.toLowerCase())
    .filter((name) => /[@.]/.test(name) && !/amazonaws\.com$/.test(name));
  assert.ok(dictionary.length > 5);

  for (const [name, answer] of Object.entries(ANSWERS)) {
    await t.step(name, () => {
      const page = new DOMParser().parseFromString(pages.get(name)!, "text/html");
      const text = page.querySelector("main")!.textContent!.replace(/\s+/g, " ");
      assert.match(text.slice(text.lastIndexOf("Answer")), answer);
      assert.equal(page.querySelectorAll(".shellscope-error, .shellscope-stderr").length, 0);
      assert.ok(page.querySelectorAll(`svg[role="img"], table`).length >= 2);
      if (!SHARED.includes(name)) return;
      const shown = text.toLowerCase();
      assert.deepEqual(dictionary.filter((name) => shown.includes(name)), []);
    });
  }
});

Deno.test("notebooks of the kit show hostile sessions as text, in a browser too", async () => {
  using folder = temporaryFolder();
  const store = `${folder.path}/s.sqlite`;
  makeFindingsStore(store, [...HOSTILE_TEXT, ...HOSTILE_MARKUP], 40);
  await eachAtOnce(["01_start_here", "03_sessions"], async (name) => {
    const { html } = await makePage(`${OWN_NOTEBOOKS}/${name}.ipynb`, { store, now });
    assertInert(/<main>([^]*)<\/main>/.exec(html)![1]!);
    const seen = await openInChromium(html);
    if (seen !== null) assert.deepEqual(seen.console, []);
  });
});
