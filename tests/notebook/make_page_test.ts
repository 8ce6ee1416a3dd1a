import assert from "node:assert/strict";
import { SharingError } from "../../lib/model/errors.ts";
import { makePage, type PageOptions } from "../../lib/notebook/make_page.ts";
import { pageDifferences, pageProvenance } from "../../lib/notebook/verify_page.ts";
import { openStore } from "../../lib/store/store.ts";
import { setLabels } from "../../lib/store/labels.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { makeFindingsStore } from "./findings_store.ts";
import { code, markdown, NotebookFile } from "./notebooks.ts";

const now = new Date(Date.UTC(2026, 0, 3));
const NAMES = ["alice@example.com", "web-prod-7", "operations", "bob.builder", "tenant-9", "carol"];
const share = { pseudonyms: true, words: ["acme"] };

/** A notebook that shows every name of a store, in tables, text, charts and JSON. */
function showingNotebook(...more: ReturnType<typeof code>[]): NotebookFile {
  return new NotebookFile(
    markdown("# Who"),
    code(`let storePath = "";\nlet title = "Names";\nlet most = 10;`, { tags: ["parameters"] }),
    code(
      `import { confidenceChart, openStore, readWideRows, show, table } from "shellscope";\n` +
        `const store = openStore(storePath, { readOnly: true });\n` +
        `const rows = [...readWideRows(store)].slice(0, most);`,
    ),
    code(`table(rows, { caption: title });`),
    code(`console.log(rows.map((row) => row.principal + ":" + row.login).join("\\n"));`),
    code(`show(confidenceChart(rows, { title: String(rows[0].principal) }));`),
    ...more,
  );
}

Deno.test("makePage() for sharing tells none of the store's names, and one pseudonym for each", async () => {
  using folder = temporaryFolder();
  const store = `${folder.path}/s.sqlite`;
  makeFindingsStore(store, NAMES, 12);
  using file = showingNotebook();
  const set = { title: "Sessions of carol" };
  const { html } = await makePage(file.path, { store, now, share, set });
  assert.match(html, /title Sessions of (person|login|target|scope)-[0-9a-f]+/, "parameters too");
  for (const name of NAMES) assert.ok(!html.toLowerCase().includes(name), name);
  assert.doesNotMatch(html, /not checked for sharing/);
  assert.match(html, /are pseudonyms/);
  assert.ok(!html.includes(folder.path), "no path of this machine");
  // the first session's principal: in the table, in print, and in the chart's title
  const [, pseudonym] = /<td>(person-[0-9a-f]{4,})<\/td>/.exec(html)!;
  assert.ok(html.includes(`\n${pseudonym}:`) || html.includes(`<pre>${pseudonym}:`));
  assert.match(html, new RegExp(`<title[^>]*>${pseudonym}</title>`));
  assert.equal(pageProvenance(html, "page").shared, true);
});

Deno.test("makePage() for sharing stops at a seeded secret, name or word, and names the cell", async () => {
  using folder = temporaryFolder();
  const store = `${folder.path}/s.sqlite`;
  makeFindingsStore(store, NAMES, 4);
  using file = showingNotebook(
    code(`console.log("gh" + "p_" + "aB3".repeat(12));`),
    code(`console.log("carol".split("").join("\\u00ad") + " of Ac" + "me");`),
    code(`const seeded = "bob.builder";`),
  );
  await assert.rejects(makePage(file.path, { store, now, share }), (error) => {
    assert.ok(error instanceof SharingError);
    assert.deepEqual(error.faults.map(({ cell, where, kind }) => [cell, where, kind]), [
      [7, "output", "github-token"],
      [8, "output", "word"],
      [9, "code", "name"],
    ]);
    return true;
  });
});

Deno.test("makePage() tells where the page comes from; pageDifferences() says what changed since", async () => {
  using folder = temporaryFolder();
  const store = `${folder.path}/s.sqlite`;
  makeFindingsStore(store, NAMES, 4);
  using file = showingNotebook();
  const options: PageOptions = { store, now, set: { title: "Before", most: "3" } };
  const before = await makePage(file.path, options);
  const { data, notebook, parameters, version } = pageProvenance(before.html, "page");
  assert.deepEqual(parameters, { storePath: "s.sqlite", title: "Before", most: 3 });
  assert.equal(notebook.file, "test.ipynb");
  assert.match(version, /^\d+\.\d+\.\d+$/);
  assert.equal(data?.coverage["sessions"], 4);
  assert.deepEqual(data?.rules, { "phase1@0123abcd": 4 });
  assert.match(before.html, /not checked for sharing/);

  const later = new Date(now.getTime() + 1000);
  const again = await makePage(file.path, { ...options, now: later });
  assert.deepEqual(pageDifferences(before.html, again.html), []);

  using writable = openStore(store);
  setLabels(writable, [{ subject_id: "session-000", key: "review.seen", value: "yes" }], {
    setBy: "manual:x",
    now,
  });
  const changed = await makePage(file.path, { ...options, set: { title: "After", most: "3" } });
  const differences = pageDifferences(before.html, changed.html);
  assert.deepEqual(differences.map((text) => text.split(":")[0]), ["hash", "parameters", "cell-4"]);
  assert.match(differences[2]!, /^cell-4: was "Before", is "After"$/);
});
