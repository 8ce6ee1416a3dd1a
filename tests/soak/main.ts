/**
 * `deno task soak`: damaged recordings by the million.
 *
 *     --seconds N   how long (600)
 *     --seed N      which random ones (1)
 *     --workers N   how many at a time (1)
 *     --whole       until every change of a single byte was tried, however long that takes
 *
 * Ends with 1 where an input broke a promise; its bytes are then in `out/soak-<seed>-<number>`.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { formatReport, soak } from "./soak.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "600" },
    seed: { type: "string", default: "1" },
    workers: { type: "string", default: "1" },
    whole: { type: "boolean", default: false },
  },
});

const report = await soak({
  seconds: Number(values.seconds),
  seed: Number(values.seed),
  workers: Number(values.workers),
  whole: values.whole,
});
console.log(formatReport(report));
for (const { name, number, problem, file } of report.faults) {
  const path = `out/soak-${report.seed}-${number}`;
  await Deno.mkdir("out", { recursive: true });
  await Deno.writeFile(path, file);
  console.log(`\nSeed ${report.seed}, ${name}: ${problem}\n${file.length} bytes in ${path}`);
}
Deno.exit(report.faults.length === 0 ? 0 : 1);
