import assert from "node:assert/strict";
import { DOMParser } from "linkedom";
import { makePage, writeWhole } from "../../lib/notebook/make_page.ts";
import { openInChromium } from "./chromium.ts";
import { makeFindingsStore } from "./findings_store.ts";
import { assertInert, HOSTILE_TEXT } from "./inert.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const notebook = new URL("../../notebooks/07_findings.ipynb", import.meta.url).pathname;
const now = new Date(Date.UTC(2026, 0, 3));

async function pageOf(make: (path: string) => void): Promise<string> {
  using temporary = temporaryFolder();
  const folder = temporary.path;
  make(`${folder}/test.sqlite`);
  const page = `${folder}/deep/er/findings.html`;
  const { html } = await makePage(notebook, { store: `${folder}/test.sqlite`, now });
  await writeWhole(page, html);
  assert.deepEqual([...Deno.readDirSync(`${folder}/deep/er`)].map(({ name }) => name), [
    "findings.html",
  ]);
  return await Deno.readTextFile(page);
}

Deno.test("the page of findings answers who drove the sessions of a store", async () => {
  const page = await pageOf((path) =>
    makeFindingsStore(path, ["alice@example.com", "root", "prod-db-01"])
  );
  const main = new DOMParser().parseFromString(page, "text/html").querySelector("main")!;
  const text = main.textContent!.replace(/\s+/g, " ");
  assert.match(
    text,
    /Of 24 sessions, 6 were driven by a person, 6 by an LLM agent, 6 by a script, and in 0 the driver changed\. Of 6 the evidence does not tell, and of 0 no verdict is given: too short, or the question does not fit\. *Where this page comes from/,
  );
  assert.match(text, /sessions not-interactive ?6/);
  assert.match(text, /recordings truncated ?4/);
  assert.match(text, /teleport ?no-session-id ?6/);
  assert.match(text, /Verdicts by ?phase1@0123abcd 24/);
  assert.match(text, /Rules say agent: /);
  assert.equal(main.querySelectorAll(`svg[role="img"]`).length, 5);
  assert.equal(main.querySelectorAll("table").length, 4);
  assert.equal(main.querySelectorAll("pre.shellscope-error, pre.shellscope-stderr").length, 0);
});

Deno.test("the page of findings shows hostile sessions as text", async () => {
  const page = await pageOf((path) => makeFindingsStore(path, HOSTILE_TEXT));
  assertInert(/<main>([^]*)<\/main>/.exec(page)![1]!);
  assert.ok(page.length < 200_000, "long texts are cut");
  const seen = await openInChromium(page);
  if (seen === null) return;
  assert.deepEqual(seen.console, []);
  assert.match(seen.html, /<title>Who drove these sessions\?<\/title>/);
});

Deno.test("the page of findings answers for an empty store too", async () => {
  const page = await pageOf((path) => makeFindingsStore(path, ["x"], 0));
  assert.match(page, /No session with a verdict has a rhythm to show/);
  assert.match(page, /Of <strong>0<\/strong> sessions/);
});
