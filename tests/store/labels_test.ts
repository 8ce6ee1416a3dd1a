import assert from "node:assert/strict";
import { LabelError } from "../../lib/model/errors.ts";
import {
  labelHistory,
  listLabels,
  removeLabels,
  replaceLabels,
  setLabels,
} from "../../lib/store/labels.ts";
import { addNote, listNotes } from "../../lib/store/notes.ts";
import type { Store } from "../../lib/store/store.ts";
import { writeVerdicts } from "../../lib/store/verdicts.ts";
import { dump, NOW, sampleStore, verdictRow } from "./sample.ts";

const LATER = new Date("2026-03-01T00:00:00.000Z");

function set(store: Store, setBy: string, key: string, value: string, now = NOW): string {
  const [outcome] = setLabels(store, [{ subject_id: "s-1", key, value }], { setBy, now });
  return outcome!.outcome;
}

function value(store: Store, key: string): string | undefined {
  return listLabels(store, "s-1").find((label) => label.key === key)?.value;
}

Deno.test("setLabels() follows the precedence of writers", () => {
  const cases: [before: string, after: string, outcome: string][] = [
    ["ingest", "ingest", "set"],
    ["ingest", "manual:ana", "set"],
    ["manual:ana", "manual:bob", "set"],
    ["manual:ana", "ingest", "kept-manual"],
    ["manual:ana", "import:x", "kept-manual"],
    ["manual:ana", "phase1@1", "kept-manual"],
    ["manual:ana", "phase2:m@1", "kept-manual"],
    ["phase1@1", "phase1@2", "set"],
    ["phase1@1", "phase2:m@1", "set"],
    ["phase2:m@1", "phase1@1", "kept-phase2"],
    ["phase2:m@1", "manual:ana", "set"],
  ];
  for (const [before, after, outcome] of cases) {
    using store = sampleStore("s-1");
    assert.equal(set(store, before, "agent.tool", "one"), "set");
    assert.equal(set(store, after, "agent.tool", "two", LATER), outcome, `${after} on ${before}`);
    assert.equal(value(store, "agent.tool"), outcome === "set" ? "two" : "one");
  }
});

Deno.test("setLabels() refuses what a classifier must not write, and sets the rest", () => {
  using store = sampleStore("s-1");
  for (const setBy of ["phase1@0a1b", "phase2:some-model@0a1b", "phase1"]) {
    for (const key of ["truth.operator-type", "review.done", "fixture.source"]) {
      assert.equal(set(store, setBy, key, "x"), "refused", `${setBy} ${key}`);
    }
    assert.notEqual(set(store, setBy, "routing.review", "true"), "refused");
  }
  for (const setBy of ["manual:ana", "import:labels", "ingest"]) {
    assert.equal(set(store, setBy, "truth.operator-type", "agent"), "set");
    assert.equal(
      removeLabels(store, { subjectId: "s-1", keys: ["truth.operator-type"] }, {
        setBy: "manual:ana",
        now: NOW,
      }),
      1,
    );
  }
});

Deno.test("setLabels() refuses bad syntax and unknown subjects with the reason", () => {
  using store = sampleStore("s-1");
  const before = dump(store);
  const outcomes = setLabels(store, [
    { subject_id: "s-1", key: "bad key", value: "x" },
    { subject_id: "s-1", key: "a", value: "x".repeat(64) },
    { subject_id: "s-1", key: "a", value: "'; DROP TABLE labels" },
    { subject_id: "nobody", key: "a", value: "x" },
    { subject_id: "s-1", key: "operator.type", value: "robot" },
  ], { setBy: "import:x", now: NOW });
  assert.deepEqual(outcomes.map(({ outcome }) => outcome), Array(5).fill("refused"));
  const reasons = outcomes.map((each) => each.outcome === "refused" ? each.reason : "");
  assert.match(reasons[0]!, /Label key "bad key" is not valid/);
  assert.match(reasons[1]!, /at most 63/);
  assert.match(reasons[3]!, /no such subject/);
  assert.match(reasons[4]!, /"robot".* is not one of human, agent/);
  assert.equal(dump(store), before);
  for (const setBy of ["", "x\u0000", "a".repeat(257)]) {
    assert.throws(() => setLabels(store, [], { setBy, now: NOW }), LabelError);
  }
});

