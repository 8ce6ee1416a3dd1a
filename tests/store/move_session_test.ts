import assert from "node:assert/strict";
import { writeFeatures } from "../../lib/store/features.ts";
import { labelHistory, listLabels, setLabels } from "../../lib/store/labels.ts";
import { addNote, listNotes } from "../../lib/store/notes.ts";
import { moveSession } from "../../lib/store/move_session.ts";
import { resolveSessionId, upsertRecording, upsertSubject } from "../../lib/store/sessions.ts";
import type { Store } from "../../lib/store/store.ts";
import { readVerdicts, writeVerdicts } from "../../lib/store/verdicts.ts";
import { dump, NOW, recordingRow, sampleStore, verdictRow } from "./sample.ts";

function label(store: Store, subject_id: string, setBy: string, labels: Record<string, string>) {
  const inputs = Object.entries(labels).map(([key, value]) => ({ subject_id, key, value }));
  setLabels(store, inputs, { setBy, now: NOW });
}

function labelsOf(store: Store, id: string): Record<string, string> {
  return Object.fromEntries(
    listLabels(store, id).map(({ key, value, set_by }) => [key, `${value} ${set_by}`]),
  );
}

const MOVE = { from: "old", to: "new", now: NOW };

Deno.test("moveSession() takes along what people said and the truth, and leaves the rest", () => {
  using store = sampleStore("old", "new");
  label(store, "old", "manual:ana", { "review.state": "done", "operator.type": "agent" });
  label(store, "old", "import:labels.tsv", { "truth.operator-type": "agent", "fixture.x": "1" });
  label(store, "old", "phase1@1", { "agent.tool": "codex" });
  addNote(store, { subject_id: "old", text: "odd", set_by: "manual:ana", set_at: NOW.toJSON() });
  upsertRecording(store, recordingRow({ session_id: "old" }));
  writeFeatures(store, "pty", [{ subject_id: "old", pty_events: 3 }]);
  writeVerdicts(store, [verdictRow({ subject_id: "old" }), verdictRow({ subject_id: "new" })]);

  const move = moveSession(store, MOVE);

  assert.deepEqual(move, {
    moved: ["operator.type", "review.state", "truth.operator-type"],
    conflicts: [],
  });
  assert.deepEqual(labelsOf(store, "new"), {
    "operator.type": "agent manual:ana",
    "review.state": "done manual:ana",
    "substrate.kind": "teleport-recording ingest",
    "truth.operator-type": "agent import:labels.tsv",
  });
  assert.deepEqual(listNotes(store, "new").map(({ text }) => text), ["odd"]);
  const history = labelHistory(store, "new").filter(({ key }) => key === "review.state");
  assert.deepEqual(history.map(({ change }) => change), ["set", "moved"]);
  assert.equal(resolveSessionId(store, "old"), "new");
  const count = (table: string) => {
    const column = table === "recordings" || table === "sessions" ? "session_id" : "subject_id";
    const sql = `SELECT count(*) AS n FROM ${table} WHERE ${column} = 'old'`;
    return store.database.prepare(sql).get()!["n"];
  };
  for (const table of ["sessions", "subjects", "labels", "features_pty", "recordings", "notes"]) {
    assert.equal(count(table), 0, table);
  }
  assert.deepEqual(readVerdicts(store).map(({ subject_id }) => subject_id), ["new"]);
});

Deno.test("moveSession() lists conflicts: a person before a machine, else the new id", () => {
  const cases: {
    name: string;
    old: [setBy: string, value: string];
    new: [setBy: string, value: string];
    stands: string;
    conflict: boolean;
  }[] = [
    {
      name: "two people",
      old: ["manual:ana", "human"],
      new: ["manual:bob", "agent"],
      stands: "agent manual:bob",
      conflict: true,
    },
    {
      name: "two people of one mind",
      old: ["manual:ana", "human"],
      new: ["manual:bob", "human"],
      stands: "human manual:bob",
      conflict: false,
    },
    {
      name: "person moves onto machine",
      old: ["manual:ana", "human"],
      new: ["import:x", "agent"],
      stands: "human manual:ana",
      conflict: true,
    },
    {
      name: "machine moves onto person",
      old: ["import:x", "human"],
      new: ["manual:bob", "agent"],
      stands: "agent manual:bob",
      conflict: true,
    },
    {
      name: "two machines",
      old: ["import:x", "human"],
      new: ["import:y", "agent"],
      stands: "agent import:y",
      conflict: true,
    },
  ];
  const key = "truth.operator-type";
  for (const { name, old, new: there, stands, conflict } of cases) {
    using store = sampleStore("old", "new");
    label(store, "old", old[0], { [key]: old[1] });
    label(store, "new", there[0], { [key]: there[1] });
    const { conflicts } = moveSession(store, MOVE);
    assert.equal(labelsOf(store, "new")[key], stands, name);
    assert.equal(conflicts.length, conflict ? 1 : 0, name);
    const kept = labelHistory(store, "new").filter(({ change }) => change === "conflict");
    assert.equal(kept.length, conflict ? 1 : 0, name);
    for (const each of conflicts) {
      assert.equal(`${each.kept.value} ${each.kept.set_by}`, stands, name);
      assert.notEqual(each.dropped.value, each.kept.value, name);
      assert.equal(kept[0]!.new_value, each.dropped.value, name);
    }
  }
});

Deno.test("moveSession() moves a hand label onto a machine's of no account", () => {
  using store = sampleStore("old", "new");
  label(store, "old", "manual:ana", { "agent.tool": "codex" });
  label(store, "new", "phase1@1", { "agent.tool": "aider" });
  assert.deepEqual(moveSession(store, MOVE), { moved: ["agent.tool"], conflicts: [] });
  assert.equal(labelsOf(store, "new")["agent.tool"], "codex manual:ana");
});

Deno.test("moveSession() done twice changes nothing more, and follows chains", () => {
  using store = sampleStore("old", "new", "newest");
  label(store, "old", "manual:ana", { "review.state": "done" });
  moveSession(store, MOVE);
  const before = dump(store);
  assert.deepEqual(moveSession(store, MOVE), { moved: [], conflicts: [] });
  assert.equal(dump(store), before);
  moveSession(store, { from: "new", to: "newest", now: NOW });
  assert.equal(resolveSessionId(store, "old"), "newest");
  assert.equal(resolveSessionId(store, "new"), "newest");
  assert.equal(labelsOf(store, "newest")["review.state"], "done manual:ana");
});

Deno.test("moveSession() keeps segments and what people said of them", () => {
  using store = sampleStore("old", "new");
  upsertSubject(store, {
    subject_id: "old#0-10",
    kind: "segment",
    session_id: "old",
    from_seconds: 0,
    until_seconds: 10,
  });
  label(store, "old#0-10", "manual:ana", { "review.state": "done" });
  moveSession(store, MOVE);
  assert.equal(labelsOf(store, "old#0-10")["review.state"], "done manual:ana");
});
