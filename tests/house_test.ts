import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { ALL_ROOMS, MAY_IMPORT } from "./rooms.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const LIB = join(ROOT, "lib");

function* typeScriptFiles(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) yield* typeScriptFiles(path);
    else if (entry.name.endsWith(".ts")) yield path;
  }
}

function room(path: string): string {
  return relative(LIB, path).split("/")[0]!;
}

/** How a file takes names from another: as it is loaded, or at run time. No names: all of them. */
const TAKES = [
  /\b(?:import|export) (?:type )?(?:\{(?<names>[^{}]*)\}|\*[\w ]*) from "(?<target>\.[^"]+)"/g,
  /\{(?<names>[^{}]*)\} = await import\("(?<target>\.[^"]+)"\)/g,
  /\(await import\("(?<target>\.[^"]+)"\)\)\.(?<names>\w+)/g,
];
const EXPORTS = /^export (?:async |abstract )?(?:function\*?|class|const|interface|type) (\w+)/gm;

Deno.test("imports between rooms go one way", () => {
  const wrong: string[] = [];
  for (const path of typeScriptFiles(LIB)) {
    const text = Deno.readTextFileSync(path);
    const allowed = MAY_IMPORT[room(path)];
    assert.ok(allowed, `${relative(ROOT, path)} stands in a room that the design does not name`);
    for (const [, target] of text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)) {
      const other = room(join(dirname(path), target!));
      if (other === room(path) || allowed === ALL_ROOMS || allowed.includes(other)) continue;
      // the bundled protocol definitions lie outside lib
      if (other === "..") continue;
      wrong.push(`${relative(ROOT, path)} imports ${target}`);
    }
  }
  assert.deepEqual(wrong, []);
});

Deno.test("no file needs itself, over others", () => {
  const needs = new Map<string, string[]>();
  for (const path of typeScriptFiles(LIB)) {
    const text = Deno.readTextFileSync(path);
    const targets = [...text.matchAll(TAKES[0]!)].filter(([all, names]) =>
      !/^(import|export) type /.test(all) &&
      !names?.split(",").every((it) => /^\s*(type |$)/.test(it))
    );
    needs.set(path, targets.map(({ groups }) => join(dirname(path), groups!["target"]!)));
  }
  // whoever needs none of those that are left, or is needed by none, stands in no circle
  for (let before = -1; before !== needs.size;) {
    before = needs.size;
    const needed = new Set([...needs.values()].flat());
    for (const [path, others] of needs) {
      if (!needed.has(path) || !others.some((other) => needs.has(other))) needs.delete(path);
    }
  }
  assert.deepEqual([...needs.keys()].map((path) => relative(ROOT, path)), []);
});

Deno.test("what a file exports another one imports, or the public surface", () => {
  const texts = ["lib", "tests", "fixtures"].flatMap((folder) =>
    [...typeScriptFiles(join(ROOT, folder))].map((path) => ({
      file: relative(ROOT, path),
      text: Deno.readTextFileSync(path),
    }))
  );
  const taken = new Set<string>();
  for (const { file, text } of texts) {
    for (const { groups } of TAKES.flatMap((pattern) => [...text.matchAll(pattern)])) {
      const from = join(dirname(file), groups!["target"]!);
      // of `type a` the a, of `a as b` too
      const names = groups!["names"]?.split(",").map((it) => it.match(/\s*(?:type )?(\w*)/)![1]);
      for (const name of names ?? ["*"]) taken.add(`${from} ${name}`);
    }
  }
  const idle = texts.flatMap(({ file, text }) =>
    taken.has(`${file} *`) ? [] : [...text.matchAll(EXPORTS)].map(([, name]) => `${file} ${name}`)
  );
  assert.deepEqual(idle.filter((name) => !taken.has(name)), []);
});

Deno.test("no file is long enough to hide a second idea", () => {
  const long = [...typeScriptFiles(LIB)].filter((path) =>
    Deno.readTextFileSync(path).split("\n").length > 600
  );
  assert.deepEqual(long.map((path) => relative(ROOT, path)), []);
});

Deno.test("the top level holds only what the design names", () => {
  const known = new Set([
    ...["deno.json", "deno.lock", "README.md", "CHANGELOG.md", "LICENSE"],
    ...["lib", "notebooks", "proto", "rules", "fixtures", "tests"],
  ]);
  const ignored = /^\.|\.sqlite|^out$|^shellscope\.yaml$/;
  const strays = [...Deno.readDirSync(ROOT)].map((entry) => entry.name)
    .filter((name) => !known.has(name) && !ignored.test(name));
  assert.deepEqual(strays, []);
});
