import assert from "node:assert/strict";
import { NotebookError } from "../../lib/model/errors.ts";
import { beginKernel, startKernel } from "../../lib/notebook/kernel.ts";
import type { Notebook, Output } from "../../lib/notebook/nbformat.ts";
import { runNotebook } from "../../lib/notebook/run_notebook.ts";
import { code, markdown, NotebookFile } from "./notebooks.ts";

function outputsOf(executed: Notebook): Output[][] {
  return executed.cells.map((cell) => cell.cell_type === "code" ? cell.outputs : []);
}

async function failureOf(file: NotebookFile, options = {}): Promise<NotebookError> {
  try {
    await runNotebook(file.path, options);
  } catch (error) {
    assert.ok(error instanceof NotebookError, String(error));
    return error;
  }
  return assert.fail("the notebook ran to its end");
}

Deno.test("runNotebook() loses no output of fifty quick cells", async () => {
  using file = new NotebookFile(
    ...Array.from(
      { length: 50 },
      (_, i) => code(`console.log("out ${i}"); console.error("err ${i}"); ${i}`),
    ),
  );
  const executed = await runNotebook(file.path);
  outputsOf(executed).forEach((outputs, i) => {
    const kinds = outputs.map((output) => output.output_type === "stream" ? output.name : "result");
    assert.deepEqual(kinds.toSorted(), ["result", "stderr", "stdout"], `cell ${i + 1}`);
    const result = outputs.find((output) => output.output_type === "execute_result");
    assert.deepEqual(result?.data, { "text/plain": String(i) });
    assert.equal(result?.execution_count, i + 1);
  });
});

Deno.test("runNotebook() waits for all that a cell prints, and keeps the begin of what is too much", async () => {
  using file = new NotebookFile(
    code(`for (let i = 0; i < 20_000; i++) console.log(String(i).padStart(6, "0"));`),
    code(`for (let i = 0; i < 12; i++) console.log("x".repeat(2 ** 20 - 1));`),
    code(`console.log("next")`),
  );
  const [many, much, next] = outputsOf(await runNotebook(file.path, { graceMs: 0 }));
  const texts = (outputs: Output[] | undefined) =>
    outputs!.map((output) => output.output_type === "stream" ? output.text : "");
  assert.deepEqual(texts(many).map((text) => text.length), [140_000]);
  const [kept, told] = texts(much);
  assert.equal(kept!.length, 8 * 2 ** 20);
  assert.equal(
    told,
    "shellscope: A cell may put out 8 MiB; 4.0 MiB more were left out\n",
  );
  assert.deepEqual(texts(next), ["next\n"]);
});

Deno.test("Kernel.execute() gets the reply to each of six hundred cells", async () => {
  await using kernel = await startKernel({ cwd: "." });
  for (let i = 0; i < 600; i++) {
    const end = await kernel.execute(String(i), {
      timeoutMs: 10_000,
      graceMs: 0,
      onMessage: () => {},
      onLost: () => assert.fail("nothing is lost"),
    });
    assert.equal(end.state, "ok", `cell ${i}`);
  }
});

Deno.test("runNotebook() uses a kernel that was begun, and another where that one is gone", async () => {
  using file = new NotebookFile(code('"shellscope".length'));
  const cwd = "notebooks";
  const begun = beginKernel({ cwd });
  const ended = beginKernel({ cwd });
  await ended[Symbol.asyncDispose]();
  for (const kernel of [begun, ended]) {
    const [[output] = []] = outputsOf(await runNotebook(file.path, { cwd, kernel }));
    assert.equal(output?.output_type, "execute_result");
    assert.deepEqual(output.data, { "text/plain": "10" });
    // what ran before the first cell is not counted
    assert.equal(output.execution_count, 1);
    await kernel[Symbol.asyncDispose]();
  }
});

Deno.test("runNotebook() gives rich outputs, joins streams, keeps Markdown and takes no colour", async () => {
  using file = new NotebookFile(
    markdown("# Title"),
    code(`for (let i = 0; i < 2000; i++) console.log(i);`),
    code(`({ [Symbol.for("Jupyter.display")]: () => ({ "text/html": "<b>x</b>" }) })`),
    code(`await Deno.jupyter.display({ "text/plain": "one" }, { raw: true });
({ text: "colour", n: 1 })`),
    code(`setTimeout(() => console.log("late"), 30); undefined`),
    code(""),
  );
  const [, stream = [], html, display, late, empty] = outputsOf(await runNotebook(file.path));
  const text = stream.map((output) => output.output_type === "stream" ? output.text : "").join("");
  assert.equal(stream.length, 1);
  assert.equal(text, Array.from({ length: 2000 }, (_, i) => `${i}\n`).join(""));
  assert.deepEqual(html?.map((output) => "data" in output && output.data), [{
    "text/html": "<b>x</b>",
  }]);
  assert.deepEqual(display?.map((output) => "data" in output && output.data), [
    { "text/plain": "one" },
    { "text/plain": `{ text: "colour", n: 1 }` },
  ]);
  assert.deepEqual(late, [{ output_type: "stream", name: "stdout", text: "late\n" }]);
  assert.deepEqual(empty, []);
});

