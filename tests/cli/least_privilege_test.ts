import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "./harness.ts";

const KIT = fileURLToPath(new URL("../../", import.meta.url));
const { tasks } = JSON.parse(await Deno.readTextFile(join(KIT, "deno.json"))) as {
  tasks: Record<string, { command: string }>;
};

/** The words of a task as a shell would hand them to Deno. */
function wordsOf(task: string): string[] {
  const command = tasks[task]!.command.replaceAll(
    "$(deno eval -p 'Deno.execPath()')",
    Deno.execPath(),
  );
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)]
    .map(([, one, other, bare]) => one ?? other ?? bare!).slice(1);
}

/** A task's words without one flag, or without one thing of a flag's list. */
function without(words: readonly string[], flag: string, thing?: string): string[] {
  return words.flatMap((word) => {
    const [name, list] = word.split("=", 2);
    if (name !== flag) return [word];
    const left = thing === undefined ? [] : list!.split(",").filter((other) => other !== thing);
    assert.ok(thing === undefined || left.length < list!.split(",").length, `${flag}=${thing}`);
    return left.length === 0 ? [] : [`${flag}=${left.join(",")}`];
  });
}

async function ended(words: readonly string[], args: readonly string[]) {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...words, ...args],
    ...{ cwd: KIT, stdin: "null", env: { NO_COLOR: "1" } },
  }).output();
  return { code, said: new TextDecoder().decode(stderr) };
}

const ENV = "--allow-env";

Deno.test("run works under its flags, and not with one less", async (t) => {
  using folder = temporaryFolder();
  const config = join(folder.path, "shellscope.yaml");
  await Deno.writeTextFile(
    config,
    `store: ./s.sqlite\nsources:\n  - { kind: gcp, archive: "${KIT}fixtures/across/gcp" }\n`,
  );
  const call = ["--config", config, "--out", folder.path];
  const words = wordsOf("run");
  const whole = await ended(words, call);
  assert.equal(whole.code, 0, whole.said);
  const less: [flag: string, thing?: string][] = [
    ["--allow-read"],
    ["--allow-write"],
    ["--allow-ffi"],
    ["--allow-net", "127.0.0.1"],
    ["--allow-sys", "hostname"],
    ["--allow-run"],
    [ENV, "USER"],
    [ENV, "HOME"],
    [ENV, "TMPDIR"],
  ];
  for (const [flag, thing] of less) {
    await t.step(`without ${flag}${thing === undefined ? "" : `=${thing}`}`, async () => {
      const { code, said } = await ended(without(words, flag, thing), call);
      assert.notEqual(code, 0, said);
    });
  }
});

Deno.test("render works under its flags, and not with one less", async (t) => {
  using folder = temporaryFolder();
  const db = join(folder.path, "s.sqlite");
  const args = ["parse", join(KIT, "fixtures/casts"), "--db", db];
  await ended(wordsOf("shellscope"), args);
  const words = wordsOf("render");
  const call = ["notebooks/07_findings.ipynb", "--db", db, "--out", folder.path];
  const whole = await ended(words, call);
  assert.equal(whole.code, 0, whole.said);
  const less: [flag: string, thing?: string][] = [
    ["--allow-read"],
    ["--allow-write"],
    ["--allow-ffi"],
    ["--allow-net"],
    ["--allow-run"],
    [ENV, "HOME"],
  ];
  for (const [flag, thing] of less) {
    await t.step(`without ${flag}${thing === undefined ? "" : `=${thing}`}`, async () => {
      const { code, said } = await ended(without(words, flag, thing), call);
      assert.notEqual(code, 0, said);
    });
  }
});

Deno.test("soak and lab work under their flags, and not with one less", async (t) => {
  const words = wordsOf("soak");
  assert.equal((await ended(words, ["--seconds", "0"])).code, 0);
  // it writes, below out/ only, where it finds a fault
  assert.deepEqual(words.filter((word) => /^--allow-(?!read)/.test(word)), ["--allow-write=out"]);
  await t.step("soak without --allow-read", async () => {
    assert.notEqual((await ended(without(words, "--allow-read"), ["--seconds", "0"])).code, 0);
  });
  const lab = wordsOf("lab");
  await t.step("lab without --allow-run", async () => {
    // with it the kernel would be installed for whoever runs the tests
    assert.match((await ended(without(lab, "--allow-run"), [])).said, /run access/);
  });
});

Deno.test("run and shellscope have the same flags, render has no more, and none has all of the network", () => {
  const flags = (task: string) =>
    new Map(
      wordsOf(task).filter((word) => word.startsWith("--allow")).map((word) => {
        const [name, list] = word.split("=", 2);
        return [name!, list?.split(",") ?? null];
      }),
    );
  assert.deepEqual(flags("run"), flags("shellscope"));
  for (const [flag, list] of flags("render")) {
    const wider = flags("run").get(flag);
    assert.ok(wider !== undefined, flag);
    if (wider !== null) assert.ok(list!.every((thing) => wider.includes(thing)), flag);
  }
  const hosts =
    /^(127\.0\.0\.1|\*\.amazonaws\.com|\*\.googleapis\.com|metadata\.google\.internal|169\.254\.(169\.254|170\.2|170\.23))$/;
  for (const task of ["run", "shellscope", "render", "lab", "soak", "soak:run", "fixtures"]) {
    for (const host of flags(task).get("--allow-net") ?? []) assert.match(host, hosts, task);
    assert.notEqual(flags(task).get("--allow-net"), null, task);
    assert.notEqual(flags(task).get(ENV), null, task);
    assert.notEqual(flags(task).get("--allow-run"), null, task);
  }
});

Deno.test("no variable is open to a task that the README does not list", async () => {
  const readme = await Deno.readTextFile(join(KIT, "README.md"));
  const [, section] = /Environment variables that the tasks read:([^]*?)\n\n/.exec(readme)!;
  const listed = [...section!.matchAll(/`([A-Za-z_*…]+)`/g)].map(([, name]) => name!);
  const isListed = (name: string) =>
    listed.some((other) =>
      other.endsWith("…")
        ? name.toUpperCase().startsWith(other.slice(0, -1))
        : other === name.toUpperCase()
    );
  const open = wordsOf("run").find((word) => word.startsWith(ENV))!.split("=")[1]!.split(",");
  const missing = open.map((name) => name.replace(/\*$/, "")).filter((name) => !isListed(name));
  assert.deepEqual(missing, []);
});
