import assert from "node:assert/strict";
import { join } from "node:path";
import { configSchema } from "../../../lib/config/config.ts";
import { correlateSessions } from "../../../lib/pipeline/across/correlate.ts";
import { putAcross } from "../../../lib/pipeline/across/put_across.ts";
import { contentHash } from "../../../lib/store/content_hash.ts";
import { openStore, type Store } from "../../../lib/store/store.ts";
import { fillAcrossStore } from "../../bench/across_store.ts";
import { abortedAt } from "../../aborted_at.ts";
import { temporaryFolder } from "../../temporary_folder.ts";

const NOW = new Date("2026-05-01T00:00:00Z");
const CONFIG = configSchema.parse({ identity: { domain: "example.com" } });
/** Rows that each part writes, in their order. */
const WRITTEN = [
  "identities",
  "activities WHERE kind <> 'api'",
  "activities WHERE kind = 'api'",
  "features_base",
  "correlations",
];

Deno.test("putAcross() and correlateSessions() stop at any step, with each part whole or not at all", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "s.sqlite");
  fillAcrossStore(path, { sessions: 600 });
  // two hosts of one person at once
  using before = openStore(path);
  before.database.exec(
    `UPDATE sessions SET started_at = '2026-01-05T10:00:00.000Z', ended_at = '2026-01-05T11:00:00.000Z'
     WHERE kind = 'ssh' AND session_id < '4'`,
  );
  before[Symbol.dispose]();
  const copied = async (name: string) => {
    await Deno.copyFile(path, join(folder.path, name));
    return openStore(join(folder.path, name), { now: () => NOW });
  };
  const across = async (store: Store, signal?: AbortSignal) => {
    await putAcross(store, { ...CONFIG, now: NOW, signal });
    await correlateSessions(store, { ...CONFIG, now: NOW, signal });
  };
  using whole = await copied("whole.sqlite");
  await across(whole);
  const [written, hash] = [counts(whole), await contentHash(whole)];
  assert.ok(written.every((rows) => rows > 5), written.join());

  using store = await copied("stopped.sqlite");
  const seen = new Set<string>();
  for (let steps = 1;; steps = Math.ceil(steps * 1.15)) {
    const ended = await across(store, abortedAt(steps)).then(() => true, (error) => {
      assert.equal((error as Error).name, "AbortError");
      return false;
    });
    if (ended) break;
    assert.equal(store.database.isTransaction, false);
    const now = counts(store);
    for (const [i, rows] of now.entries()) {
      assert.ok(rows === 0 || rows === written[i], `${WRITTEN[i]}: ${rows} of ${written[i]}`);
    }
    seen.add(now.join());
  }
  // after each part but the last it was stopped once
  assert.equal(seen.size, WRITTEN.length, [...seen].join("; "));
  assert.equal(await contentHash(store), hash);
  assert.equal(store.statement("PRAGMA integrity_check").get()!["integrity_check"], "ok");
});

function counts(store: Store): number[] {
  return WRITTEN.map((rows) =>
    Number(store.statement(`SELECT count(*) AS n FROM ${rows}`).get()!["n"])
  );
}
