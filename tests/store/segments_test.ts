import assert from "node:assert/strict";
import { readWideRows } from "../../lib/store/frame.ts";
import { listLabels, setLabels } from "../../lib/store/labels.ts";
import {
  readSegmentIds,
  replaceSegments,
  resolveSubjectId,
  type SegmentInput,
} from "../../lib/store/segments.ts";
import type { Store } from "../../lib/store/store.ts";
import { dump, NOW, sampleStore } from "./sample.ts";

function segment(from_seconds: number, until_seconds: number, events: number): SegmentInput {
  return {
    ...{ from_seconds, until_seconds, cmd: null },
    pty: { pty_events: events } as SegmentInput["pty"],
    rhythm: { bin_seconds: 1, events: [events], bytes: [9], gap_histogram: [1] },
  };
}

function eventsOf(store: Store): (string | number)[][] {
  return [...readWideRows(store, { kind: "segment" })].map((row) => [
    row.subject_id,
    Number(row["from_seconds"]),
    Number(row["until_seconds"]),
    Number(row["pty_events"]),
  ]);
}

Deno.test("replaceSegments() writes segments with the columns of their session", () => {
  using store = sampleStore("s-1", "s-2");
  replaceSegments(store, "s-1", [segment(0, 20, 5), segment(20, 90, 7)]);
  assert.deepEqual(eventsOf(store), [["s-1#1", 0, 20, 5], ["s-1#2", 20, 90, 7]]);
  const [row] = readWideRows(store, { kind: "segment" });
  assert.equal(row?.["session_id"], "s-1");
  assert.equal(row?.["principal"], "ana@example.com");
  const sessions = ["s-1", "s-2"];
  assert.deepEqual(readSegmentIds(store, { sessions }), new Map([["s-1", ["s-1#1", "s-1#2"]]]));
});

Deno.test("replaceSegments() a second time changes nothing, and takes away what is no more", () => {
  using store = sampleStore("s-1");
  const segments = [segment(0, 20, 5), segment(20, 90, 7)];
  replaceSegments(store, "s-1", segments);
  setLabels(store, [{ subject_id: "s-1#1", key: "review.state", value: "done" }], {
    setBy: "manual:ana",
    now: NOW,
  });
  const first = dump(store);
  replaceSegments(store, "s-1", segments);
  assert.deepEqual(dump(store), first);
  replaceSegments(store, "s-1", [segment(0, 90, 12)]);
  assert.deepEqual(eventsOf(store), [["s-1#1", 0, 90, 12]]);
  assert.equal(listLabels(store, "s-1#1").length, 1, "what stays keeps its labels");
  replaceSegments(store, "s-1", [{ ...segment(0, 90, 12), pty: null, rhythm: null }]);
  assert.equal([...readWideRows(store, { kind: "segment" })][0]?.["pty_events"], null);
  replaceSegments(store, "s-1", []);
  assert.deepEqual(eventsOf(store), []);
});

Deno.test("replaceSegments() leaves a session alone whose id looks like a segment's", () => {
  using store = sampleStore("s-1", "s-1#2");
  replaceSegments(store, "s-1", [segment(0, 20, 5), segment(20, 90, 7)]);
  assert.deepEqual(eventsOf(store), [["s-1#1", 0, 20, 5]]);
  assert.equal([...readWideRows(store, { kind: "session" })].length, 2);
});

Deno.test("resolveSubjectId() finds sessions and their segments, by prefix too", () => {
  using store = sampleStore("0123456789");
  replaceSegments(store, "0123456789", [segment(0, 20, 5)]);
  assert.equal(resolveSubjectId(store, "0123456789"), "0123456789");
  assert.equal(resolveSubjectId(store, "0123456789#1"), "0123456789#1");
  assert.equal(resolveSubjectId(store, "012345#1"), "0123456789#1");
  for (const id of ["012345#2", "012345#", "#1", "abcdef#1"]) {
    assert.equal(resolveSubjectId(store, id), null, id);
  }
});
