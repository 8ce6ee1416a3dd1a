import assert from "node:assert/strict";
import type { Identified, SubstratePrincipal } from "../../lib/model/identity.ts";
import { putIdentity } from "../../lib/store/identities.ts";
import { readTraces } from "../../lib/store/correlations.ts";
import { upsertSession } from "../../lib/store/sessions.ts";
import { openStore } from "../../lib/store/store.ts";
import { sessionRow } from "./sample.ts";

Deno.test("readTraces() gives all sessions of identities by begin, however many principals they have", () => {
  using store = openStore(":memory:", { now: () => new Date(0) });
  const matched = { state: "matched", rule: "exact", vouched: true } as const;
  const identities: (SubstratePrincipal & Identified)[] = [
    ...["ana", "ana2"].map((principal) => ({
      ...{ ...matched, substrate: "teleport-recording" as const, principal },
      identity: "ana@example.com",
    })),
    { ...matched, substrate: "gcp-cloud-audit", principal: "ana", identity: "ana@example.com" },
    { ...matched, substrate: "gcp-cloud-audit", principal: "ben", identity: "ben@example.com" },
    { state: "unmatched", substrate: "gcp-cloud-audit", principal: "nobody" },
  ];
  const expected: [identity: string, begin: string, id: string][] = [];
  store.transaction(() => {
    // more than are read at a time, three to a second, of some principals only a few
    for (let i = 0; i < 1600; i++) {
      const who = identities[i % 7 < 5 ? 0 : i % 5]!;
      const session_id = String((i * 7919) % 1600).padStart(32, "0");
      const started_at = new Date(Math.floor((i * 37 % 1600) / 3) * 1000).toISOString();
      const { substrate, principal } = who;
      upsertSession(store, sessionRow({ session_id, substrate, principal, started_at }));
      if (who.state === "matched") expected.push([who.identity, started_at, session_id]);
    }
    upsertSession(
      store,
      sessionRow({ session_id: "f".repeat(32), principal: "ana", started_at: null }),
    );
    for (const row of identities) putIdentity(store, row);
  });
  const read = [...readTraces(store)].map(({ identity, startedMs, id }) =>
    [identity, new Date(startedMs).toISOString(), id] as const
  );
  assert.ok(read.length > 1000);
  assert.deepEqual(read, expected.toSorted((a, b) => a.join() < b.join() ? -1 : 1));
});
