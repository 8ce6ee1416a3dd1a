import assert from "node:assert/strict";
import { join } from "node:path";
import { denoFolder } from "../cli/harness.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { code, NotebookFile } from "../notebook/notebooks.ts";
import { ended, KIT, permissionsOf, TASKS, without, wordsOf } from "./task.ts";

const ENV = "--allow-env";

/** Variables that the README lists; one that ends with `…` stands for all that begin so. */
async function listedVariables(): Promise<string[]> {
  const readme = await Deno.readTextFile(join(KIT, "README.md"));
  const [, section] = /^### Environment variables\n\n((?:.+\n)+)/m.exec(readme)!;
  return [...section!.matchAll(/`([A-Za-z_]+…?)`/g)].map(([, name]) => name!).sort();
}

Deno.test("the README lists the variables that a task may read, and no other can be read", async () => {
  const listed = await listedVariables();
  const open = permissionsOf("run").get(ENV)!;
  assert.deepEqual(open.map((name) => name.replace("*", "…")).sort(), listed);
  for (const task of TASKS) {
    // the tests call all that there is; benches measure it
    if (["test", "bench", "ok"].includes(task)) continue;
    const variables = permissionsOf(task).get(ENV);
    if (variables === undefined) continue;
    assert.ok(variables !== null && variables.every((name) => open.includes(name)), task);
    // what else a library asks for is not there
    assert.ok(wordsOf(task).includes("--ignore-env"), task);
  }
});

Deno.test("whatever libraries ask the environment for, they get only what the README lists", async () => {
  using folder = temporaryFolder();
  const program = join(folder.path, "asks.ts");
  await Deno.writeTextFile(
    program,
    'import process from "node:process";\nconsole.log(Object.keys(process.env).sort().join());',
  );
  const certificates = join(folder.path, "none.pem");
  await Deno.writeTextFile(certificates, "");
  const words = wordsOf("run").slice(0, -2);
  const open = permissionsOf("run").get(ENV)!;
  const env = {
    ...Object.fromEntries(open.map((name) => [name.replace("*", "X"), "x"])),
    ...{ DENO_DIR: denoFolder(), DENO_CERT: certificates, DENO_TLS_CA_STORE: "mozilla" },
    ...{ LD_PRELOADED: "x", SECRET: "x", AWSOME: "x", NODE_DEBUG: "x", DEBUG: "x", USERS: "x" },
  };
  const { out, err } = await ended([...words, program], { env });
  const expected = open.map((name) => name.replace("*", "X"));
  assert.deepEqual(out.trim().split(","), expected.sort(), err);
});

Deno.test("each variable of a notebook's kernel reaches it under the flags of render, and not without", async () => {
  using folder = temporaryFolder();
  using notebook = new NotebookFile(code("console.log(Object.entries(Deno.env.toObject()));"));
  const names = permissionsOf("render").get(ENV)!;
  const env = Object.fromEntries(names.map((name) => [name, join(folder.path, name)]));
  await Deno.mkdir(env["TMPDIR"]!);
  // what Deno itself needs to start
  Object.assign(env, { DENO_DIR: denoFolder(), DENO_TLS_CA_STORE: "mozilla" });
  await Deno.writeTextFile(env["DENO_CERT"]!, "");
  const db = join(folder.path, "s.sqlite");
  await ended([
    ...wordsOf("shellscope"),
    "parse",
    join(KIT, "fixtures/casts/cut.cast"),
    "--db",
    db,
  ]);
  const pages: string[] = [];
  for (const words of [wordsOf("render"), without(wordsOf("render"), ENV, names)]) {
    const { code, err } = await ended([...words, notebook.path, "--db", db, "--out", folder.path], {
      env,
    });
    assert.equal(code, 0, err);
    pages.push(await Deno.readTextFile(join(folder.path, "test.html")));
  }
  for (const name of names) {
    // a kernel has a PATH of its own at least
    const told = name === "PATH" ? new RegExp(env[name]!) : new RegExp(`&quot;${name}&quot;`);
    assert.match(pages[0]!, told);
    assert.doesNotMatch(pages[1]!, told);
  }
});

Deno.test("who sets a label is read from USER, and where that may not be read asked for", async () => {
  using folder = temporaryFolder();
  const db = ["--db", join(folder.path, "s.sqlite")];
  const words = wordsOf("shellscope");
  await ended([...words, "parse", join(KIT, "fixtures/casts/cut.cast"), ...db]);
  const { out } = await ended([...words, "sessions", "--format", "jsonl", ...db]);
  const { session_id } = JSON.parse(out.split("\n", 1)[0]!);
  const call = ["label", "set", session_id, "truth.operator-type=human", ...db];
  const env = { ...Deno.env.toObject(), USER: "ana" };
  assert.equal((await ended([...words, ...call], { env })).code, 0);
  const listed = await ended([...words, "label", "ls", session_id, ...db]);
  assert.match(listed.out, /manual:ana/);
  const less = await ended([...without(words, ENV, ["USER"]), ...call], { env });
  assert.equal(less.code, 2, less.err);
});