Deno.test("runNotebook() hands a kernel its folder and hardly any of the environment", async () => {
  using file = new NotebookFile(
    code("[Deno.cwd(), Object.keys(Deno.env.toObject()).sort().join()].join()"),
  );
  Deno.env.set("SHELLSCOPE_SECRET", "s3cret");
  try {
    const [[output] = []] = outputsOf(await runNotebook(file.path, { env: { EXTRA: "1" } }));
    assert.ok(output && "data" in output);
    const text = String(output.data["text/plain"]);
    assert.match(text, /shellscope-test-/);
    assert.match(text, /\bEXTRA\b.*\bNO_COLOR\b/);
    assert.doesNotMatch(text, /SHELLSCOPE_SECRET|KEY|TOKEN/);
  } finally {
    Deno.env.delete("SHELLSCOPE_SECRET");
  }
});

Deno.test("runNotebook() sets parameters behind the cell that declares them", async () => {
  using file = new NotebookFile(
    code(`let store = "a";\nlet limit: number = 3;\nlet on = false;`, { tags: ["parameters"] }),
    code("[store, limit, on]"),
  );
  const parameters = { store: 'b"\n${1}\u2028', limit: 7 };
  const executed = await runNotebook(file.path, { parameters });
  assert.deepEqual(executed.cells[1]?.metadata, { tags: ["injected-parameters"] });
  assert.deepEqual(outputsOf(executed)[1], []);
  const last = outputsOf(executed)[2]?.[0];
  assert.ok(last && "data" in last);
  assert.match(String(last.data["text/plain"]), /b"\\n\$\{1\}.*, 7, false/s);

  const wrong = await failureOf(file, { parameters: { stor: "x" } });
  assert.match(wrong.message, /Cannot set parameter "stor": did you mean "store"\?$/);
});

Deno.test("runNotebook() reports the cell, line and source of what fails", async () => {
  const cases: [string, number | null, RegExp][] = [
    ["const a = 1;\n\n\n// why\nthrow new TypeError('boom <b>');", 5, /TypeError: boom <b>/],
    ["/** doc */\nfunction f() { throw new Error('inner') }\n\n// here\nf();", 5, /Error: inner/],
    ["const x = 1;\nlet y = ;", 2, /SyntaxError: Expression expected/],
    ["await Promise.reject(new Error('\\x1b[31mred\\u202e'));", 1, /Error: red\\u202e/],
    ["const f = () => {\n  throw new Error('later');\n};\n\n[1]\n  .map(f);", 6, /Error: later/],
    ["// one\nawait 0;\n// two\nawait g();\n// three\nawait h();", null, /g is not defined/],
    ["\nimport * as nothing from 'nowhere';", 2, /nowhere/],
  ];
  await Promise.all(cases.map(async ([source, line, problem]) => {
    using file = new NotebookFile(markdown("text"), code("1"), code(source), code("'not run'"));
    const error = await failureOf(file);
    assert.equal(error.at.cell, 3);
    assert.equal(error.at.line, line, source);
    assert.match(error.problem, problem);
    const last = source.split("\n").at(-1) ?? "";
    assert.ok(error.message.includes(last), "the source is quoted");
    if (line !== null) assert.match(error.message, new RegExp(`^> +${line} \\| `, "m"));
  }));
});

Deno.test("runNotebook() goes on behind a cell tagged raises-exception", async () => {
  using file = new NotebookFile(code("\nnothing()", { tags: ["raises-exception"] }), code("2"));
  const [error, next] = outputsOf(await runNotebook(file.path));
  assert.deepEqual(error, [{
    output_type: "error",
    ename: "ReferenceError",
    evalue: "nothing is not defined",
    traceback: ["ReferenceError: nothing is not defined", "    at cell 1, line 2"],
  }]);
  assert.equal(next?.length, 1);
});

Deno.test("runNotebook() ends a cell that takes too long, and says so", async () => {
  using file = new NotebookFile(code("1"), code("while (true) {}"));
  const error = await failureOf(file, { timeoutMs: 300 });
  assert.match(error.message, /cell 2: The cell did not end within 0\.3 s\n.*while \(true\) \{\}$/);
});

Deno.test("runNotebook() reports a kernel that dies with the cell it died in", async () => {
  using file = new NotebookFile(code("1"), code("Deno.exit(4)"));
  const error = await failureOf(file);
  assert.match(error.message, /cell 2: The kernel ended with code 4 in this cell\n/);
});

Deno.test("runNotebook() kills the kernel when aborted and leaves nothing behind", async () => {
  const pidFile = Deno.makeTempFileSync();
  try {
    using file = new NotebookFile(
      code(`Deno.writeTextFileSync(${JSON.stringify(pidFile)}, String(Deno.pid))`),
      code("await new Promise(() => {})"),
    );
    const controller = new AbortController();
    const run = runNotebook(file.path, { signal: controller.signal });
    while (Deno.readTextFileSync(pidFile) === "") await pause(20);
    controller.abort(new Error("stop"));
    await assert.rejects(run, /^Error: stop$/);
    assert.equal(isAlive(Number(Deno.readTextFileSync(pidFile))), false);
  } finally {
    Deno.removeSync(pidFile);
  }
});

Deno.test("runNotebook() leaves no kernel behind when its own process is killed", async () => {
  const pidFile = Deno.makeTempFileSync();
  try {
    using file = new NotebookFile(
      code(`Deno.writeTextFileSync(${JSON.stringify(pidFile)}, String(Deno.pid))`),
      code("await new Promise(() => {})"),
    );
    const module = new URL("../../lib/notebook/run_notebook.ts", import.meta.url);
    const runner = new Deno.Command(Deno.execPath(), {
      args: [
        "eval",
        `const { runNotebook } = await import(${JSON.stringify(module.href)});
        await runNotebook(${JSON.stringify(file.path)});`,
      ],
    }).spawn();
    while (Deno.readTextFileSync(pidFile) === "") await pause(20);
    const kernel = Number(Deno.readTextFileSync(pidFile));
    assert.equal(isAlive(kernel), true);
    runner.kill("SIGKILL");
    await runner.status;
    for (let i = 0; isAlive(kernel) && i < 100; i++) await pause(20);
    assert.equal(isAlive(kernel), false);
  } finally {
    Deno.removeSync(pidFile);
  }
});

Deno.test({
  name: "runNotebook() leaves no kernel behind when its own process is killed at its start",
  ignore: Deno.build.os !== "linux", // where /proc tells of all processes
  async fn() {
    const folder = Deno.makeTempDirSync();
    try {
      using file = new NotebookFile(code("await new Promise((done) => setTimeout(done, 60_000))"));
      const module = new URL("../../lib/notebook/run_notebook.ts", import.meta.url);
      const call = `const { runNotebook } = await import(${JSON.stringify(module.href)});
        await runNotebook(${JSON.stringify(file.path)});`;
      for (const afterMs of [40, 150, 400]) {
        const runner = new Deno.Command(Deno.execPath(), {
          args: ["eval", call],
          env: { TMPDIR: folder },
        }).spawn();
        while ([...Deno.readDirSync(folder)].length === 0) await pause(1);
        await pause(afterMs);
        runner.kill("SIGKILL");
        await runner.status;
        const left = () => [...Deno.readDirSync(folder)].length + processesNaming(folder).length;
        for (let i = 0; left() > 0 && i < 500; i++) await pause(10);
        assert.equal(left(), 0, `killed after ${afterMs} ms`);
      }
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

Deno.test("runNotebook() names what is no notebook", async () => {
  const file = Deno.makeTempFileSync({ suffix: ".ipynb" });
  try {
    const cases: [string, RegExp][] = [
      ["", /: The notebook is not JSON; name an \.ipynb file/],
      ["{}", /: The notebook is not of nbformat 4: cells: .*; save it anew/],
      ["\ufeff{}", /: The notebook is not of nbformat 4/],
      [
        `{"nbformat":4,"nbformat_minor":5,"cells":[],"metadata":{"a":${nested(100_000)}}}`,
        /: The notebook's metadata or outputs nest too deep/,
      ],
      [
        `{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[{"cell_type":"code"}]}`,
        /, cell 1: The notebook is not of nbformat 4: cells\.0\./,
      ],
    ];
    for (const [text, message] of cases) {
      Deno.writeTextFileSync(file, text);
      await assert.rejects(runNotebook(file), { name: "NotebookError", message });
    }
    await assert.rejects(runNotebook(`${file}.none`), {
      name: "NotebookError",
      message: /: Cannot read the notebook: there is no such file; check its name$/,
    });
  } finally {
    Deno.removeSync(file);
  }
});

function nested(depth: number): string {
  return "[".repeat(depth) + "]".repeat(depth);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Processes with a text in their command line; the tests' flags keep `/proc` from this one. */
function processesNaming(text: string): string[] {
  const look = 'printf %s "$NAMED" | grep -alF -f - /proc/[0-9]*/cmdline 2>/dev/null';
  const { stdout } = new Deno.Command("sh", { args: ["-c", look], env: { NAMED: text } })
    .outputSync();
  return new TextDecoder().decode(stdout).split("\n").filter(Boolean);
}

function isAlive(pid: number): boolean {
  try {
    // Signal 0 does not exist in Deno: SIGCONT does nothing to a process that runs.
    Deno.kill(pid, "SIGCONT");
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof TypeError) return false;
    throw error;
  }
}
