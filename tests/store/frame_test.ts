import assert from "node:assert/strict";
import { LabelError } from "../../lib/model/errors.ts";
import { FEATURES, writeFeatures } from "../../lib/store/features.ts";
import { frameColumns, readWideRows } from "../../lib/store/frame.ts";
import { setLabels } from "../../lib/store/labels.ts";
import { featureColumns, queryFrame, sessionFrame } from "../../lib/store/polars_frame.ts";
import { upsertRecording, upsertSession, upsertSubject } from "../../lib/store/sessions.ts";
import type { Store } from "../../lib/store/store.ts";
import { writeVerdicts } from "../../lib/store/verdicts.ts";
import { NOW, recordingRow, sampleStore, sessionRow, verdictRow } from "./sample.ts";

/** Three sessions, one of them classified, one bare; a segment and an activity. */
function frameStore(): Store {
  const store = sampleStore("s-1", "s-2", "s-3");
  const by = { setBy: "import:x", now: NOW };
  setLabels(store, [{ subject_id: "s-1", key: "fixture.source", value: "a" }], by);
  setLabels(store, [{ subject_id: "s-2", key: "fixture.source", value: "b" }], by);
  setLabels(store, [{ subject_id: "s-2", key: "routing.cohort", value: "kube" }], by);
  upsertRecording(store, recordingRow());
  upsertRecording(store, recordingRow({ recording_id: "r-2", state: "truncated" }));
  writeFeatures(store, "pty", [
    { subject_id: "s-1", pty_events: 3, pty_gap_p50: 0.5, pty_bracketed_paste: false },
    { subject_id: "s-3", pty_events: 2 ** 40, pty_gap_p50: 2, pty_bracketed_paste: true },
  ]);
  writeVerdicts(store, [verdictRow()]);
  upsertSubject(store, {
    subject_id: "s-1#0-5",
    kind: "segment",
    session_id: "s-1",
    from_seconds: 0,
    until_seconds: 5.5,
  });
  upsertSubject(store, {
    subject_id: "activity",
    kind: "activity",
    session_id: null,
    from_seconds: null,
    until_seconds: null,
  });
  return store;
}

const HEAD = [
  ...["subject_id", "subject_kind", "session_id", "from_seconds", "until_seconds", "substrate"],
  ...["kind", "principal", "login", "target", "scope", "driver", "user_kind", "started_at"],
  ...["ended_at", "duration_seconds", "uploaded_at", "no_recording", "updated_at"],
  ...["recording_state", "recordings"],
];
const TAIL = [
  ...["operator_type", "operator_set_by", "confidence", "cohort", "members", "activity_id"],
  ...["activity_relation", "activity_operator_type"],
];
const FEATURE_NAMES = Object.values(FEATURES).flatMap((table) => Object.keys(table));

Deno.test("frameColumns() is the wide row's layout", () => {
  using store = sampleStore();
  assert.deepEqual(frameColumns(store), [...HEAD, ...FEATURE_NAMES, ...TAIL, "labels"]);
});

Deno.test("readWideRows() joins a subject with all that is known of it", () => {
  using store = frameStore();
  const rows = [...readWideRows(store)];
  assert.deepEqual(rows.map((row) => row.subject_id), ["activity", "s-1", "s-1#0-5", "s-2", "s-3"]);
  const [activity, first, segment, second] = rows;
  const none = Object.fromEntries(FEATURE_NAMES.map((name) => [name, null]));
  assert.deepEqual(first, {
    subject_kind: "session",
    subject_id: "s-1",
    from_seconds: null,
    until_seconds: null,
    ...sessionRow(),
    updated_at: NOW.toISOString(),
    recording_state: "truncated",
    recordings: 2,
    ...none,
    pty_events: 3,
    pty_gap_p50: 0.5,
    pty_bracketed_paste: false,
    operator_type: "human",
    operator_set_by: "phase1@0a1b2c3d",
    confidence: 0.912345,
    cohort: null,
    ...{ members: null, activity_id: null, activity_relation: null },
    activity_operator_type: null,
    labels: {
      "confidence.operator-type": "0.9123",
      "fixture.source": "a",
      "operator.type": "human",
      "substrate.kind": "teleport-recording",
    },
  });
  assert.deepEqual(Object.keys(first!), frameColumns(store));
  assert.equal(segment!["session_id"], "s-1");
  assert.equal(segment!["until_seconds"], 5.5);
  assert.equal(segment!["principal"], "ana@example.com");
  assert.equal(segment!["pty_events"], null);
  assert.deepEqual(segment!.labels, {});
  assert.equal(second!["cohort"], "kube");
  assert.equal(second!["recordings"], 0);
  assert.equal(second!["recording_state"], null);
  assert.equal(activity!["session_id"], null);
  assert.equal(activity!["recordings"], null);
  assert.equal(activity!["members"], 0);
});

