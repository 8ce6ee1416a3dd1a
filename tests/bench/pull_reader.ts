import { configSchema } from "../../lib/config/config.ts";
import { pullTeleport } from "../../lib/pipeline/teleport/pull_teleport_source.ts";
import { openStore } from "../../lib/store/store.ts";

/**
 * Pulls the tenant of the loopback servers that the environment names into the store named in its
 * argument, and says how many sessions it had, and the peak.
 */
const source = configSchema.parse({
  sources: [{
    kind: "teleport",
    events: {
      athena: {
        ...{ region: "eu-west-1", workgroup: "w", database: "audit", table: "teleport_events" },
        output: "s3://transient/results",
      },
    },
    recordings: { s3: "s3://longterm-x/sessions" },
  }],
}).sources[0]!;
if (source.kind !== "teleport") throw new TypeError("The source is one of Teleport");
let peakBytes = 0;
const look = () => peakBytes = Math.max(peakBytes, Deno.memoryUsage().rss);
const watch = setInterval(look, 20);
using store = openStore(Deno.args[0]!);
const { sessions, recordings } = await pullTeleport(store, source, {
  ...{ since: new Date("2026-03-10"), until: new Date("2026-03-13") },
  ...{ now: () => new Date("2026-04-01"), runId: null, onStep: look },
  signal: new AbortController().signal,
});
look();
clearInterval(watch);
console.log(JSON.stringify({ sessions, recordings, peakBytes }));
