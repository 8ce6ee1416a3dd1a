import assert from "node:assert/strict";
import { join } from "node:path";
import { parse } from "yaml";
import { VERBS } from "../lib/cli/main.ts";
import { configSchema } from "../lib/config/config.ts";
import { parseConfig } from "../lib/config/load.ts";
import { code, NotebookFile } from "./notebook/notebooks.ts";
import { MAY_IMPORT } from "./rooms.ts";
import { copyProject } from "./project_copy.ts";

/**
 * The commands of both READMEs, run as they stand in a copy of the project: `console` blocks print
 * what they show, a line `…` standing for others, `sh` blocks end with status 0. What changes from
 * run to run is masked. Calls inside the sentences are those of `readme_inline_test.ts`.
 */

const READMES = ["README.md", "lib/README.md"];
const ROOMS = Object.keys(MAY_IMPORT).filter((room) => room !== "mod.ts");

const SHARED = "../shared/data";
const hasShared = await Deno.stat(SHARED).then(() => true, () => false);
if (!hasShared) console.warn(`${SHARED} is absent: the README's commands on it are left out`);

/**
 * Commands that would call this test, or that take minutes: their tasks are only looked up here. What
 * they run is run by `privileges/tasks_test.ts`, the bench by nobody but who asks for it.
 */
const LOOKED_UP = /^deno task (test|ok|check|bench|soak|fixtures)\b/;

interface Command {
  line: string;
  /** What it prints to stdout; null where the README does not show it. */
  expected: string | null;
}

function commandsOf(readme: string): Command[] {
  const commands: Command[] = [];
  for (const [, kind, body] of readme.matchAll(/^```(console|sh)\n([\s\S]*?)^```/gm)) {
    if (kind === "sh") {
      for (const line of body!.split("\n").filter(Boolean)) commands.push({ line, expected: null });
      continue;
    }
    for (const part of body!.split(/^\$ /m).slice(1)) {
      const [line, ...output] = part.split("\n");
      commands.push({ line: line!, expected: output.join("\n") });
    }
  }
  return commands;
}

/** What a machine runs, and the variable that says which of them it is. */
interface Machine {
  script: string;
  index: string;
}

/** The Kubernetes Job and the job definition of AWS Batch in a README. */
function machinesOf(readme: string): Machine[] {
  const scripts = [
    ...[...readme.matchAll(/^```yaml\n(apiVersion: [\s\S]*?)^```/gm)].map(([, job]) =>
      parse(job!).spec.template.spec.containers[0].args[0]
    ),
    ...[...readme.matchAll(/^```json\n([\s\S]*?)^```/gm)].map(([, definition]) =>
      JSON.parse(definition!).containerProperties.command[2]
    ),
  ];
  return scripts.map((script) => ({ script, index: /\$\(\((\w+) \+ 1\)\)/.exec(script)![1]! }));
}

function words(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
}

function masked(text: string): string {
  return text.replace(/phase1@[0-9a-f]+/g, "phase1@…").replace(/Time +[\d.]+ s/g, "Time …").trim();
}

/** Text that holds the expected one's parts in order, and nothing else where it has one part. */
function assertShown(actual: string, expected: string): void {
  const parts = expected.split("\n…\n");
  if (parts.length === 1) return assert.equal(actual, expected);
  const first = parts[0]!;
  assert.equal(actual.slice(0, first.length), first);
  let from = first.length;
  for (const part of parts.slice(1)) {
    const at = actual.indexOf(part, from);
    assert.ok(at >= 0, `it prints: ${part}`);
    from = at + part.length;
  }
  assert.equal(actual.slice(from), "");
}

