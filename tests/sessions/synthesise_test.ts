import assert from "node:assert/strict";
import fc from "../property.ts";
import type { CallMinute, RawMinute } from "../../lib/model/call_minute.ts";
import { foldMinutes, type FoldOptions } from "../../lib/sessions/fold_minutes.ts";
import { joinMinutes, uniteMinutes } from "../../lib/sessions/join_minutes.ts";
import { type ApiSession, glueSessions, type MinuteRow } from "../../lib/sessions/synthesise.ts";
import { rawMinute } from "./raw_minute.ts";

const MINUTE = 60_000;
const OPTIONS: FoldOptions = {};

const raws = fc.array(
  fc.record({
    name: fc.constantFrom("ana@example.com", "ben@example.com"),
    userAgent: fc.constantFrom("curl/8.0", "HashiCorp Terraform/1.9.0", "curl/7.0"),
    minute: fc.nat(200),
    offsets: fc.array(fc.nat(59_999), { minLength: 1, maxLength: 4 }),
  }),
  { maxLength: 60 },
).map((rows) =>
  rows.map(({ name, userAgent, minute, offsets }) =>
    rawMinute({ name, userAgent, minuteMs: minute * MINUTE, offsets })
  )
);

function byKey(rows: readonly CallMinute[]): CallMinute[][] {
  const key = (row: CallMinute) => JSON.stringify([row.principal, row.driver, row.minuteMs]);
  return [...Map.groupBy(rows, key).values()];
}

function spanOf(row: CallMinute): MinuteRow {
  const { substrate, principal, driver, minuteMs, calls } = row;
  return {
    ...{ substrate, principal, driver, minuteMs },
    firstMs: minuteMs + calls[0]![0],
    lastMs: minuteMs + calls.at(-1)![0],
  };
}

function inOrder(a: MinuteRow, b: MinuteRow): number {
  return a.principal.localeCompare(b.principal) || a.driver.localeCompare(b.driver) ||
    a.minuteMs - b.minuteMs;
}

/** Sessions, and the calls in each. */
function sessionsOf(rows: readonly CallMinute[]): (ApiSession & { calls: number[] })[] {
  const sessions = glueSessions(rows.map(spanOf).sort(inOrder), { idleMs: 600_000 });
  return [...sessions].map((session) => ({
    ...session,
    calls: rows.filter(({ principal, driver, minuteMs }) =>
      principal === session.principal && driver === session.driver &&
      minuteMs >= session.fromMinuteMs && minuteMs <= session.untilMinuteMs
    ).flatMap(({ minuteMs, calls }) => calls.map(([at]) => minuteMs + at)).sort((a, b) => a - b),
  }));
}

Deno.test("glueSessions() gives the same sessions however rows are shuffled and split", () => {
  fc.assert(fc.property(
    raws.chain((rows) =>
      fc.record({
        rows: fc.constant(rows),
        shuffled: fc.shuffledSubarray(rows, { minLength: rows.length, maxLength: rows.length }),
        size: fc.integer({ min: 1, max: 20 }),
      })
    ),
    ({ rows, shuffled, size }) => {
      const whole = sessionsOf(foldMinutes(rows, OPTIONS));
      const parts: CallMinute[] = [];
      for (let i = 0; i < shuffled.length; i += size) {
        parts.push(...foldMinutes(shuffled.slice(i, i + size), OPTIONS));
      }
      assert.deepEqual(sessionsOf(byKey(parts).map(joinMinutes)), whole);
    },
  ));
});

Deno.test("glueSessions() loses no call and puts none into two sessions", () => {
  fc.assert(fc.property(raws, (rows) => {
    const sessions = sessionsOf(foldMinutes(rows, OPTIONS));
    const calls = sessions.flatMap(({ calls }) => calls);
    for (const { startedMs, endedMs, calls } of sessions) {
      assert.deepEqual([startedMs, endedMs], [calls[0], calls.at(-1)]);
    }
    assert.equal(calls.length, rows.reduce((sum, row) => sum + row.calls.length, 0));
    assert.equal(new Set(sessions.map(({ id }) => id)).size, sessions.length);
  }));
});

