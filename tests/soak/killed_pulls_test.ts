import assert from "node:assert/strict";
import { formatKilledPulls, killPulls } from "./killed_pulls.ts";
import type { PulledName } from "./pulled_sources.ts";

const CASES: { sources: PulledName[]; kills: number; sessions: number; rows: number }[] = [
  { sources: ["teleport"], kills: 5, sessions: 150, rows: 1000 },
  { sources: ["gcp-archive", "aws-archive"], kills: 3, sessions: 1, rows: 2000 },
  { sources: ["gcp-bigquery", "aws-athena", "aws-s3"], kills: 4, sessions: 1, rows: 1000 },
];

for (const { sources, kills, sessions, rows } of CASES) {
  Deno.test(`pulls of ${sources.join(", ")} end with the same rows, killed or not`, async () => {
    const report = await killPulls({
      ...{ sources, sessions, kills, killsAStore: kills, seed: 20260310 },
    });
    const told = formatKilledPulls(report);
    assert.deepEqual(report.differences, [], told);
    assert.equal(report.killedAfterMs.length, kills, told);
    assert.ok(report.rows > rows, told);
    assert.ok(report.requests.faulty > 0 || report.requests.calm === 0, told);
  });
}
