import assert from "node:assert/strict";
import { formatReport, soak } from "./soak.ts";

/** Where it is set, so many seconds instead of a minute: for whoever works on something else. */
const SECONDS = Number(Deno.env.get("SOAK_SECONDS") ?? 60);

/** Megabytes that reading one damaged recording after the other may come to. */
const MAX_GROWN_MB = 300;

Deno.test(`damaged recordings for ${SECONDS} s: no exception, no hang, memory bounded`, async () => {
  const report = await soak({ seconds: SECONDS, seed: 20260310 });
  console.log(`\n${formatReport(report)}`);
  const faults = report.faults.map(({ name, problem, file }) =>
    `seed ${report.seed}, ${name}: ${problem}\nbase64: ${btoa(String.fromCharCode(...file))}`
  );
  assert.deepEqual(faults, []);
  assert.equal(report.inputs.prefix, report.prefixes);
  assert.ok(report.inputs.mutation! > SECONDS * 20, "hardly any input was tried");
  assert.ok(report.grownBytes < MAX_GROWN_MB * 2 ** 20, "memory grows");
  assert.ok(report.slowestMs < 2000, `${report.slowestName} takes ${report.slowestMs} ms`);
});
