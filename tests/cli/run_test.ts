import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { MARKER } from "../../fixtures/generate/marker.ts";
import { jsonLines, shellscope } from "./harness.ts";
import { temporaryFolder } from "../temporary_folder.ts";

/** Every row of every table, but of those that grow with each run. */
function dump(path: string): Map<string, string[]> {
  using database = new DatabaseSync(path, { readOnly: true });
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  return new Map(
    tables.map(({ name }) => String(name)).filter((name) => name !== "runs" && name !== "pulls")
      .map((name) => [
        name,
        database.prepare(`SELECT * FROM ${name}`).all().map((row) => JSON.stringify(row)).sort(),
      ]),
  );
}

function countRows(path: string, table: string): number {
  using database = new DatabaseSync(path, { readOnly: true });
  return Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()!.n);
}

/** Files below a folder that hold the marker, as text of one or two bytes a letter, or escaped. */
async function filesWithMarker(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) {
      found.push(...await filesWithMarker(path));
      continue;
    }
    const text = new TextDecoder("latin1").decode(await Deno.readFile(path));
    if (holdsMarker(text) || holdsMarker(text.replaceAll("\0", ""))) found.push(path);
  }
  return found;
}

function holdsMarker(text: string): boolean {
  const lower = text.toLowerCase();
  return [MARKER, btoa(MARKER).slice(0, -4)].some((form) => lower.includes(form.toLowerCase()));
}

Deno.test("run goes from the fixtures to labelled sessions and a page, and twice changes nothing", async () => {
  using folder = temporaryFolder();
  const [db, out] = [join(folder.path, "run.sqlite"), join(folder.path, "out")];

  const first = await shellscope("run", "--db", db, "--out", out, "--format", "jsonl");
  assert.equal(first.status, 0, first.err);
  const [summary] = jsonLines(first.out) as [{ verdicts: Record<string, number> }];
  for (const type of ["human", "agent", "automation", "unknown"]) {
    assert.ok(summary.verdicts[type]! > 0, `no session is ${type}`);
  }
  const page = await Deno.readTextFile(join(out, "findings.html"));
  assert.match(page, /not checked for sharing/);
  assert.ok(page.includes("<svg"), "the page has charts");
  const rows = dump(db);

  const second = await shellscope("run", "--db", db, "--out", out);
  assert.equal(second.status, 0, second.err);
  for (const [table, before] of rows) assert.deepEqual(dump(db).get(table), before, table);
  assert.equal(countRows(db, "runs"), 2);
  assert.ok(countRows(db, "pulls") >= 2);

  // promise 1: what the sessions held is nowhere
  assert.ok((await filesWithMarker("fixtures")).length > 10, "the marker is planted");
  assert.deepEqual(await filesWithMarker(folder.path), []);
  for (const { out, err } of [first, second]) {
    assert.equal(holdsMarker(out + err), false, "stdout and stderr");
  }
  for (const verb of [["sessions", "--format", "jsonl"], ["sessions", "--format", "csv"]]) {
    const printed = await shellscope(...verb, "--db", db);
    assert.equal(holdsMarker(printed.out + printed.err), false, verb.join(" "));
  }
});

Deno.test("run names a source that can't be read, does the rest, and ends with 3", async () => {
  using folder = temporaryFolder();
  const config = join(folder.path, "shellscope.yaml");
  await Deno.writeTextFile(
    config,
    `store: ./s.sqlite
sources:
  - kind: teleport
    events: { archive: ./nowhere }
  - kind: aws
    archive: ./nothing
  - kind: recordings
    folder: ${JSON.stringify(join(Deno.cwd(), "fixtures/casts"))}
`,
  );
  const { status, out, err } = await shellscope("run", "--config", config, "--out", folder.path);
  assert.equal(status, 3, err);
  assert.match(out, /Problem +teleport .*nowhere/);
  assert.match(out, /Problem +aws .*no such file or folder/);
  assert.match(out, /Sessions +[1-9]/);
  using database = new DatabaseSync(join(folder.path, "s.sqlite"), { readOnly: true });
  const [pull] = database.prepare("SELECT outcome, detail FROM pulls").all();
  assert.equal(pull?.outcome, "failed");
  assert.match(String(pull?.detail), /Cannot read the folder of events/);
});