Deno.test("readWideRows() selects by labels, ids and kind together", () => {
  using store = frameStore();
  const ids = (query: Parameters<typeof readWideRows>[1]) =>
    [...readWideRows(store, query)].map((row) => row.subject_id);
  assert.deepEqual(ids({ kind: "session" }), ["s-1", "s-2", "s-3"]);
  assert.deepEqual(ids({ selector: "fixture.source" }), ["s-1", "s-2"]);
  assert.deepEqual(ids({ selector: "fixture.source!=a", kind: "session" }), ["s-2", "s-3"]);
  assert.deepEqual(ids({ subjects: ["s-3", "s-1", "s-3", "nobody"] }), ["s-1", "s-3"]);
  assert.deepEqual(ids({ subjects: ["s-3", "s-1"], selector: "!fixture.source" }), ["s-3"]);
  assert.deepEqual(ids({ subjects: [] }), []);
  assert.throws(() => ids({ selector: "a b" }), LabelError);
});

Deno.test("readWideRows() has no confidence for a type set by hand", () => {
  using store = frameStore();
  const label = { subject_id: "s-1", key: "operator.type", value: "agent" };
  setLabels(store, [label], { setBy: "manual:ana", now: NOW });
  const [row] = readWideRows(store, { subjects: ["s-1"] });
  assert.equal(row!["operator_type"], "agent");
  assert.equal(row!["operator_set_by"], "manual:ana");
  assert.equal(row!["confidence"], null);
});

Deno.test("readWideRows() goes through more rows than it fetches at a time, while they change", () => {
  using store = sampleStore();
  store.transaction(() => {
    for (let i = 0; i < 4_500; i++) {
      upsertSession(store, sessionRow({ session_id: `s-${String(i).padStart(5, "0")}` }));
    }
  });
  const label = { key: "seen", value: "1" };
  let count = 0;
  for (const { subject_id } of readWideRows(store, { selector: "!seen" })) {
    count++;
    setLabels(store, [{ subject_id, ...label }], { setBy: "ingest", now: NOW });
  }
  assert.equal(count, 4_500);
  let last = "";
  for (const row of readWideRows(store)) {
    assert.ok(row.subject_id > last);
    last = row.subject_id;
    count--;
  }
  assert.equal(count, 0);
});

Deno.test("sessionFrame() keeps order, types and nulls, and spreads labels", () => {
  using store = frameStore();
  const frame = sessionFrame(store, { kind: "session" });
  assert.deepEqual(frame.columns, [
    ...[...HEAD, ...FEATURE_NAMES, ...TAIL],
    ...["label:confidence.operator-type", "label:fixture.source", "label:operator.type"],
    ...["label:routing.cohort", "label:substrate.kind"],
  ]);
  assert.deepEqual(frame.shape, { height: 3, width: frame.columns.length });
  const column = (name: string) => {
    const series = frame.getColumn(name);
    return [series.dtype.toString(), series.toArray()];
  };
  const cases: [name: string, type: string, values: unknown[]][] = [
    ["subject_id", "String", ["s-1", "s-2", "s-3"]],
    ["from_seconds", "Float64", [null, null, null]],
    ["duration_seconds", "Float64", [60.5, 60.5, 60.5]],
    ["driver", "String", [null, null, null]],
    ["recordings", "Int64", [2, 0, 0]],
    ["recording_state", "String", ["truncated", null, null]],
    ["pty_events", "Int64", [3, null, 2 ** 40]],
    ["pty_gap_p50", "Float64", [0.5, null, 2]],
    ["pty_bracketed_paste", "Bool", [false, null, true]],
    ["cmd_single_shot", "Bool", [null, null, null]],
    ["call_calls", "Int64", [null, null, null]],
    ["confidence", "Float64", [0.912345, null, null]],
    ["cohort", "String", [null, "kube", null]],
    ["label:fixture.source", "String", ["a", "b", null]],
    ["label:routing.cohort", "String", [null, "kube", null]],
  ];
  for (const [name, type, values] of cases) {
    const [dtype, array] = column(name);
    assert.ok(String(dtype).includes(type), `${name} is ${dtype}`);
    assert.deepEqual(
      (array as unknown[]).map((v) => typeof v === "bigint" ? Number(v) : v),
      values,
    );
  }
});

