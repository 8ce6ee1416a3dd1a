import assert from "node:assert/strict";
import { listLabels, removeLabels, setLabels } from "../../lib/store/labels.ts";
import { importReview, readReviews, type Review } from "../../lib/store/reviews.ts";
import type { Store } from "../../lib/store/store.ts";
import { dump, sampleStore } from "./sample.ts";

const now = new Date("2026-04-01T12:00:00.000Z");
const KEY = "truth.operator-type";

function says(store: Store, user: string, value: string): void {
  setLabels(store, [{ subject_id: "s-1", key: KEY, value }], { setBy: `manual:${user}`, now });
}

const said = (store: Store) =>
  readReviews(store, { key: KEY }).map(({ set_by, value }) => `${set_by} ${value}`);

const review = (user: string, value: string): Omit<Review, "set_at"> => ({
  ...{ subject_id: "s-1", key: KEY, value, set_by: `manual:${user}` },
});

Deno.test("readReviews() gives what each person last said, not what machines did", () => {
  using store = sampleStore("s-1");
  setLabels(store, [{ subject_id: "s-1", key: KEY, value: "mixed" }], {
    setBy: "import:table",
    now,
  });
  says(store, "ana", "human");
  says(store, "bo", "agent");
  says(store, "ana", "automation");
  assert.deepEqual(said(store), ["manual:ana automation", "manual:bo agent"]);
  removeLabels(store, { subjectId: "s-1", keys: [KEY] }, { setBy: "manual:ana", now });
  assert.deepEqual(said(store), ["manual:bo agent"]);
  assert.deepEqual(readReviews(store, { key: "review.state" }), []);
});

Deno.test("importReview() takes a review, and nothing twice", () => {
  using store = sampleStore("s-1");
  assert.equal(importReview(store, review("ana", "human"), now).outcome, "set");
  const before = dump(store);
  assert.equal(importReview(store, review("ana", "human"), now).outcome, "unchanged");
  assert.equal(dump(store), before);
  assert.equal(importReview(store, review("ana", "agent"), now).outcome, "set");
  assert.deepEqual(said(store), ["manual:ana agent"]);
});

Deno.test("importReview() lets another person's label stand and keeps both", () => {
  using store = sampleStore("s-1");
  says(store, "ana", "human");
  const conflict = { outcome: "conflict", kept: "human", keptBy: "manual:ana" };
  assert.deepEqual(importReview(store, review("bo", "agent"), now), conflict);
  const before = dump(store);
  assert.deepEqual(importReview(store, review("bo", "agent"), now), conflict);
  assert.equal(dump(store), before);
  assert.equal(listLabels(store, "s-1").find(({ key }) => key === KEY)!.value, "human");
  assert.deepEqual(said(store), ["manual:ana human", "manual:bo agent"]);
  // bo comes round
  assert.equal(importReview(store, review("bo", "human"), now).outcome, "set");
  assert.deepEqual(said(store), ["manual:ana human", "manual:bo human"]);
});

Deno.test("importReview() refuses what no label may be", () => {
  using store = sampleStore("s-1");
  for (
    const bad of [
      { ...review("bo", "martian") },
      { ...review("bo", "human"), subject_id: "nobody" },
      { ...review("bo", "not a value"), key: "review.x" },
    ]
  ) {
    assert.equal(importReview(store, bad, now).outcome, "refused");
  }
  assert.deepEqual(readReviews(store), []);
});
