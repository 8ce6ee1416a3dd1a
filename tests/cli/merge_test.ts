import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { inShard, parseShard } from "../../lib/model/shard.ts";
import { fixturesConfig, OWN_RULES } from "../../lib/pipeline/own_files.ts";
import { mergeStores } from "../../lib/pipeline/merge_stores.ts";
import { runPipeline } from "../../lib/pipeline/run.ts";
import { setLabels } from "../../lib/store/labels.ts";
import { openStore } from "../../lib/store/store.ts";
import fc from "../property.ts";
import { jsonLines, NOW, shellscope } from "./harness.ts";
import { temporaryFolder } from "../temporary_folder.ts";

/**
 * Tables that a run over shards does not leave as one run does: what was read when, and the changes
 * of labels, in which a shard's first verdicts stay beside those by what all shards know together.
 */
const NOT_COMPARED = new Set(["runs", "pulls", "label_history"]);

function dump(path: string): Map<string, string[]> {
  using database = new DatabaseSync(path, { readOnly: true });
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()
    .map(({ name }) => String(name)).filter((name) => !NOT_COMPARED.has(name));
  return new Map(tables.map((name) => [
    name,
    database.prepare(`SELECT * FROM ${name}`).all().map((row) => JSON.stringify(row)).sort(),
  ]));
}

const BY_THE_KIT = { rules: OWN_RULES, now: () => NOW };

async function runInto(db: string, shard?: string): Promise<void> {
  const summary = await runPipeline(fixturesConfig(db), {
    ...BY_THE_KIT,
    ...(shard !== undefined && { shard: parseShard(shard)! }),
  });
  assert.deepEqual(summary.problems, []);
}

Deno.test("exactly one shard takes an id, however many there are", () => {
  fc.assert(fc.property(fc.string(), fc.integer({ min: 1, max: 50 }), (id, of) => {
    const takers = Array.from({ length: of }, (_, i) => i + 1)
      .filter((index) => inShard({ index, of }, id));
    assert.equal(takers.length, 1);
  }));
  for (const text of ["0/4", "5/4", "1/0", "1/4/4", "a/b", "1/99999", ""]) {
    assert.equal(parseShard(text), null, text);
  }
});

Deno.test("stores of two windows of one log, merged, are what one pull would have made", async () => {
  using folder = temporaryFolder();
  const at = (name: string) => join(folder.path, `${name}.sqlite`);
  const noon = new Date("2026-03-11T12:00:00Z");
  const windows = { one: {}, early: { until: noon }, late: { since: noon } };
  for (const [name, window] of Object.entries(windows)) {
    if (name !== "one") await Deno.copyFile(`${at("one")}.key`, `${at(name)}.key`);
    const config = fixturesConfig(at(name));
    const sources = config.sources.filter(({ kind }) => kind === "gcp");
    await runPipeline({ ...config, sources }, { ...BY_THE_KIT, ...window });
  }
  const [merged] = await mergeStores(fixturesConfig(at("early")), [at("late")], BY_THE_KIT);
  assert.ok(merged!.minutes > 100, `${merged!.minutes} minutes`);
  const [expected, actual] = [dump(at("one")), dump(at("early"))];
  for (const table of ["call_minutes", "called_commands", "call_minutes_changed", "identities"]) {
    assert.deepEqual(actual.get(table), expected.get(table), table);
  }
  const idsOf = (tables: typeof actual) =>
    tables.get("sessions")!.map((row) => JSON.parse(row).session_id);
  assert.deepEqual(idsOf(actual), idsOf(expected));
});

Deno.test("four shards, merged, are what one run would have made", async (t) => {
  using folder = temporaryFolder();
  const at = (name: string) => join(folder.path, `${name}.sqlite`);
  await runInto(at("one"));
  const shards = [1, 2, 3, 4].map((index) => at(`shard-${index}`));
  for (const [i, db] of shards.entries()) {
    await Deno.copyFile(`${at("one")}.key`, `${db}.key`);
    await runInto(db, `${i + 1}/4`);
  }

  await t.step("row for row, in every table", async () => {
    const merged = await mergeStores(fixturesConfig(at("all")), shards, BY_THE_KIT);
    const added = merged.map(({ added }) => added);
    assert.ok(added.every((count) => count >= 10), `shares of ${added}`);
    const [expected, actual] = [dump(at("one")), dump(at("all"))];
    for (const [table, rows] of expected) {
      const [here, there] = [new Set(actual.get(table)), new Set(rows)];
      const differing = [...here.symmetricDifference(there)].slice(0, 4);
      assert.deepEqual(differing, [], table);
    }
    console.log(`      shares: ${added.join(", ")}; ${expected.size} tables equal`);
  });

  await t.step("once more changes nothing", async () => {
    const before = dump(at("all"));
    const merged = await mergeStores(fixturesConfig(at("all")), shards, BY_THE_KIT);
    for (const { added, replaced, kept, minutes } of merged) {
      assert.deepEqual([added, replaced, kept, minutes], [0, 0, 0, 0]);
    }
    assert.deepEqual(dump(at("all")), before);
  });

  await t.step(
    "what people wrote down survives, and both sides of a conflict are told",
    async () => {
      const label = (db: string, by: string, value: string, day: string) => {
        using store = openStore(db);
        const row = store.statement("SELECT min(session_id) AS id FROM sessions").get()!;
        const subject_id = String(row["id"]);
        setLabels(store, [{ subject_id, key: "truth.operator-type", value }], {
          ...{ setBy: `manual:${by}`, now: new Date(day) },
        });
        return subject_id;
      };
      const id = label(shards[1]!, "ana", "human", "2026-04-02");
      {
        using store = openStore(at("all"));
        setLabels(store, [{ subject_id: id, key: "truth.operator-type", value: "agent" }], {
          ...{ setBy: "manual:ben", now: new Date("2026-04-03") },
        });
      }
      const merged = await shellscope(
        ...["merge", shards[1]!, "--db", at("all"), "--format", "jsonl"],
      );
      assert.equal(jsonLines(merged.out)[0]!["label_conflicts"], 1, merged.err);
      const { out } = await shellscope("label", "ls", id, "--db", at("all"));
      assert.match(out, /truth\.operator-type +agent +manual:ben/);
      const history = await shellscope("label", "history", id, "--db", at("all"));
      assert.match(history.out, /manual:ana +truth\.operator-type +agent +human/);
    },
  );

  await t.step("a store of another key is refused, and says why", async () => {
    {
      using foreign = openStore(at("foreign"));
      assert.equal(foreign.key.length, 32);
    }
    const { status, err } = await shellscope("merge", at("foreign"), "--db", at("all"));
    assert.equal(status, 1);
    assert.match(err, /made with another key.*copy of one key file/);
    const itself = await shellscope("merge", at("all"), "--db", at("all"));
    assert.match(itself.err, /can't be merged into itself/);
  });
});