Deno.test("the READMEs' commands do what they say", async (t) => {
  const folder = await Deno.makeTempDir({ prefix: "shellscope-readme-" });
  const project = join(folder, "project");
  const { tasks } = JSON.parse(await Deno.readTextFile("deno.json"));
  try {
    await Deno.mkdir(project);
    await copyProject(project);
    if (hasShared) {
      await Deno.mkdir(join(folder, "shared"));
      await Deno.symlink(await Deno.realPath(SHARED), join(folder, "shared", "data"));
    }
    const texts = await Promise.all(READMES.map((path) => Deno.readTextFile(path)));
    const commands = texts.flatMap(commandsOf);
    assert.ok(commands.length >= 10, "the README shows commands");
    let needsShared = false;
    for (const { line, expected } of commands) {
      const call = line.replace(/^npx -y deno@[\d.]+ /, "deno ");
      // the commands after one on the shared data go over what it made
      needsShared ||= call.includes(SHARED);
      if (!call.includes("casts.sqlite")) needsShared = call.includes(SHARED);
      await t.step({
        name: line,
        ignore: needsShared && !hasShared,
        async fn() {
          const [program, verb, task] = words(call);
          assert.deepEqual([program, verb], ["deno", "task"], "the README calls tasks");
          assert.ok(tasks[task!], `deno.json has the task ${task}`);
          if (LOOKED_UP.test(call)) return;
          const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
            args: words(call).slice(1),
            cwd: project,
            env: { NO_COLOR: "1" },
          }).output();
          assert.equal(code, 0, new TextDecoder().decode(stderr));
          if (expected === null) return;
          assertShown(masked(new TextDecoder().decode(stdout)), masked(expected));
        },
      });
    }
    await t.step("the examples of machines take one share each, under one key", async () => {
      const stores = join(folder, "stores");
      const keys = join(folder, "key");
      for (const made of [stores, keys]) await Deno.mkdir(made);
      const key = await Deno.readFile(join(project, "fixtures.sqlite.key"));
      for (const at of [stores, keys]) await Deno.writeFile(join(at, "store.key"), key);
      const machines = machinesOf(texts[0]!);
      assert.deepEqual(machines.map(({ index }) => index), [
        "JOB_COMPLETION_INDEX",
        "AWS_BATCH_JOB_ARRAY_INDEX",
      ]);
      for (const [i, { script, index }] of machines.entries()) {
        const local = script.replaceAll("/stores/", `${stores}/`).replaceAll("/key/", `${keys}/`)
          .replaceAll("/shellscope ", `${project} `);
        const { code, stderr } = await new Deno.Command("sh", {
          args: ["-c", local],
          cwd: project,
          env: { NO_COLOR: "1", [index]: String(i + 3) },
        }).output();
        assert.equal(code, 0, new TextDecoder().decode(stderr));
        const db = join(stores, `shard-${i + 3}.sqlite`);
        assert.deepEqual(await Deno.readFile(`${db}.key`), key);
        assert.ok((await Deno.stat(db)).size > 0);
        assert.ok((await Deno.stat(join(stores, `shard-${i + 3}`, "findings.html"))).isFile);
      }
    });
    await t.step("the cells between them run in a notebook", async () => {
      const cells = texts.flatMap((text) => [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)])
        .map(([, source]) => code(source!));
      assert.ok(cells.length > 0);
      using notebook = new NotebookFile(...cells);
      const { code: status, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["task", "render", notebook.path, "--out", folder],
        ...{ cwd: project, env: { NO_COLOR: "1" } },
      }).output();
      assert.equal(status, 0, new TextDecoder().decode(stderr));
      assert.match(await Deno.readTextFile(join(folder, "test.html")), /<td>agent<\/td>/);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the READMEs' configurations are ones", async () => {
  const texts = await Promise.all(READMES.map((path) => Deno.readTextFile(path)));
  const key = Object.keys(configSchema.shape).join("|");
  const blocks = texts.flatMap((text) => [...text.matchAll(/^```yaml\n([\s\S]*?)^```/gm)])
    .map(([, body]) => body!).filter((body) => new RegExp(`^(${key}):`).test(body));
  assert.ok(blocks.length >= 3, `${blocks.length} blocks`);
  for (const block of blocks) parseConfig(block, "README.md");
});

