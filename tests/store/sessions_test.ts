import assert from "node:assert/strict";
import type { SubjectRow } from "../../lib/model/session.ts";
import { listLabels } from "../../lib/store/labels.ts";
import { labelHistory } from "../../lib/store/labels.ts";
import {
  addAlias,
  recordingsParsed,
  resolveSessionId,
  setActivityMembers,
  upsertRecording,
  upsertSession,
  upsertSubject,
} from "../../lib/store/sessions.ts";
import { openStore, type Store } from "../../lib/store/store.ts";
import { dump, recordingRow, sampleStore, sessionRow } from "./sample.ts";

function session(store: Store, id = "s-1"): Record<string, unknown> {
  return { ...store.database.prepare("SELECT * FROM sessions WHERE session_id = ?").get(id) };
}

Deno.test("upsertSession() writes the session, its subject and its label", () => {
  using store = sampleStore();
  assert.equal(upsertSession(store, sessionRow()), "inserted");
  assert.deepEqual(session(store), { ...sessionRow(), updated_at: "2026-01-02T03:04:05.678Z" });
  const subject = store.database.prepare("SELECT * FROM subjects").get();
  assert.deepEqual({ ...subject }, {
    subject_id: "s-1",
    kind: "session",
    session_id: "s-1",
    from_seconds: null,
    until_seconds: null,
  });
  assert.deepEqual(listLabels(store, "s-1"), [{
    subject_id: "s-1",
    key: "substrate.kind",
    value: "teleport-recording",
    set_by: "ingest",
    set_at: "2026-01-02T03:04:05.678Z",
  }]);
});

Deno.test("upsertSession() changes nothing when it is told the same again, later", () => {
  let now = new Date("2026-01-01T00:00:00Z");
  using store = openStore(":memory:", { now: () => now });
  upsertSession(store, sessionRow());
  const before = dump(store);
  now = new Date("2026-02-01T00:00:00Z");
  assert.equal(upsertSession(store, sessionRow()), "unchanged");
  assert.equal(dump(store), before);
  assert.equal(upsertSession(store, sessionRow({ login: "postgres" })), "updated");
  assert.equal(session(store)["updated_at"], "2026-02-01T00:00:00.000Z");
});

Deno.test("upsertSession() never overwrites a known value with null", () => {
  using store = sampleStore("s-1");
  const before = dump(store);
  const empty = sessionRow({
    principal: null,
    login: null,
    target: null,
    scope: null,
    user_kind: null,
    started_at: null,
    ended_at: null,
    duration_seconds: null,
  });
  assert.equal(upsertSession(store, empty), "unchanged");
  assert.equal(dump(store), before);
  upsertSession(store, { ...empty, driver: "ua-1", no_recording: "expired" });
  assert.deepEqual(session(store), {
    ...sessionRow({ driver: "ua-1", no_recording: "expired" }),
    updated_at: session(store)["updated_at"],
  });
});

Deno.test("upsertSession() follows a changed substrate in its label", () => {
  using store = sampleStore("s-1");
  upsertSession(store, sessionRow({ substrate: "teleport-audit" }));
  assert.equal(listLabels(store, "s-1")[0]!.value, "teleport-audit");
  assert.deepEqual(
    labelHistory(store, "s-1").map(({ old_value, new_value }) => [old_value, new_value]),
    [[null, "teleport-recording"], ["teleport-recording", "teleport-audit"]],
  );
});

Deno.test("upsertRecording() inserts, updates, leaves alone", () => {
  using store = sampleStore("s-1");
  assert.equal(upsertRecording(store, recordingRow({ state: "pending" })), "inserted");
  assert.equal(upsertRecording(store, recordingRow()), "updated");
  const before = dump(store);
  assert.equal(upsertRecording(store, recordingRow()), "unchanged");
  // what was read before still stands when the file is gone
  assert.equal(upsertRecording(store, recordingRow({ state: "missing" })), "unchanged");
  assert.equal(upsertRecording(store, recordingRow({ state: "pending" })), "unchanged");
  assert.equal(dump(store), before);
  const cut = recordingRow({ state: "truncated", error: "Cut in part 1", error_offset: 99 });
  assert.equal(upsertRecording(store, cut), "updated");
  const { error_offset } = store.database.prepare("SELECT * FROM recordings").get()!;
  assert.equal(error_offset, 99);
});

