/**
 * `deno task soak:pulls`: pulls of a loopback tenant under faults, killed at random moments, until
 * an undisturbed one shows whether all is there, once.
 *
 *     --sessions N   how large a tenant (1000)
 *     --kills N      how many pulls are killed (20)
 *     --seed N       which moments and faults (1)
 *
 * Ends with 1 where a row was lost, added or changed.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { formatKilledPulls, killPulls } from "./killed_pulls.ts";

const { values } = parseArgs({
  options: {
    sessions: { type: "string", default: "1000" },
    kills: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
  },
});

const report = await killPulls({
  sessions: Number(values.sessions),
  kills: Number(values.kills),
  seed: Number(values.seed),
});
console.log(formatKilledPulls(report));
Deno.exit(report.differences.length === 0 ? 0 : 1);
