/**
 * `deno task soak:pulls`: pulls of sources under faults, killed at random moments, each store then
 * pulled to its end and compared with an undisturbed one. Servers are on the loopback address.
 *
 *     --only SOURCE  teleport, gcp-archive, gcp-bigquery, aws-archive, aws-athena or aws-s3;
 *                    may stand several times (all of them, one after the other)
 *     --sessions N   about how many sessions each has (1000)
 *     --kills N      how many pulls of each are killed (20)
 *     --a-store N    how many of them on one store (5)
 *     --seed N       which moments and faults (1)
 *
 * Ends with 1 where a row was lost, added or changed.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { formatKilledPulls, killPulls } from "./killed_pulls.ts";
import { PULLED_SOURCES, type PulledName } from "./pulled_sources.ts";

const NAMES = Object.keys(PULLED_SOURCES) as PulledName[];

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: NAMES },
    sessions: { type: "string", default: "1000" },
    kills: { type: "string", default: "20" },
    "a-store": { type: "string", default: "5" },
    seed: { type: "string", default: "1" },
  },
});

const names = NAMES.filter((name) => values.only.includes(name));
if (names.length !== values.only.length) {
  console.error(`There is no such source in --only ${values.only.join()}; name ${NAMES.join()}`);
  Deno.exit(2);
}
for (const name of names) {
  const report = await killPulls({
    sources: [name],
    sessions: Number(values.sessions),
    kills: Number(values.kills),
    killsAStore: Number(values["a-store"]),
    seed: Number(values.seed),
  });
  console.log(`${formatKilledPulls(report)}\n`);
  if (report.differences.length > 0) Deno.exitCode = 1;
}