Deno.test("upsertRecording() refuses a recording of no session", () => {
  using store = sampleStore();
  assert.throws(() => upsertRecording(store, recordingRow()), /FOREIGN KEY/);
});

Deno.test("recordingsParsed() names what needs no second reading", () => {
  using store = sampleStore("s-1");
  const states = [
    ...["parsed", "pending", "missing", "truncated", "encrypted", "unsupported", "failed"] as const,
  ];
  for (const state of states) upsertRecording(store, recordingRow({ recording_id: state, state }));
  upsertRecording(store, recordingRow({ recording_id: "older", extractor_version: "0" }));
  assert.deepEqual([...recordingsParsed(store, "1")].sort(), [
    "encrypted",
    "parsed",
    "unsupported",
  ]);
  assert.deepEqual([...recordingsParsed(store, "0")], ["older"]);
});

Deno.test("resolveSessionId() takes ids, aliases and unique prefixes of six or more", () => {
  using store = sampleStore("abcdef-1", "abcdef-2", "0123456789", "xy");
  addAlias(store, "old-name-of-xy", "xy");
  addAlias(store, "old-name-of-01", "0123456789");
  const cases: [id: string, resolved: string | null][] = [
    ["abcdef-1", "abcdef-1"],
    ["xy", "xy"],
    ["x", null],
    ["01234", null],
    ["012345", "0123456789"],
    ["abcdef", null],
    ["abcdef-", null],
    ["old-name-of-xy", "xy"],
    ["old-name-of-x", "xy"],
    ["old-name", null],
    ["%abcdef", null],
    ["______", null],
    ["", null],
  ];
  for (const [id, resolved] of cases) {
    assert.equal(resolveSessionId(store, id), resolved, JSON.stringify(id));
  }
});

Deno.test("an id and its alias share a prefix: it still means one session", () => {
  using store = sampleStore("gcp-session-b");
  addAlias(store, "gcp-session-a", "gcp-session-b");
  assert.equal(resolveSessionId(store, "gcp-session"), "gcp-session-b");
});

Deno.test("upsertSession() and upsertRecording() under an alias mean the session it leads to", () => {
  using store = sampleStore("new");
  addAlias(store, "old", "new");
  assert.equal(upsertSession(store, sessionRow({ session_id: "old", login: "ana" })), "updated");
  assert.equal(session(store, "new")["login"], "ana");
  upsertRecording(store, recordingRow({ session_id: "old" }));
  const recording = store.database.prepare("SELECT session_id FROM recordings").get()!;
  assert.equal(recording["session_id"], "new");
  assert.equal(upsertRecording(store, recordingRow({ session_id: "old" })), "unchanged");
});

Deno.test("setActivityMembers() makes an activity of exactly these sessions", () => {
  using store = sampleStore("a", "b", "c");
  const activity: SubjectRow = {
    subject_id: "activity-1",
    kind: "activity",
    session_id: null,
    from_seconds: null,
    until_seconds: null,
  };
  upsertSubject(store, activity);
  const members = () =>
    store.database.prepare("SELECT session_id FROM activity_members ORDER BY session_id").all()
      .map((row) => row["session_id"]);
  setActivityMembers(store, "activity-1", ["a", "b"]);
  const before = dump(store);
  upsertSubject(store, activity);
  setActivityMembers(store, "activity-1", ["b", "a", "a"]);
  assert.equal(dump(store), before);
  setActivityMembers(store, "activity-1", ["c", "b"]);
  assert.deepEqual(members(), ["b", "c"]);
  setActivityMembers(store, "activity-1", []);
  assert.deepEqual(members(), []);
});

Deno.test("subjects hold a session's own id, and activities no session", () => {
  using store = sampleStore("a");
  const put = (fields: Partial<SubjectRow>) =>
    upsertSubject(store, {
      subject_id: "x",
      kind: "segment",
      session_id: "a",
      from_seconds: 0,
      until_seconds: 1.5,
      ...fields,
    });
  put({});
  assert.throws(() => put({ kind: "session" }), /CHECK/);
  assert.throws(() => put({ kind: "activity" }), /CHECK/);
  assert.throws(() => put({ session_id: null }), /CHECK/);
  assert.throws(() => put({ session_id: "unknown" }), /FOREIGN KEY/);
});
