import assert from "node:assert/strict";
import { cellFaults, cellModule, formatFault } from "../../lib/notebook/cells.ts";
import { checkNotebooks, parseTypeErrors } from "../../lib/notebook/check_cells.ts";
import { readNotebook } from "../../lib/notebook/nbformat.ts";
import { code, markdown, notebook, NotebookFile } from "./notebooks.ts";

Deno.test("cellModule() joins code cells and knows where each line is from", () => {
  const { text, origin } = cellModule(notebook(markdown("# x"), code("a;\nb;"), code("c;")));
  assert.equal(text, "a;\nb;\nc;\nexport {};\n");
  assert.deepEqual(origin, [{ cell: 2, line: 1 }, { cell: 2, line: 2 }, { cell: 3, line: 1 }]);
});

Deno.test("cellFaults() finds what must not be in git, and raw display", () => {
  const ran = code("1", { outputs: [{ output_type: "stream", name: "stdout", text: "x" }] });
  const faults = cellFaults(notebook(
    markdown("Deno.jupyter is fine to write about"),
    { ...ran, execution_count: 3 } as typeof ran,
    code("x = 1;", { tags: ["injected-parameters"] }),
    code("1;\nDeno.jupyter.html`<b>`"),
    code(`({ [Symbol.for("Jupyter.display")]() {} })`),
    code("const fine = 1;"),
  ));
  assert.deepEqual(faults.map((fault) => formatFault("n.ipynb", fault).split(":")[0]), [
    "n.ipynb, cell 2",
    "n.ipynb, cell 2",
    "n.ipynb, cell 3",
    "n.ipynb, cell 4, line 2",
    "n.ipynb, cell 5, line 1",
  ]);
});

Deno.test("parseTypeErrors() reads places, and never takes a failure for none", () => {
  const text =
    `TS2322 [ERROR]: Type 'string' is not assignable to type 'number'.\nconst a: number = "";\n` +
    `      ^\n    at file:///t/n.ts:3:7\n\nFound 1 error.\n`;
  assert.deepEqual(parseTypeErrors(text), [{
    file: "/t/n.ts",
    line: 3,
    problem: "TS2322 Type 'string' is not assignable to type 'number'.",
  }]);
  assert.deepEqual(parseTypeErrors("odd"), [{ file: "", line: 0, problem: "odd" }]);
});

Deno.test("checkNotebooks() names notebook, cell and line of what does not check", async () => {
  using good = new NotebookFile(
    code("let limit = 3;", { tags: ["parameters"] }),
    code(`import { z } from "zod";\nconst text = await Promise.resolve(z.string().parse("x"));`),
    code("text.length + limit;"),
  );
  using bad = new NotebookFile(
    code("const n = 1;"),
    markdown("text"),
    code("const s: string = n;\nvar old = s;\nold;"),
  );
  using broken = new NotebookFile(code("1;\nlet y = ;"));
  const faults = await checkNotebooks([good.path, bad.path]);
  assert.equal(faults.length, 2, faults.join("\n"));
  assert.equal(
    faults[0],
    `${bad.path}, cell 3, line 1: TS2322 Type 'number' is not assignable to type 'string'.`,
  );
  assert.match(faults[1] ?? "", /, cell 3, line 2: no-var: /);
  using untidy = new NotebookFile(code("1 ;"));
  assert.deepEqual(await checkNotebooks([untidy.path]), [
    `${untidy.path}, cell 1: not as deno fmt would have it`,
  ]);
  const [fault] = await checkNotebooks([broken.path]);
  assert.match(fault ?? "", /, cell 1, line 2: .*Expression expected/);
});

Deno.test("cellFaults() finds none in the notebooks of this kit", async () => {
  const folder = new URL("../../notebooks/", import.meta.url);
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => name.endsWith(".ipynb"));
  assert.ok(names.length > 0);
  for (const name of names) {
    assert.deepEqual(cellFaults(await readNotebook(new URL(name, folder).pathname)), [], name);
  }
});
