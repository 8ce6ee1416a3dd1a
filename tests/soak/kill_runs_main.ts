/**
 * `deno task soak:run`: runs over the fixtures killed at random moments, each store then run to its
 * end and compared with an undisturbed one.
 *
 *     --kills N      how many runs are killed (200)
 *     --a-store N    how many of them on one store (10)
 *     --seed N       which moments (1)
 *
 * Ends with 1 where a row was lost, added or changed.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { formatKilledRuns, killRuns } from "./killed_runs.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    "a-store": { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
  },
});

const report = await killRuns({
  kills: Number(values.kills),
  killsAStore: Number(values["a-store"]),
  seed: Number(values.seed),
  onStore: (text) => console.error(text),
});
console.log(formatKilledRuns(report));
Deno.exit(report.differences.length === 0 ? 0 : 1);
