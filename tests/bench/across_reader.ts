import { configSchema } from "../../lib/config/config.ts";
import { correlateSessions } from "../../lib/pipeline/across/correlate.ts";
import { putIdentities } from "../../lib/pipeline/across/put_identities.ts";
import { openStore } from "../../lib/store/store.ts";
import { peakResident } from "./resident.ts";

/** What the sessions of a store cost; processor time in milliseconds. */
export interface AcrossCost {
  correlations: number;
  leftOut: number;
  /** The first time, and once more. */
  firstMs: number;
  againMs: number;
  /** The same rows read sorted. */
  sortedMs: number;
  /** The largest resident size until all was correlated. */
  peakBytes: number;
}

/** Correlates the store named in the argument twice, reads its sessions sorted, prints the cost. */
if (import.meta.main) {
  const { identity, correlation } = configSchema.parse({ identity: { domain: "example.com" } });
  const now = new Date(0);
  using store = openStore(Deno.args[0]!, { now: () => now });
  await putIdentities(store, { identity });
  const [first, firstMs] = await timed(() => correlateSessions(store, { correlation, now }));
  const [, againMs] = await timed(() => correlateSessions(store, { correlation, now }));
  const peakBytes = peakResident();
  const [, sortedMs] = await timed(() => {
    const rows = store.database.prepare(
      `SELECT session_id, identity, vouched, substrate, kind, principal, driver, target, started_at,
         ended_at
       FROM sessions JOIN identities USING (substrate, principal)
       ORDER BY identity, started_at, session_id`,
    );
    for (const _ of rows.iterate());
  });
  const cost: AcrossCost = {
    correlations: Object.values(first.tiers).reduce((sum, count) => sum + count, 0),
    ...{ leftOut: first.leftOut, firstMs, againMs, sortedMs, peakBytes },
  };
  console.log(JSON.stringify(cost));
}

async function timed<T>(step: () => T | Promise<T>): Promise<[result: T, processorMs: number]> {
  const before = process.cpuUsage();
  const result = await step();
  const { user, system } = process.cpuUsage(before);
  return [result, (user + system) / 1000];
}
