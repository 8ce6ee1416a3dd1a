import assert from "node:assert/strict";
import { join } from "node:path";
import { copyProject } from "./project_copy.ts";

/**
 * The README's commands, run as they stand in a copy of the project: `console` blocks print what
 * they show, `sh` blocks end with status 0. What changes from run to run is masked.
 */

const SHARED = "../shared/data";
const hasShared = await Deno.stat(SHARED).then(() => true, () => false);
if (!hasShared) console.warn(`${SHARED} is absent: the README's commands on it are left out`);

/** Commands that would call this test, or that take minutes: their tasks are only looked up. */
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

function words(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
}

function masked(text: string): string {
  return text.replace(/phase1@[0-9a-f]+/g, "phase1@…").replace(/Time +[\d.]+ s/g, "Time …").trim();
}

Deno.test("the README's commands do what it says", async (t) => {
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
    const commands = commandsOf(await Deno.readTextFile("README.md"));
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
          assert.equal(masked(new TextDecoder().decode(stdout)), masked(expected));
        },
      });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the README names every task", async () => {
  const readme = await Deno.readTextFile("README.md");
  const { tasks } = JSON.parse(await Deno.readTextFile("deno.json"));
  for (const name of Object.keys(tasks)) {
    assert.match(readme, new RegExp(`\`?deno task ${name}\\b|deno@[\\d.]+ task ${name}\\b`), name);
  }
});
