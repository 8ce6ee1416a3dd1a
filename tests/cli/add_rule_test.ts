import assert from "node:assert/strict";
import { join } from "node:path";
import { loadPack } from "../../lib/phase1/pack.ts";

import { shellscope } from "./harness.ts";
import { temporaryFolder } from "../temporary_folder.ts";

/** The rule that `rules/README.md` adds, step by step. */
async function writtenRule(): Promise<{ id: string; text: string }> {
  const manual = await Deno.readTextFile("rules/README.md");
  const [, indented] = /^## Writing one\n[^]*?^ {3}```yaml\n([^]*?)^ {3}```/m.exec(manual)!;
  const text = indented!.replace(/^ {3}/gm, "");
  return { id: /^id: (.+)$/m.exec(text)![1]!, text };
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(join(from, name), join(to, name));
    else await Deno.copyFile(join(from, name), join(to, name));
  }
}

Deno.test("a rule is added as the manual says: its faults are named, its tests run, its votes count", async () => {
  using folder = temporaryFolder();
  const rules = join(folder.path, "rules");
  await copyFolder("rules", rules);
  const { id, text } = await writtenRule();
  const file = join(rules, "recordings", `${id}.yaml`);
  const test = () => shellscope("classify", "--rules", rules, "--test");
  const before = await loadPack(rules);

  await Deno.writeTextFile(file, text.replace("when: pty_joins", "when: pty_join"));
  const misspelt = await test();
  assert.equal(misspelt.status, 2, misspelt.err);
  assert.match(misspelt.err, /others-join\.yaml:5:7: .*did you mean "pty_joins"/);

  await Deno.writeTextFile(
    file,
    text.replace("pty_joins: 0 }, expect: silent", "pty_joins: 2 }, expect: silent"),
  );
  const failing = await test();
  assert.equal(failing.status, 1);
  assert.match(failing.out, /^others-join +test 2 +silent +fires$/m);
  assert.match(failing.err, / tests of \d+ rules, 1 failed\n$/);

  await Deno.writeTextFile(file, text);
  const passing = await test();
  assert.equal(passing.status, 0, passing.out);
  assert.equal(passing.out, "");
  const after = await loadPack(rules);
  assert.equal(after.rules.length, before.rules.length + 1);
  assert.notEqual(after.version, before.version);

  const db = join(folder.path, "s.sqlite");
  await shellscope("parse", "fixtures/casts", "--db", db);
  const compared = await shellscope(
    ...["eval", "--rules", rules, "--against", "rules", "--db", db, "--format", "jsonl"],
  );
  assert.equal(compared.status, 0, compared.err);
  assert.equal(JSON.parse(compared.out).after, after.version);
});
