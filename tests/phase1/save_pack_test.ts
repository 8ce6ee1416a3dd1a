import assert from "node:assert/strict";
import { RuleError } from "../../lib/model/errors.ts";
import { loadPack } from "../../lib/phase1/pack.ts";
import { savePack } from "../../lib/phase1/save_pack.ts";
import { OWN_RULES } from "../../lib/pipeline/own_files.ts";
import { temporaryFolder } from "../temporary_folder.ts";

Deno.test("savePack() changes the values named and nothing else", async () => {
  using folder = temporaryFolder();
  const pack = await loadPack(OWN_RULES);
  const own = [...pack.params.values()].find(({ fullName }) => fullName.includes("."))!;
  const shared = [...pack.params.values()].find(({ fullName }) => !fullName.includes("."))!;
  const values = new Map([[own.fullName, own.min!], [shared.fullName, shared.max!]]);
  const saved = await savePack(OWN_RULES, folder.path, values);
  assert.notEqual(saved.hash, pack.hash);
  for (const [name, { value }] of (await loadPack(folder.path)).params) {
    assert.equal(value, values.get(name) ?? pack.params.get(name)!.value, name);
  }
  const back = new Map([[own.fullName, own.value], [shared.fullName, shared.value]]);
  using other = temporaryFolder();
  assert.equal((await savePack(folder.path, other.path, back)).hash, pack.hash);
  const text = await Deno.readTextFile(`${OWN_RULES}/pack.yaml`);
  assert.equal(await Deno.readTextFile(`${other.path}/pack.yaml`), text, "comments stay");
});

Deno.test("savePack() writes nothing for a parameter that there is not, or a value out of range", async () => {
  using folder = temporaryFolder();
  const cases: [string, number][] = [["no-such.thing", 1], ["enough_events", 1e9]];
  for (const [name, value] of cases) {
    await assert.rejects(savePack(OWN_RULES, folder.path, new Map([[name, value]])), RuleError);
    assert.deepEqual([...Deno.readDirSync(folder.path)], []);
  }
});
