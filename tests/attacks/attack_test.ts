import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { jsonLines, shellscope } from "../cli/harness.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { openInChromium } from "../notebook/chromium.ts";
import { OUTSIDER, writeHostileSources } from "./hostile_sources.ts";
import { assertPageInert, assertPrintable, csvCells, FORMULA } from "./inert_output.ts";

/** Every file below a folder, and what the folder above it holds. */
async function namesBelow(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    names.push(name, ...isDirectory ? await namesBelow(join(folder, name)) : []);
  }
  return names.sort();
}

Deno.test("hostile values in every field of every source are inert wherever they come out", async (t) => {
  using folder = temporaryFolder();
  const work = join(folder.path, "work");
  await Deno.mkdir(work);
  await Deno.mkdir(join(folder.path, "outside"));
  await Deno.writeTextFile(join(folder.path, "outside/evil.tar"), OUTSIDER);
  const config = join(work, "shellscope.yaml");
  await Deno.writeTextFile(config, await writeHostileSources(work));
  const before = await namesBelow(folder.path);

  const run = await shellscope("run", "--config", config, "--out", join(work, "out"));
  assert.ok([0, 3].includes(run.status), run.err);
  const db = join(work, "s.sqlite");
  {
    using database = new DatabaseSync(db, { readOnly: true });
    const count = (where: string) =>
      Number(database.prepare(`SELECT count(*) AS n FROM sessions WHERE ${where}`).get()!.n);
    for (
      const substrate of ["teleport-recording", "gcp-cloud-audit", "aws-cloudtrail", "asciicast"]
    ) {
      assert.ok(count(`substrate = '${substrate}'`) > 5, `${substrate} gives sessions`);
    }
    const { refused } = database.prepare(
      "SELECT sum(count) AS refused FROM skips WHERE uri LIKE '%people.csv'",
    ).get()!;
    assert.ok(Number(refused) > 10, "names that are none are refused");
    for (const text of ["<script>", "=HYPERLINK", "DROP TABLE", "\x1b]52", "＝1"]) {
      assert.ok(
        count(`instr(coalesce(principal, '') || coalesce(target, ''), '${text}')`) > 0,
        text,
      );
    }
    assert.equal(database.prepare("PRAGMA integrity_check").get()!.integrity_check, "ok");
  }

  await t.step("the terminal shows them as text", async () => {
    assertPrintable(run.out + run.err, "run");
    const calls = [
      ["sessions"],
      ["sessions", "--format", "jsonl"],
      ["findings"],
      ["findings", "--format", "jsonl"],
      ["label", "ls"],
      ["label", "export"],
      ["correlate"],
      ["correlate", "--show", "unmatched"],
      ["correlate", "--show", "ambiguous"],
      ["eval"],
      ["doctor"],
      ["parse", join(work, "casts"), "--format", "jsonl"],
    ];
    for (const call of calls) {
      const isParse = call[0] === "parse";
      const { out, err } = await shellscope(...call, ...isParse ? [] : ["--config", config]);
      assertPrintable(out + err, call.join(" "));
      assert.ok(!(out + err).includes(OUTSIDER));
      if (call.includes("jsonl")) jsonLines(out);
    }
  });

  await t.step("no cell of CSV is a formula", async () => {
    for (const call of [["sessions"], ["correlate", "--show", "unmatched"]]) {
      const { out, status } = await shellscope(...call, "--format", "csv", "--config", config);
      assert.equal(status, 0);
      const cells = csvCells(out);
      assert.ok(cells.some((cell) => cell.startsWith("'＝1")), "formulas are there");
      for (const cell of cells) {
        if (!/^-?[\d.]+(e[+-]?\d+)?$/.test(cell)) assert.doesNotMatch(cell, FORMULA);
      }
      assertPrintable(out, call.join(" "));
    }
  });

  await t.step("no explanation of a session acts", async () => {
    const { out } = await shellscope("sessions", "--format", "jsonl", "--config", config);
    const ids = jsonLines(out).map(({ session_id }) => String(session_id));
    for (const id of ids.filter((_, i) => i % Math.ceil(ids.length / 5) === 0)) {
      const explained = await shellscope("classify", "--explain", id, "--config", config);
      assertPrintable(explained.out + explained.err, id);
    }
  });

  await t.step("the page holds them as text", async () => {
    const html = await Deno.readTextFile(join(work, "out/findings.html"));
    assertPageInert(html);
    const seen = await openInChromium(html);
    if (seen === null) return;
    assert.deepEqual(seen.console, []);
    assert.match(seen.html, /<title>Who drove these sessions\?<\/title>/);
  });

  await t.step("nothing is written but the store and the page", async () => {
    const own = ["findings.html", "out", "s.sqlite", "s.sqlite.key", "s.sqlite.lock"];
    const after = await namesBelow(folder.path);
    const added = after.filter((name) => !before.includes(name));
    assert.deepEqual(added.filter((name) => !/-(wal|shm)$/.test(name)), own);
  });
});
