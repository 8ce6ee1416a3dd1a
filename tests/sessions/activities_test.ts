import assert from "node:assert/strict";
import fc from "../property.ts";
import {
  type Activity,
  type ActivityPart,
  glueActivities,
  MAX_MEMBERS,
} from "../../lib/sessions/activities.ts";

const parts = fc.array(
  fc.record({
    ...{ identity: fc.constantFrom("a", "b"), place: fc.constantFrom("web", "db") },
    ...{ startedMs: fc.nat(500), length: fc.nat(60) },
  }),
  { maxLength: 30 },
).map((all) =>
  all.map(({ length, ...part }, i): ActivityPart => ({
    ...part,
    ...{ id: `s${String(i).padStart(2, "0")}`, endedMs: part.startedMs + length },
  })).sort((a, b) =>
    a.identity === b.identity
      ? a.startedMs - b.startedMs || (a.id < b.id ? -1 : 1)
      : a.identity < b.identity
      ? -1
      : 1
  )
);

function glued(all: readonly ActivityPart[]): Activity[] {
  return [...glueActivities(all, { gapMs: 10 })].filter((activity) => activity !== null);
}

Deno.test("glueActivities() brings together what lies close, and says how it lies", () => {
  fc.assert(fc.property(parts, (all) => {
    const activities = glued(all);
    const seen = activities.flatMap((activity) => activity.members);
    assert.equal(new Set(seen).size, seen.length, "a session is in one activity at most");
    for (const { identity, startedMs, endedMs, members, relation, places } of activities) {
      assert.ok(members.length >= 2);
      const close = all.filter((part) =>
        part.identity === identity && part.startedMs <= endedMs + 10 &&
        part.endedMs >= startedMs - 10
      );
      assert.deepEqual(close.map(({ id }) => id), members);
      assert.equal(places, new Set(close.map(({ place }) => place)).size);
      const isBeside = close.some((one) =>
        close.some((two) =>
          one !== two && one.startedMs <= two.startedMs &&
          two.startedMs < one.endedMs
        )
      );
      assert.equal(relation, isBeside ? "side-by-side" : "in-a-row");
    }
    const alone = all.filter(({ id }) => !seen.includes(id));
    for (const { identity, startedMs, endedMs, id } of alone) {
      assert(
        !all.some((part) =>
          part.identity === identity && part.id !== id && part.startedMs <= endedMs + 10 &&
          part.endedMs >= startedMs - 10
        ),
      );
    }
  }));
});

Deno.test("glueActivities() begins another activity where one has as many sessions as are held", () => {
  const all = Array.from({ length: MAX_MEMBERS + 2 }, (_, i): ActivityPart => ({
    ...{ id: String(i).padStart(5, "0"), identity: "a", startedMs: i, endedMs: 1e6 },
  }));
  const found = glued(all).map(({ members }) => members.length);
  assert.deepEqual(found, [MAX_MEMBERS, 2]);
});
