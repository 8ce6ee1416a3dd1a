import assert from "node:assert/strict";
import { gcloudAgent } from "../../../fixtures/generate/gcp_user_agents.ts";
import { Random } from "../../../fixtures/generate/random.ts";
import { configSchema } from "../../../lib/config/config.ts";
import type { RawMinute } from "../../../lib/model/call_minute.ts";
import { correlateSessions } from "../../../lib/pipeline/across/correlate.ts";
import { pullApi } from "../../../lib/pipeline/api/pull_api.ts";
import { putAcross } from "../../../lib/pipeline/across/put_across.ts";
import { readContradictions } from "../../../lib/store/correlations.ts";
import { setLabels } from "../../../lib/store/labels.ts";
import { openStore } from "../../../lib/store/store.ts";
import { rawMinute } from "../../sessions/raw_minute.ts";
import { MemorySource } from "../api/memory_source.ts";

const BEGIN = Date.parse("2026-03-10T09:00:00Z");
const NOW = new Date("2026-03-20T00:00:00Z");

/** Commands each 10 s for two minutes, from one machine. */
function typed(os: "LINUX" | "MACOSX", address: string, interactive = true): RawMinute[] {
  const random = new Random(`two machines ${address}`);
  return Array.from({ length: 12 }, (_, i) => {
    const process = { interactive, fromScript: !interactive, command: "compute.instances.list" };
    const userAgent = gcloudAgent({ ...process, os }, random);
    const invocation = `${address}-${i}`;
    const row = rawMinute({
      ...{ name: "anna@example.com", address, userAgent, offsets: [(i % 6) * 10_000 + 2000] },
      minuteMs: BEGIN + Math.floor(i / 6) * 60_000,
    });
    return { ...row, calls: row.calls.map((call) => ({ ...call, invocation })) };
  });
}

async function contradictions(calls: RawMinute[]): Promise<string[]> {
  using store = openStore(":memory:", { now: () => NOW });
  await pullApi(store, new MemorySource(calls), {
    ...{ idleSeconds: 600, foldSeconds: 2, runId: null, now: () => NOW },
  });
  const config = configSchema.parse({ identity: { domain: "example.com" } });
  await putAcross(store, { ...config, now: NOW });
  const ids = store.database.prepare("SELECT session_id FROM sessions").all();
  assert.equal(ids.length, 2);
  setLabels(
    store,
    ids.map(({ session_id }) => (
      { subject_id: String(session_id), key: "operator.type", value: "human" }
    )),
    { setBy: "manual:ana", now: NOW },
  );
  await correlateSessions(store, { ...config, now: NOW });
  return readContradictions(store).map(({ kind, evidence }) => `${kind} ${evidence["slots"]}`);
}

Deno.test("one person's commands typed on two machines at once are a contradiction", async () => {
  const [mac, linux] = [typed("MACOSX", "203.0.113.17"), typed("LINUX", "198.51.100.4")];
  assert.deepEqual(await contradictions([...mac, ...linux]), ["impossible-concurrency 12"]);
  // one machine that shows under two addresses, and a script beside a person
  assert.deepEqual(await contradictions([...mac, ...typed("MACOSX", "2001:db8::7")]), []);
  const script = typed("LINUX", "198.51.100.4", false);
  assert.deepEqual(await contradictions([...mac, ...script]), []);
});
