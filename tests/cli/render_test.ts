import assert from "node:assert/strict";
import { makeFindingsStore } from "../notebook/findings_store.ts";
import { code, markdown, NotebookFile } from "../notebook/notebooks.ts";
import { shellscope } from "./harness.ts";
import { temporaryFolder } from "../temporary_folder.ts";

/** A small notebook of the tests that takes parameters. */
function askingNotebook(): NotebookFile {
  return new NotebookFile(
    markdown("# Question"),
    code(`let storePath = "";\nlet most = 10;\nlet word = "one";`, { tags: ["parameters"] }),
    code(`console.log(most + 1, word, storePath.endsWith("s.sqlite"));`),
  );
}

Deno.test("render writes pages and notebooks with outputs, and verifies a page", async () => {
  using folder = temporaryFolder();
  const [db, out] = [`${folder.path}/s.sqlite`, `${folder.path}/pages`];
  makeFindingsStore(db, ["dora@example.com", "deploy", "web-1"], 2);
  using file = askingNotebook();
  const flags = ["--db", db, "--out", out, "--set", "most=4", "--set", "word=2"];
  const made = await shellscope("render", file.path, ...flags, "--ipynb");
  assert.equal(made.status, 0, made.err);
  assert.equal(made.err, `Page: ${out}/test.html\n`);
  const page = await Deno.readTextFile(`${out}/test.html`);
  assert.match(page, /<pre>5 2 true\n<\/pre>/);
  const notebook = JSON.parse(await Deno.readTextFile(`${out}/test.ipynb`));
  assert.equal(notebook.cells.at(-1).outputs[0].text, "5 2 true\n");
  assert.deepEqual([...Deno.readDirSync(out)].map(({ name }) => name).sort(), [
    "test.html",
    "test.ipynb",
  ]);

  const same = await shellscope("render", file.path, "--db", db, "--verify", `${out}/test.html`);
  assert.deepEqual([same.status, same.out], [0, ""], same.err);
  await Deno.writeTextFile(`${out}/test.html`, page.replace("5 2 true", "6 2 true"));
  const other = await shellscope("render", file.path, "--db", db, "--verify", `${out}/test.html`);
  assert.equal(other.status, 1);
  assert.match(other.out, /^cell-3: was "6 2 true", is "5 2 true"\n$/);
});

Deno.test("render runs several notebooks, and tells which failed and why", async () => {
  using folder = temporaryFolder();
  const db = `${folder.path}/s.sqlite`;
  makeFindingsStore(db, ["dora@example.com", "deploy", "web-1"], 2);
  using good = askingNotebook();
  using faulty = new NotebookFile(code("1"), code(`throw new Error("no luck");`));
  using telling = new NotebookFile(code(`console.log("token=" + "x9".repeat(9));`));
  const paths = [good.path, faulty.path, telling.path].map((path, i) => {
    const own = `${folder.path}/test-${i}.ipynb`;
    Deno.copyFileSync(path, own);
    return own;
  });
  const made = await shellscope("render", ...paths, "--share", "--db", db, "--out", folder.path);
  assert.equal(made.status, 3, made.err);
  assert.match(made.err, /test-1\.ipynb, cell 2, line 1: Error: no luck/);
  assert.match(made.err, /test-2\.ipynb, cell 1: the output holds password \(line 1\)/);
  assert.ok(!made.err.includes("x9x9"), "what was found is not quoted");
});

Deno.test("render says what it does not take", async () => {
  using folder = temporaryFolder();
  const db = ["--db", `${folder.path}/s.sqlite`];
  const cases: [string[], RegExp][] = [
    [[], /Name a notebook/],
    [["x.ipynb", "--set", "most"], /write NAME=VALUE/],
    [["x.ipynb", "--timeout", "soon"], /--timeout takes a number of seconds/],
    [["x.ipynb", "--share", "--ipynb"], /does not go with --share/],
    [["a/x.ipynb", "y.ipynb", "b/x.ipynb"], /Two notebooks would be written as "x\.html"/],
    [["--verify", "/nope.html"], /Cannot read the page "\/nope\.html": there is no such file/],
  ];
  for (const [args, expected] of cases) {
    const { status, err } = await shellscope("render", ...args, ...db);
    assert.equal(status, 2, err);
    assert.match(err, expected);
  }
});