Deno.test("uniteMinutes() counts a call of two sources once and loses none of one", () => {
  fc.assert(fc.property(raws, fc.nat(), (rows, at) => {
    const cut = at % (rows.length + 1);
    const all = foldMinutes(rows, OPTIONS);
    const overlapping = [...all, ...foldMinutes(rows.slice(0, cut), OPTIONS)];
    assert.deepEqual(sessionsOf(byKey(overlapping).map(uniteMinutes)), sessionsOf(all));
  }));
});

Deno.test("glueSessions() cuts beyond the idle threshold, to the millisecond", () => {
  const rows = foldMinutes([
    rawMinute({ minuteMs: 0, offsets: [10] }),
    rawMinute({ minuteMs: 10 * MINUTE, offsets: [10] }),
    rawMinute({ minuteMs: 20 * MINUTE, offsets: [11] }),
  ], OPTIONS).map(spanOf);
  const sessions = [...glueSessions(rows, { idleMs: 600_000 })];
  assert.deepEqual(sessions.map(({ startedMs, endedMs }) => [startedMs, endedMs]), [
    [10, 10 * MINUTE + 10],
    [20 * MINUTE + 11, 20 * MINUTE + 11],
  ]);
  assert.throws(() => [...glueSessions(rows.toReversed(), { idleMs: 600_000 })], RangeError);
  assert.throws(() => [...glueSessions(rows, { idleMs: 59_999 })], RangeError);
});

Deno.test("foldMinutes() keeps 1,000 of 100,000 calls in one minute and counts the rest", () => {
  const offsets = Array.from({ length: 100_000 }, (_, i) => i % 60_000);
  const [row, ...others] = foldMinutes([rawMinute({ minuteMs: 0, offsets })], OPTIONS);
  assert.equal(others.length, 0);
  assert.equal(row!.calls.length, 1000);
  assert.equal(row!.callsOmitted, 99_000);
});

Deno.test("foldMinutes() bounds a principal of 10 KB with control characters", () => {
  const name = `\u001b]0;x\u0007${"a".repeat(10_000)}\0`;
  const rows = foldMinutes([
    rawMinute({ name, minuteMs: 0, offsets: [1] }),
    rawMinute({ name: `${name}b`, minuteMs: 0, offsets: [1] }),
  ], OPTIONS);
  assert.equal(rows.length, 2, "two long principals are not one");
  for (const { principal } of rows) {
    assert.ok(principal.length <= 512);
    assert.doesNotMatch(principal, /\p{Cc}/u);
  }
});

Deno.test("foldMinutes() counts entries without a principal or time", () => {
  const skipped: [string, number][] = [];
  const rows = foldMinutes(
    [
      rawMinute({ name: "", minuteMs: 0, offsets: [1, 2] }),
      rawMinute({ minuteMs: NaN, offsets: [1] }),
      rawMinute({ minuteMs: 8.64e15, offsets: [1] }),
    ] satisfies RawMinute[],
    { ...OPTIONS, onSkip: (reason, calls) => skipped.push([reason, calls]) },
  );
  assert.deepEqual(rows, []);
  assert.deepEqual(skipped, [
    ["entries without a principal", 2],
    ["entries without a time", 1],
    ["entries without a time", 1],
  ]);
});

Deno.test("foldMinutes() keeps drivers apart and one software's versions together", () => {
  const rows = foldMinutes([
    rawMinute({ userAgent: "curl/8.0", minuteMs: 0, offsets: [1] }),
    rawMinute({ userAgent: "curl/7.0", minuteMs: 0, offsets: [2] }),
    rawMinute({ userAgent: "HashiCorp Terraform/1.9.0", minuteMs: 0, offsets: [3] }),
    rawMinute({ invokedBy: "cloudformation.amazonaws.com", minuteMs: 0, offsets: [4] }),
    rawMinute({ console: true, minuteMs: 0, offsets: [5] }),
  ], { ...OPTIONS });
  assert.deepEqual(rows.map(({ driver, calls }) => [driver, calls.length]), [
    ["curl 203.0.113.7", 2],
    ["terraform 203.0.113.7", 1],
    ["aws-service cloudformation.amazonaws.com", 1],
    ["console 203.0.113.7", 1],
  ]);
  const [bare] = foldMinutes([rawMinute({ minuteMs: 0, offsets: [1] })], {
    ...OPTIONS,
    driverAddress: false,
  });
  assert.equal(bare!.driver, "curl");
});
