import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { classify } from "../../../lib/phase1/classify.ts";
import { loadPack } from "../../../lib/phase1/pack.ts";
import { parseRecordings } from "../../../lib/pipeline/recordings/parse_recordings.ts";
import { readWideRows } from "../../../lib/store/frame.ts";
import { openStore } from "../../../lib/store/store.ts";
import { dump } from "../../store/sample.ts";

const NOW = new Date("2026-04-01T12:00:00.000Z");
const path = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));

Deno.test("parseRecordings() and classify(): hand-overs come out mixed, and nothing else", async () => {
  using store = openStore(":memory:", { now: () => NOW });
  const pack = await loadPack(path("rules"));
  const folders = [path("fixtures/teleport/sessions"), path("fixtures/casts")];
  const summary = await parseRecordings(folders, { store, now: NOW });
  assert.ok(summary.sessions > 50);
  classify(store, pack, { now: NOW });
  const rows = [...readWideRows(store, { kind: "session" })];
  const mixed = rows.filter((row) => row["operator_type"] === "mixed").map((row) => row.subject_id);
  const truth = rows.filter((row) => row.labels["truth.operator-type"] === "mixed");
  assert.deepEqual(mixed, truth.map((row) => row.subject_id));
  assert.equal(mixed.length, 3);
  const segments = [...readWideRows(store, { kind: "segment" })];
  assert.deepEqual(new Set(segments.map((row) => row["session_id"])), new Set(mixed));
  assert.ok(segments.every((row) => ["human", "agent"].includes(String(row["operator_type"]))));

  const before = dump(store);
  await parseRecordings(folders, { store, now: NOW });
  assert.equal(classify(store, pack, { now: NOW }).changed, 0);
  assert.deepEqual(dump(store), before);
});