Deno.test("sessionFrame() has every column where no row matches", () => {
  using store = frameStore();
  const frame = sessionFrame(store, { selector: "fixture.source=none" });
  assert.deepEqual(frame.columns, [...HEAD, ...FEATURE_NAMES, ...TAIL]);
  assert.equal(frame.height, 0);
  assert.ok(frame.getColumn("pty_events").dtype.toString().includes("Int64"));
});

Deno.test("sessionFrame() goes through more rows than it fetches at a time", () => {
  using store = sampleStore();
  const count = 10_500;
  store.transaction(() => {
    for (let i = 0; i < count; i++) {
      const session_id = `s-${String(i).padStart(5, "0")}`;
      upsertSession(store, sessionRow({ session_id, login: i % 3 === 0 ? `login-${i}` : null }));
      if (i % 7 === 0) {
        writeFeatures(store, "pty", [{ subject_id: session_id, pty_events: i }]);
        setLabels(store, [{ subject_id: session_id, key: "seven", value: String(i) }], {
          setBy: "ingest",
          now: NOW,
        });
      }
    }
  });
  const frame = sessionFrame(store);
  const array = (name: string) => frame.getColumn(name).toArray() as unknown[];
  assert.equal(frame.height, count);
  const [logins, events, labels] = ["login", "pty_events", "label:seven"].map(array);
  for (let i = 0; i < count; i++) {
    assert.equal(logins![i], i % 3 === 0 ? `login-${i}` : null);
    const event = events![i] as number | bigint | null;
    assert.equal(event === null ? null : Number(event), i % 7 === 0 ? i : null);
    assert.equal(labels![i], i % 7 === 0 ? String(i) : null);
  }
});

Deno.test("queryFrame() takes types from tables, then from values, unless told", () => {
  using store = frameStore();
  const sql = `SELECT s.session_id, p.pty_events, p.pty_gap_p50, p.pty_bracketed_paste,
      count(*) AS n, avg(p.pty_gap_p50) AS mean, NULL AS empty, ? AS given, 2.0 AS whole
    FROM sessions AS s LEFT JOIN features_pty AS p ON p.subject_id = s.session_id
    GROUP BY s.session_id ORDER BY s.session_id`;
  const frame = queryFrame(store, sql, { params: ["it's"], types: { whole: "number" } });
  const types = Object.entries(frame.schema).map(([name, type]) =>
    `${name} ${String(type).replace(/DataType\((\w+)\)/, "$1")}`
  );
  assert.deepEqual(types, [
    "session_id String",
    "pty_events Int64",
    "pty_gap_p50 Float64",
    "pty_bracketed_paste Bool",
    "n Int64",
    "mean Float64",
    "empty String",
    "given String",
    "whole Float64",
  ]);
  assert.deepEqual(frame.getColumn("given").toArray(), ["it's", "it's", "it's"]);
  assert.equal(queryFrame(store, "SELECT NULL AS a, 1 AS b WHERE FALSE").height, 0);
  assert.equal(queryFrame(store, "SELECT NULL AS a").height, 1);
  assert.throws(() => queryFrame(store, "SELECT x'00' AS bytes"), /no bytes/);
});

Deno.test("featureColumns() names the features, all or of a family", () => {
  assert.deepEqual(featureColumns(), FEATURE_NAMES);
  assert.ok(featureColumns("cmd").every((name) => name.startsWith("cmd_")));
});
