import assert from "node:assert/strict";
import { FEATURE_FAMILIES } from "../../lib/model/feature.ts";
import type { PtyRhythm } from "../../lib/model/pty_features.ts";
import { FEATURES, readRhythm, writeFeatures, writeRhythm } from "../../lib/store/features.ts";
import {
  type NotableEventRow,
  readNotableEvents,
  writeNotableEvents,
} from "../../lib/store/notable_events.ts";
import { readWideRows } from "../../lib/store/frame.ts";
import { dump, sampleStore } from "./sample.ts";

const SQL_TYPES = { integer: "INTEGER", number: "REAL", flag: "INTEGER" } as const;

Deno.test("the feature tables have the columns that the model defines, in its order", () => {
  using store = sampleStore();
  for (const family of FEATURE_FAMILIES) {
    const columns = store.database.prepare(`PRAGMA table_info(features_${family})`).all()
      .map(({ name, type }) => [name, type]);
    const expected = Object.entries(FEATURES[family]).map(([name, { type }]) => {
      assert.ok(name.startsWith(`${family}_`), name);
      return [name, SQL_TYPES[type]];
    });
    assert.deepEqual(columns, [["subject_id", "TEXT"], ...expected]);
  }
});

Deno.test("session_frame has every feature, in the model's order", () => {
  using store = sampleStore();
  const columns = store.database.prepare("PRAGMA table_info(session_frame)").all()
    .map(({ name }) => String(name)).filter((name) => /^(pty|cmd|call|desk|base|act)_/.test(name));
  assert.deepEqual(columns, Object.values(FEATURES).flatMap((table) => Object.keys(table)));
});

Deno.test("writeFeatures() writes whole rows: what is not named is not measured", () => {
  using store = sampleStore("s-1");
  const row = () => [...readWideRows(store)][0]!;
  const full = { subject_id: "s-1", pty_events: 3, pty_gap_p50: 0.25, pty_bracketed_paste: true };
  writeFeatures(store, "pty", [full]);
  const before = dump(store);
  writeFeatures(store, "pty", [full]);
  assert.equal(dump(store), before);
  assert.equal(row()["pty_events"], 3);
  assert.equal(row()["pty_gap_p50"], 0.25);
  assert.equal(row()["pty_bracketed_paste"], true);
  writeFeatures(store, "pty", [{ subject_id: "s-1", pty_events: 4, pty_bracketed_paste: false }]);
  assert.equal(row()["pty_events"], 4);
  assert.equal(row()["pty_gap_p50"], null);
  assert.equal(row()["pty_bracketed_paste"], false);
});

Deno.test("writeFeatures() takes what is not finite as not measured", () => {
  using store = sampleStore("s-1");
  for (const value of [NaN, Infinity, -Infinity, null]) {
    writeFeatures(store, "pty", [{ subject_id: "s-1", pty_gap_p50: value, pty_keys: value }]);
    const [row] = readWideRows(store);
    assert.equal(row!["pty_gap_p50"], null);
    assert.equal(row!["pty_keys"], null);
  }
});

Deno.test("writeFeatures() refuses unknown names, parts of counts and unknown subjects", () => {
  using store = sampleStore("s-1");
  const before = dump(store);
  const write = (fields: Record<string, number>, subject_id = "s-1") => () =>
    writeFeatures(store, "cmd", [{ subject_id, cmd_exec: 1 }, { subject_id, ...fields }]);
  assert.throws(write({ pty_events: 1 }), /no feature "pty_events" in family "cmd"/);
  assert.throws(write({ cmd_exec: 1.5 }), /REAL value in INTEGER/);
  assert.throws(write({ cmd_single_shot: 2 }), /CHECK/);
  assert.throws(write({ cmd_exec: 1 }, "s-9"), /FOREIGN KEY/);
  assert.equal(dump(store), before);
});

Deno.test("writeRhythm() and readRhythm() agree", () => {
  using store = sampleStore("s-1");
  const rhythm: PtyRhythm = {
    bin_seconds: 0.03,
    events: [1, 0, 2],
    bytes: [10, 0, 20],
    gap_histogram: Array(80).fill(3),
  };
  assert.equal(readRhythm(store, "s-1"), null);
  writeRhythm(store, "s-1", rhythm);
  assert.deepEqual(readRhythm(store, "s-1"), rhythm);
  const before = dump(store);
  writeRhythm(store, "s-1", rhythm);
  assert.equal(dump(store), before);
  writeRhythm(store, "s-1", { ...rhythm, events: [] });
  assert.deepEqual(readRhythm(store, "s-1"), { ...rhythm, events: [] });
  const long = { ...rhythm, events: Array(2_001).fill(0) };
  assert.throws(() => writeRhythm(store, "s-1", long), RangeError);
});

Deno.test("writeNotableEvents() replaces a subject's events", () => {
  using store = sampleStore("s-1");
  const event = (kind: string): NotableEventRow => ({
    kind,
    at: "2026-01-01T00:00:00.000Z",
    program: "kubectl",
    program_hash: null,
    subcommand: "get",
    argument_count: 2,
    exit_code: 0,
  });
  writeNotableEvents(store, "s-1", [event("command"), event("join")]);
  const before = dump(store);
  writeNotableEvents(store, "s-1", [event("command"), event("join")]);
  assert.equal(dump(store), before);
  assert.deepEqual(readNotableEvents(store, "s-1"), [event("command"), event("join")]);
  writeNotableEvents(store, "s-1", [event("resize")]);
  assert.deepEqual(readNotableEvents(store, "s-1"), [event("resize")]);
});
