import assert from "node:assert/strict";
import { formatKilledRuns, killRuns } from "./killed_runs.ts";

Deno.test("run ends with the same rows, killed at six random moments or not at all", async () => {
  const report = await killRuns({ kills: 6, killsAStore: 6, seed: 20260311 });
  assert.deepEqual(report.differences, [], formatKilledRuns(report));
  assert.equal(report.killedAfterMs.length, 6);
  assert.ok(report.rows > 5000, `${report.rows} rows`);
});
