import assert from "node:assert/strict";
import { ENOUGH_DAYS, ENOUGH_HISTORY } from "../../lib/model/base_features.ts";
import { Habits, type HabitualSession } from "../../lib/sessions/habits.ts";

const DAY = 86_400_000;

function session(day: number, more: Partial<HabitualSession> = {}): HabitualSession {
  const startedMs = Date.UTC(2026, 2, 1, 9, day % 50) + day * DAY;
  return { startedMs, tool: "gcloud", target: "prod", logs: [4, 600], shares: [0.2], ...more };
}

function after(count: number): Habits {
  const habits = new Habits();
  for (let day = 0; day < count; day++) habits.next(session(day));
  return habits;
}

Deno.test("Habits measures nothing but how little history there is, where there is too little", () => {
  const features = after(ENOUGH_HISTORY - 1).next(session(30, { tool: "terraform" }));
  assert.equal(features.base_sessions, ENOUGH_HISTORY - 1);
  assert.equal(features.base_days, 30 - 0 + (30 % 50) / 1440);
  const { base_sessions: _sessions, base_days: _days, ...rest } = features;
  assert(Object.values(rest).every((value) => value === null));
  assert.equal(new Habits().next(session(0)).base_days, null);
});

Deno.test("Habits learns nothing of the same day, nor from few days, however many sessions", () => {
  const habits = after(20);
  const burst = { tool: "agent.claude-code", target: "payroll", logs: [90, 20], shares: [0.9] };
  const of = (minute: number) =>
    habits.next(session(0, { ...burst, startedMs: Date.UTC(2026, 2, 25, 3) + minute * 60_000 }));
  const [first, ...rest] = Array.from({ length: 100 }, (_, i) => of(i));
  assert.equal(first!.base_first_tool, true);
  for (const later of rest) {
    const { base_days: _days, ...same } = later;
    const { base_days: _, ...expected } = first!;
    assert.deepEqual(same, expected, "a burst is no habit of its own");
  }
  assert.equal(of(24 * 60 + 100).base_first_tool, false, "a day later it is");
  const young = new Habits();
  for (let i = 0; i < 60; i++) {
    young.next(session(0, { startedMs: Date.UTC(2026, 2, 1, 0, i * 23) }));
  }
  const features = young.next(session(30));
  assert.equal(features.base_sessions, 60);
  assert.equal(features.base_first_tool, null, `fewer than ${ENOUGH_DAYS} days`);
});

Deno.test("Habits tells what is as always from what was never seen", () => {
  const same = after(20).next(session(20));
  assert.deepEqual(
    [same.base_first_tool, same.base_tool_share, same.base_first_target, same.base_hour_share],
    [false, 1, false, 1],
  );
  assert.equal(same.base_drift, 0);
  const other = after(20).next(session(20, {
    startedMs: Date.UTC(2026, 2, 21, 3),
    ...{ tool: "agent.claude-code", target: "payroll", logs: [90, 20], shares: [0.9] },
  }));
  assert.deepEqual(
    [other.base_first_tool, other.base_tool_share, other.base_first_target, other.base_hour_share],
    [true, 0, true, 0],
  );
  assert(other.base_rhythm_distance! > 10 && other.base_drift! > 10);
});

Deno.test("Habits takes hours round midnight for neighbours, and null for not measured", () => {
  const habits = new Habits();
  for (let day = 0; day < 10; day++) {
    habits.next(session(day, { startedMs: Date.UTC(2026, 2, 1, 23, 30) + day * DAY }));
  }
  const startedMs = Date.UTC(2026, 2, 12, 0, 10);
  const features = habits.next(
    session(0, { startedMs, tool: null, logs: [null, 600], shares: [null] }),
  );
  assert.equal(features.base_hour_share, 1);
  assert.equal(features.base_first_tool, null);
  assert.equal(features.base_rhythm_distance, null);
  assert.equal(features.base_drift, 0);
});
