import assert from "node:assert/strict";
import fc from "../../property.ts";
import type { RawMinute } from "../../../lib/model/call_minute.ts";
import { type ApiPullOptions, pullApi } from "../../../lib/pipeline/api/pull_api.ts";
import { configSchema } from "../../../lib/config/config.ts";
import { putAcross } from "../../../lib/pipeline/across/put_across.ts";
import { openStore, type Store } from "../../../lib/store/store.ts";
import { rawMinute } from "../../sessions/raw_minute.ts";
import { MemorySource } from "./memory_source.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
const BEGIN = Date.parse("2026-03-10T00:00:00Z");
const DAYS = 3;

const OPTIONS: ApiPullOptions = {
  ...{ idleSeconds: 600, foldSeconds: 2, runId: null },
  now: () => new Date(BEGIN + DAYS * DAY),
};

const CONFIG = configSchema.parse({});

const GCLOUD = "google-cloud-sdk gcloud/557.0.0 command/gcloud.";

/** Calls around the two midnights, where windows cut. */
const rows = fc.array(
  fc.record({
    name: fc.constantFrom("ana@example.com", "Ana@example.com", "ben@example.com"),
    userAgent: fc.constantFrom(
      ...["curl/8.0", "HashiCorp Terraform/1.9.0", "curl/7.0"],
      ...[`${GCLOUD}compute.instances.list`, `${GCLOUD}projects.list`],
    ),
    minute: fc.oneof(
      fc.integer({ min: 1440 - 25, max: 1440 + 25 }),
      fc.integer({ min: 2880 - 25, max: 2880 + 25 }),
    ),
    offsets: fc.array(fc.nat(59_999), { minLength: 1, maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 40 },
).map((all) =>
  all.map(({ name, userAgent, minute, offsets }) =>
    rawMinute({ name, userAgent, minuteMs: BEGIN + minute * MINUTE, offsets })
  )
);

/** Pieces of the three days that leave no gap, cut at some minutes, in any order. */
const windows = fc.array(fc.integer({ min: 1, max: DAYS * 1440 - 1 }), { maxLength: 4 })
  .chain((cuts) => {
    const edges = [...new Set([0, ...cuts, DAYS * 1440])].sort((a, b) => a - b);
    const pieces = edges.slice(1).map((edge, i) => ({
      since: new Date(BEGIN + edges[i]! * MINUTE),
      until: new Date(BEGIN + edge * MINUTE),
    }));
    return fc.shuffledSubarray(pieces, { minLength: pieces.length, maxLength: pieces.length });
  });

/** All that must not hang on how calls were pulled. */
function contentOf(store: Store): unknown {
  const all = (sql: string) => store.database.prepare(sql).all().map((row) => ({ ...row }));
  return {
    minutes: all("SELECT * FROM call_minutes"),
    commands: all("SELECT * FROM called_commands"),
    changed: all("SELECT * FROM call_minutes_changed"),
    measured: all("SELECT * FROM sessions_measured"),
    frame: all("SELECT * FROM session_frame ORDER BY subject_id").map(
      ({ updated_at: _, ...row }) => row,
    ),
    members: all("SELECT * FROM activity_members"),
    credentials: all("SELECT * FROM session_credentials"),
    edges: all("SELECT * FROM notable_events"),
  };
}

async function pullAcross(
  store: Store,
  calls: RawMinute[],
  options: Partial<ApiPullOptions> = {},
): Promise<void> {
  await pullApi(store, new MemorySource(calls), { ...OPTIONS, ...options });
  await putAcross(store, { ...CONFIG, now: OPTIONS.now() });
}

async function wholeOf(calls: RawMinute[]): Promise<unknown> {
  using store = openStore(":memory:");
  await pullAcross(store, calls);
  return contentOf(store);
}

Deno.test("pullApi() gives the same sessions window by window, in any order", async () => {
  await fc.assert(
    fc.asyncProperty(
      rows.chain((calls) => fc.record({ calls: fc.constant(calls), windows, late: fc.nat() })),
      async ({ calls, windows, late }) => {
        using store = openStore(":memory:");
        // some entries arrive only when all else is pulled
        const early = calls.slice(0, late % (calls.length + 1));
        for (const window of windows) {
          await pullAcross(store, early, window);
        }
        for (const window of windows.toReversed()) {
          await pullAcross(store, calls.toReversed(), { ...window, force: true });
        }
        assert.deepEqual(contentOf(store), await wholeOf(calls));
      },
    ),
    { numRuns: 30 },
  );
});
