import assert from "node:assert/strict";
import { settledDays } from "../../lib/pipeline/settled_days.ts";
import { recordPull } from "../../lib/store/runs.ts";
import { openStore } from "../../lib/store/store.ts";

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

Deno.test("settledDays() believes no pull by a clock that was ahead", () => {
  for (const [what, pulledAt, now, settled] of CASES) {
    using store = openStore(":memory:");
    for (const at of pulledAt) {
      recordPull(store, {
        ...{ run_id: null, source: "s", rows: 0, bytes_scanned: null, outcome: "done" },
        ...{ from_at: "2026-03-10T00:00:00.000Z", until_at: "2026-03-11T00:00:00.000Z" },
        ...{ pulled_at: new Date(`${at}Z`).toISOString(), detail: null },
      });
    }
    const asked = { source: "s", now: new Date(`${now}Z`) };
    assert.equal(settledDays(store, asked).has("2026-03-10"), settled, what);
  }
});