Deno.test("label_history keeps every change and nothing else", () => {
  using store = sampleStore("s-1");
  set(store, "phase1@1", "agent.tool", "codex");
  set(store, "phase1@1", "agent.tool", "codex", LATER);
  set(store, "phase1@2", "agent.tool", "aider", LATER);
  set(store, "manual:ana", "agent.tool", "codex", LATER);
  set(store, "phase1@3", "agent.tool", "aider", LATER);
  removeLabels(store, { subjectId: "s-1", keys: ["agent.tool"] }, {
    setBy: "manual:bob",
    now: LATER,
  });
  const history = labelHistory(store, "s-1").filter(({ key }) => key === "agent.tool");
  assert.deepEqual(
    history.map((row) => [row.change, row.old_value, row.new_value, row.set_by, row.set_at]),
    [
      ["set", null, "codex", "phase1@1", NOW.toISOString()],
      ["set", "codex", "aider", "phase1@2", LATER.toISOString()],
      ["set", "aider", "codex", "manual:ana", LATER.toISOString()],
      ["removed", "codex", null, "manual:bob", LATER.toISOString()],
    ],
  );
});

Deno.test("setLabels() again changes no byte, set_at included", () => {
  using store = sampleStore("s-1");
  set(store, "import:x", "fixture.source", "cast");
  const before = dump(store);
  assert.equal(set(store, "import:x", "fixture.source", "cast", LATER), "unchanged");
  assert.equal(dump(store), before);
});

Deno.test("removeLabels() lets no machine remove what a person set", () => {
  using store = sampleStore("s-1");
  set(store, "manual:ana", "review.state", "done");
  const remove = (setBy: string) =>
    removeLabels(store, { subjectId: "s-1", keys: ["review.state", "review.state", "none"] }, {
      setBy,
      now: NOW,
    });
  assert.equal(remove("phase1@1"), 0);
  assert.equal(remove("manual:bob"), 1);
  assert.equal(remove("manual:bob"), 0);
});

Deno.test("replaceLabels() removes what a classifier says no more, and only that", () => {
  using store = sampleStore("s-1");
  writeVerdicts(store, [verdictRow()]);
  const replace = (setBy: string, labels: Record<string, string>) =>
    replaceLabels(store, [{ subject_id: "s-1", labels }], { setBy, now: NOW });
  set(store, "import:x", "fixture.source", "cast");
  set(store, "manual:ana", "routing.review", "true");
  set(store, "phase2:m@1", "agent.tool", "codex");
  replace("phase1@1", { "routing.cohort": "kube", "routing.phase2": "none" });
  const outcomes = replace("phase1@2", { "routing.phase2": "pty", "agent.tool": "aider" });
  assert.deepEqual(outcomes.map(({ outcome }) => outcome), ["set", "kept-phase2"]);
  assert.deepEqual(
    Object.fromEntries(listLabels(store, "s-1").map(({ key, value }) => [key, value])),
    {
      "agent.tool": "codex",
      "confidence.operator-type": "0.9123",
      "fixture.source": "cast",
      "operator.type": "human",
      "routing.phase2": "pty",
      "routing.review": "true",
      "substrate.kind": "teleport-recording",
    },
  );
  const before = dump(store);
  replace("phase1@2", { "routing.phase2": "pty", "agent.tool": "aider" });
  assert.equal(dump(store), before);
  const last = labelHistory(store, "s-1").find(({ change }) => change === "removed");
  assert.equal(last?.key, "routing.cohort");
  assert.equal(last?.set_by, "phase1@2");
});

Deno.test("addNote() keeps the same text of the same writer once", () => {
  using store = sampleStore("s-1");
  const note = { subject_id: "s-1", text: "odd", set_by: "manual:ana", set_at: NOW.toJSON() };
  addNote(store, note);
  const before = dump(store);
  addNote(store, { ...note, set_at: LATER.toJSON() });
  assert.equal(dump(store), before);
  addNote(store, { ...note, set_by: "manual:bob" });
  addNote(store, { ...note, text: "very odd" });
  assert.deepEqual(listNotes(store, "s-1").map(({ text, set_by }) => `${set_by} ${text}`), [
    "manual:ana odd",
    "manual:bob odd",
    "manual:ana very odd",
  ]);
  assert.throws(() => addNote(store, { ...note, subject_id: "nobody" }), /FOREIGN KEY/);
});
