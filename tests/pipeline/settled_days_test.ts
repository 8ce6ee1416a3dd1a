import assert from "node:assert/strict";
import { settledDays } from "../../lib/pipeline/settled_days.ts";
import { DAY_MS } from "../../lib/model/time.ts";
import { mergeStore } from "../../lib/store/merge.ts";
import { recordPull } from "../../lib/store/runs.ts";
import { openStore, type Store } from "../../lib/store/store.ts";

/** When a day was pulled whole, in turn, and what of it is settled at a time. */
const CASES: [what: string, pulledAt: string[], now: string, settled: boolean][] = [
  ["two days after its end", ["2026-03-13T00:00"], "2026-03-14T00:00", true],
  ["sooner", ["2026-03-12T23:59"], "2026-03-14T00:00", false],
  ["by a clock that is ahead of now", ["2026-03-20T00:00"], "2026-03-14T00:00", false],
  ["by one that was set back by a moment", ["2026-03-13T00:30"], "2026-03-13T00:01", true],
  ["ahead of a later pull", ["2026-03-20T00:00", "2026-03-11T12:00"], "2026-03-25T00:00", false],
  [
    "ahead, then by a right one",
    ["2026-03-20T00:00", "2026-03-14T00:00"],
    "2026-03-15T00:00",
    true,
  ],
  [
    "by a right one, then by one ahead",
    ["2026-03-14T00:00", "2030-01-01T00:00"],
    "2026-03-15T00:00",
    true,
  ],
];

function notePull(store: Store, { day, at }: { day: string; at: string }): void {
  const end = new Date(Date.parse(day) + DAY_MS);
  recordPull(store, {
    ...{ run_id: null, source: "s", rows: 0, bytes_scanned: null, outcome: "done", detail: null },
    ...{ from_at: new Date(day).toISOString(), until_at: end.toISOString() },
    pulled_at: new Date(`${at}Z`).toISOString(),
  });
}

Deno.test("settledDays() believes no pull by a clock that was ahead", () => {
  for (const [what, pulledAt, now, settled] of CASES) {
    using store = openStore(":memory:");
    for (const at of pulledAt) notePull(store, { day: "2026-03-10", at });
    const asked = { source: "s", now: new Date(`${now}Z`) };
    assert.equal(settledDays(store, asked).has("2026-03-10"), settled, what);
  }
});

Deno.test("settledDays() takes the pulls of stores that were merged for what they are", () => {
  const now = new Date("2026-03-25T00:00Z");
  /** Pulls of two machines, each in turn: the days, and when by the machine's clock. */
  const [one, other] = [
    [["2026-03-07", "2026-03-10T12:00"], ["2026-03-10", "2026-03-20T00:00"]],
    [
      ["2026-03-05", "2026-03-15T00:00"],
      // its clock was ahead for a while
      ["2026-03-14", "2026-03-22T00:00"],
      ["2026-03-06", "2026-03-15T12:00"],
    ],
  ] as const;
  for (const [first, second] of [[one, other], [other, one]]) {
    using into = openStore(":memory:");
    using from = openStore(":memory:");
    for (const [day, at] of first!) notePull(into, { day, at });
    for (const [day, at] of second!) notePull(from, { day, at });
    for (let times = 0; times < 2; times++) {
      mergeStore(into, from, { now });
      assert.deepEqual([...settledDays(into, { source: "s", now })].sort(), [
        ...["2026-03-05", "2026-03-06", "2026-03-07", "2026-03-10"],
      ]);
    }
  }
});
