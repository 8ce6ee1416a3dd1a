import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { fixturesConfig, OWN_RULES } from "../../lib/pipeline/own_files.ts";
import { runPipeline } from "../../lib/pipeline/run.ts";
import { columnForm } from "../../lib/store/column_forms.ts";
import { openStore } from "../../lib/store/store.ts";
import { jsonLines, NOW, shellscope } from "../cli/harness.ts";
import { openInChromium } from "../notebook/chromium.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { columnsOf, fillEmptyTables } from "./filled_store.ts";
import { HOSTILE_VALUES } from "./hostile_values.ts";
import { assertPageInert, assertPrintable, assertVerbsInert, csvCells } from "./inert_output.ts";

const FOLDER = fileURLToPath(new URL("../../fixtures/casts", import.meta.url));
const SOURCES = `store: ./s.sqlite
sources:
  - { kind: recordings, folder: ${JSON.stringify(FOLDER)} }
`;

/** Everything that a shard holds; two hostile texts are equal where those they stand for were. */
function makeHostile(path: string): number {
  using store = openStore(path);
  const { database } = store;
  database.exec("PRAGMA foreign_keys = OFF");
  fillEmptyTables(store);
  const stands = new Map<string, string>();
  database.function("hostile", { deterministic: true }, (value) => {
    if (value === null) return null;
    const text = String(value);
    const known = stands.get(text);
    if (known !== undefined) return known;
    const hostile = HOSTILE_VALUES[stands.size % HOSTILE_VALUES.length]!;
    // what stands behind makes it one of a kind, as ids must be
    const made = `${hostile}${stands.size < HOSTILE_VALUES.length ? "" : stands.size}`
      .toWellFormed().replaceAll("\0", "\ufffd");
    stands.set(text, made);
    return made;
  });
  const texts = columnsOf(store).filter(({ table, name }) =>
    columnForm(table, name)?.is === "any" && `${table}.${name}` !== "call_settings.settings"
  );
  for (const table of new Set(texts.map(({ table }) => table))) {
    const own = texts.filter((column) => column.table === table);
    database.exec(
      `UPDATE ${table} SET ${own.map(({ name }) => `"${name}" = hostile("${name}")`)}`,
    );
  }
  // as far from now as a moment can be written
  for (const { table, name } of columnsOf(store)) {
    if (columnForm(table, name)?.is !== "time" || name === "minute") continue;
    for (
      const [most, moment] of [["max", "9999-12-31T23:59:59.999Z"], [
        "min",
        "0001-01-01T00:00:00.000Z",
      ]]
    ) {
      database.prepare(
        `UPDATE ${table} SET "${name}" = ? WHERE "${name}" = (SELECT ${most}("${name}") FROM ${table})`,
      ).run(moment!);
    }
  }
  return texts.length;
}

Deno.test("a store whose every text is hostile, merged into a good one, is inert wherever it comes out", async (t) => {
  using folder = temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const config = at("shellscope.yaml");
  await Deno.writeTextFile(config, SOURCES);
  const parse = ["parse", FOLDER, "--db", at("s.sqlite")];
  // some of them are broken
  assert.equal((await shellscope(...parse)).status, 3);
  await shellscope("classify", "--config", config);
  const sessions = async () =>
    jsonLines((await shellscope("sessions", "--format", "jsonl", "--config", config)).out);
  const good = await sessions();
  assert.ok(good.length > 3);

  const shard = at("shard.sqlite");
  await runPipeline(fixturesConfig(shard), { rules: OWN_RULES, now: () => NOW });
  await Deno.copyFile(`${shard}.key`, at("s.sqlite.key"));
  console.log(`${makeHostile(shard)} columns of hostile texts`);

  const merged = await shellscope("merge", shard, "--config", config);
  assert.equal(merged.status, 0, merged.err);
  assertPrintable(merged.out + merged.err, "merge");
  const run = await shellscope("run", "--config", config, "--out", at("out"));
  assert.equal(run.status, 0, run.err);
  assertPrintable(run.out + run.err, "run");

  await t.step("the good sessions are as they were, beside the hostile ones", async () => {
    const now = new Map((await sessions()).map((row) => [row["session_id"], row]));
    assert.ok(now.size > good.length + 200);
    for (const row of good) {
      const known = now.get(row["session_id"])!;
      for (const name of ["operator_type", "principal", "pty_events"]) {
        assert.equal(known[name], row[name], name);
      }
    }
    using database = new DatabaseSync(at("s.sqlite"), { readOnly: true });
    assert.equal(database.prepare("PRAGMA integrity_check").get()!.integrity_check, "ok");
  });

  await t.step("verbs show it as text", async () => {
    await assertVerbsInert(config);
    for (const verb of [["correlate"], ["classify"], ["doctor"], ["label", "export"]]) {
      const { out, err } = await shellscope(...verb, "--config", config);
      assertPrintable(out + err, verb.join(" "));
      assert.doesNotMatch(err, /Unexpected/, verb.join(" "));
    }
    const { out } = await shellscope("sessions", "--format", "csv", "--config", config);
    assert.ok(csvCells(out).some((cell) => /^'[=+@＝]/.test(cell)), "formulas are there");
  });

  await t.step("the page holds it as text", async () => {
    const html = await Deno.readTextFile(at("out/findings.html"));
    assertPageInert(html);
    const seen = await openInChromium(html);
    if (seen === null) return;
    assert.deepEqual(seen.console, []);
    assert.match(seen.html, /<title>Who drove these sessions\?<\/title>/);
  });
});
