import assert from "node:assert/strict";
import fc from "../property.ts";
import { daysOf } from "../../lib/model/time.ts";
import { isSettled, planPieces } from "../../lib/sources/teleport/pull_days.ts";

const NOW = new Date("2026-03-20T15:00:00.000Z");

function window(since: string, until: string) {
  return { since: new Date(since), until: new Date(until) };
}

/** Pieces as `first..last, read from..until`. */
function plan(since: string, until: string, done: string[] = [], more = {}): string[] {
  const pieces = planPieces(window(since, until), { now: NOW, done: new Set(done), ...more });
  return pieces.map(({ days, around, settled }) => {
    const read = [around.since, around.until].map((at) => at.toISOString().slice(0, 10));
    return `${days[0]}..${days.at(-1)} reads ${read.join("..")}${settled ? "" : " anew"}`;
  });
}

Deno.test("planPieces() asks days together and reads around them no more than it must", () => {
  assert.deepEqual(plan("2026-03-01", "2026-03-04"), [
    "2026-03-01..2026-03-03 reads 2026-02-22..2026-03-11",
  ]);
  // what a piece would read behind itself, the next one reads
  assert.deepEqual(plan("2026-03-01", "2026-03-10"), [
    "2026-03-01..2026-03-07 reads 2026-02-22..2026-03-08",
    "2026-03-08..2026-03-09 reads 2026-03-01..2026-03-17",
  ]);
  assert.deepEqual(plan("2026-03-01", "2026-03-03", [], { daysPerPiece: 1 }), [
    "2026-03-01..2026-03-01 reads 2026-02-22..2026-03-02",
    "2026-03-02..2026-03-02 reads 2026-02-23..2026-03-10",
  ]);
});

Deno.test("planPieces() leaves out done days and the future", () => {
  assert.deepEqual(plan("2026-03-01", "2026-03-06", ["2026-03-02", "2026-03-03"]), [
    "2026-03-01..2026-03-01 reads 2026-02-22..2026-03-09",
    "2026-03-04..2026-03-05 reads 2026-02-25..2026-03-13",
  ]);
  assert.deepEqual(plan("2026-03-20", "2026-12-01"), [
    "2026-03-20..2026-03-20 reads 2026-03-13..2026-03-21 anew",
  ]);
  assert.deepEqual(plan("2026-04-01", "2026-12-01"), []);
  assert.deepEqual(plan("2026-03-01", "2026-03-01"), []);
  assert.deepEqual(plan("2026-03-01", "2026-03-02", ["2026-03-01"]), []);
});

Deno.test("planPieces() takes days whole", () => {
  assert.deepEqual(plan("2026-03-01T23:00:00Z", "2026-03-02T01:00:00Z"), [
    "2026-03-01..2026-03-02 reads 2026-02-22..2026-03-10",
  ]);
});

Deno.test("isSettled() waits two days for late events", () => {
  const end = new Date("2026-03-18T00:00:00.000Z");
  assert.equal(isSettled(end, new Date("2026-03-19T23:59:59.999Z")), false);
  assert.equal(isSettled(end, new Date("2026-03-20T00:00:00.000Z")), true);
});

Deno.test("planPieces() holds every day once, and every piece's sessions", () => {
  const day = fc.integer({ min: 0, max: 60 });
  fc.assert(
    fc.property(day, day, fc.array(day), fc.integer({ min: 1, max: 9 }), (a, n, d, size) => {
      const at = (days: number) => new Date(Date.UTC(2026, 0, 1 + days));
      const asked = { since: at(a), until: at(a + n) };
      const done = new Set(d.map((days) => at(days).toISOString().slice(0, 10)));
      const pieces = planPieces(asked, { now: NOW, done, daysPerPiece: size });
      const wanted = daysOf(asked).filter((name) => name <= "2026-03-20" && !done.has(name));
      assert.deepEqual(pieces.flatMap(({ days }) => days), wanted);
      for (const { days, window, around } of pieces) {
        assert.ok(days.length <= size);
        assert.deepEqual(daysOf(window), days);
        assert.ok(around.since < window.since && around.until >= window.until);
      }
    }),
  );
});
