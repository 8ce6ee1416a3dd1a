import assert from "node:assert/strict";
import { join } from "node:path";
import { parseRecordings } from "../../../lib/pipeline/recordings/parse_recordings.ts";
import { parseLabelTable } from "../../../lib/sources/labels_table.ts";
import { readSkips } from "../../../lib/store/runs.ts";
import { openStore } from "../../../lib/store/store.ts";
import { NOW } from "../../cli/harness.ts";
import { temporaryFolder } from "../../temporary_folder.ts";

const CAST = '{"version":2,"width":80,"height":24}\n[0.1,"o","x"]\n';

Deno.test("parseRecordings() forgets what it left out once it is mended", async () => {
  using folder = temporaryFolder();
  using store = openStore(":memory:");
  const cast = join(folder.path, "a.cast");
  const sidecar = join(folder.path, "a.labels.json");
  await Deno.writeTextFile(cast, "no recording");
  await parseRecordings([folder.path, join(folder.path, "b.cast")], { store, now: NOW });
  assert.equal(readSkips(store).length, 2);
  await Deno.writeTextFile(cast, CAST);
  await Deno.writeTextFile(sidecar, "no JSON");
  await Deno.writeTextFile(join(folder.path, "b.cast"), CAST);
  await parseRecordings([folder.path], { store, now: NOW });
  assert.deepEqual(readSkips(store).map(({ reason }) => reason), ["file is no JSON"]);
  await Deno.remove(sidecar);
  await parseRecordings([folder.path], { store, now: NOW });
  assert.deepEqual(readSkips(store), []);
});

Deno.test("parseRecordings() counts rows of the table that it does not take", async () => {
  using folder = temporaryFolder();
  using store = openStore(":memory:");
  const cast = join(folder.path, "a.cast");
  await Deno.writeTextFile(cast, CAST);
  const text = "file\ttruth.operator-type\na.cast\thuman\na.cast\tagent\n../x\thuman\n\thuman\n";
  const labels = parseLabelTable(text, join(folder.path, "labels.tsv"));
  const summary = await parseRecordings([cast], { store, now: NOW, labels });
  const refused = {
    "file comes twice": 1,
    "file lies outside the table's folder": 1,
    "row names no file": 1,
  };
  assert.deepEqual(summary.refusedRows, refused);
  const told = readSkips(store).map(({ reason, count }) => [reason, count]);
  assert.deepEqual(Object.fromEntries(told), refused);
});
