import type { Config } from "../../config/config.ts";
import { inSteps } from "../../model/hear_signal.ts";
import { IdentityBridge } from "../../sessions/identity_bridge.ts";
import { readIdentityTable } from "../../sources/identity_table.ts";
import { clearIdentities, putIdentity, readPrincipals } from "../../store/identities.ts";
import { clearSkips, recordSkips } from "../../store/runs.ts";
import type { Store } from "../../store/store.ts";

const SOURCE = "identities";

/**
 * Finds whose the principals of all sessions are, by the rules of the configuration. Rows of the
 * table that were not taken are counted among the skips. Throws a `ConfigError` where the table can't
 * be read, and the reason of `signal`: then nothing changed.
 */
export async function putIdentities(
  store: Store,
  { identity, signal }: Pick<Config, "identity"> & { signal?: AbortSignal | undefined },
): Promise<void> {
  const { table: path, ...rules } = identity;
  const table = path === undefined ? null : await readIdentityTable(path);
  const bridge = new IdentityBridge({ ...rules, table: table?.rows ?? new Map() });
  const steps = store.transactionInSteps(function* () {
    for (const principal of readPrincipals(store)) {
      bridge.see(principal);
      yield;
    }
    clearIdentities(store);
    for (const principal of readPrincipals(store)) {
      putIdentity(store, { ...principal, ...bridge.of(principal) });
      yield;
    }
    if (table === null || path === undefined) return;
    clearSkips(store, { uri: path, sources: [SOURCE] });
    recordSkips(
      store,
      Object.entries(table.refused).map(([reason, count]) => (
        { source: SOURCE, uri: path, reason, count }
      )),
    );
  });
  await inSteps(steps, signal);
}
