import assert from "node:assert/strict";
import { contentHash } from "../../lib/store/content_hash.ts";
import { openStore } from "../../lib/store/store.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { makeFindingsStore } from "../notebook/findings_store.ts";

Deno.test("contentHash() tells what a store says, not when or where it was written", async () => {
  using folder = temporaryFolder();
  const [a, b] = ["a.sqlite", "b.sqlite"].map((name) => `${folder.path}/${name}`);
  for (const path of [a!, b!]) makeFindingsStore(path, ["x", "y"], 6);
  using one = openStore(a!);
  using other = openStore(b!);
  const hash = await contentHash(one);
  assert.match(hash, /^[0-9a-f]{64}$/);
  other.database.exec("UPDATE sessions SET updated_at = '2030-01-01T00:00:00.000Z'");
  other.database.exec("UPDATE recordings SET uri = 'elsewhere/' || uri");
  assert.equal(await contentHash(other), hash);
  other.database.exec("UPDATE sessions SET login = 'z' WHERE session_id = 'session-001'");
  assert.notEqual(await contentHash(other), hash);
});