Deno.test("the READMEs name every task, and no other", async () => {
  const texts = await Promise.all(READMES.map((path) => Deno.readTextFile(path)));
  const named = texts.join("\n").matchAll(/deno(?:@[\d.]+)? task ([a-z][a-z0-9:]*)/g);
  const { tasks } = JSON.parse(await Deno.readTextFile("deno.json"));
  assert.deepEqual(
    [...new Set([...named].map(([, name]) => name))].sort(),
    Object.keys(tasks).sort(),
  );
});

Deno.test("flags that the texts name beside a verb are the verb's", async () => {
  const texts = await Promise.all(
    [...READMES, "rules/README.md", "CHANGELOG.md"].map((path) => Deno.readTextFile(path)),
  );
  const verb = Object.keys(VERBS).join("|");
  const calls = texts.join("\n").replace(/\s+/g, " ")
    .matchAll(new RegExp(`\`(?:deno task )?(?:shellscope )?(${verb})( [^\`]+)\``, "g"));
  const flags = [...calls].flatMap(([, name, rest]) =>
    [...rest!.matchAll(/ --([a-z0-9-]+)/g)].map(([, flag]) => ({ name: name!, flag: flag! }))
  );
  assert.ok(flags.length > 20, `${flags.length} flags`);
  for (const { name, flag } of flags) {
    const known = [...Object.keys((await VERBS[name]!()).flags), "config", "db", "help"];
    assert.ok(known.includes(flag), `${name} takes --${flag}`);
  }
});

Deno.test("files and folders that lib/README.md names are there, and every room is named", async () => {
  const text = await Deno.readTextFile("lib/README.md");
  const names = [...text.matchAll(/`((?:[\w-]+\/)*[\w-]+(?:\/|\.(?:ts|sql|json|md|yaml|ipynb)))`/g)]
    .map(([, name]) => name!).filter((name) => !/^NN_|\/NN_/.test(name));
  assert.ok(names.length > 60, `${names.length} names`);
  const isThere = (path: string) => Deno.stat(path).then(() => true, () => false);
  const gone: string[] = [];
  for (const name of new Set(names)) {
    if (!await isThere(join("lib", name)) && !await isThere(name)) gone.push(name);
  }
  // what an installation has, and not the project
  assert.deepEqual(gone.filter((name) => name !== "shellscope.yaml"), []);
  const rows = new Map(
    [...text.matchAll(/^\| `(\w+)\/` +\| [^|]+ \| ([^|]+?) +\|$/gm)].map(([, room, may]) =>
      [room!, roomsOf(may!)] as const
    ),
  );
  const sorted = (rooms: readonly string[]) => [...rooms].sort();
  for (const room of ROOMS) {
    assert.ok(rows.has(room), `a row for ${room}/`);
    assert.deepEqual(sorted(rows.get(room)!), sorted(MAY_IMPORT[room]!), room);
  }
  assert.equal(rows.size, ROOMS.length);
});

/** Rooms as a cell of the table names them. */
function roomsOf(cell: string): string[] {
  if (cell === "all") return ["*"];
  const but = /^all but (.+)$/.exec(cell)?.[1]?.split(", ");
  if (but) return ROOMS.filter((room) => !but.includes(room) && room !== "pipeline");
  return cell === "–" ? [] : cell.split(", ");
}

Deno.test("the README has a line for every notebook of the kit", async () => {
  const readme = await Deno.readTextFile("README.md");
  const listed = [...readme.matchAll(/^\| `(\d\d_\w+)` /gm)].map(([, name]) => `${name}.ipynb`);
  const there = [...Deno.readDirSync("notebooks")].map(({ name }) => name)
    .filter((name) => name.endsWith(".ipynb"));
  assert.deepEqual(listed, there.sort());
});
