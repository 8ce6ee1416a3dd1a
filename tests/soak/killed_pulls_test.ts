import assert from "node:assert/strict";
import { formatKilledPulls, killPulls } from "./killed_pulls.ts";

Deno.test("pull teleport ends with the same rows, killed at five random moments or not at all", async () => {
  const report = await killPulls({ sessions: 150, kills: 5, seed: 20260310 });
  assert.deepEqual(report.differences, [], formatKilledPulls(report));
  assert.equal(report.killedAfterMs.length, 5);
  assert.ok(report.rows > 1000, `${report.rows} rows`);
  assert.ok(report.requests.faulty > 0);
});
