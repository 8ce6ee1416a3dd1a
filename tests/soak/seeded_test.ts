import assert from "node:assert/strict";
import { formatReport, soak } from "./soak.ts";

/** Where it is set, so many seconds instead of a minute: for whoever works on something else. */
const SECONDS = Number(Deno.env.get("SOAK_SECONDS") ?? 60);

/** Megabytes that reading one damaged recording after the other may come to. */
const MAX_GROWN_MB = 600;

Deno.test(`damaged recordings for ${SECONDS} s: no exception, no hang, memory bounded`, async () => {
  const report = await soak({ seconds: SECONDS, seed: 20260310 });
  console.log(`\n${formatReport(report)}`);
  const faults = report.faults.map(({ name, problem, file }) =>
    `seed ${report.seed}, ${name}: ${problem}\nbase64: ${btoa(String.fromCharCode(...file))}`
  );
  assert.deepEqual(faults, []);
  // a laden machine tries fewer, but never next to none
  const tried = Object.values(report.inputs).reduce((sum, count) => sum + count, 0);
  assert.ok(tried > SECONDS * 10, `only ${tried} inputs were tried`);
  assert.ok(report.grownBytes < MAX_GROWN_MB * 2 ** 20, "memory grows");
  assert.ok(report.slowestMs < 5000, `${report.slowestName} takes ${report.slowestMs} ms`);
});
