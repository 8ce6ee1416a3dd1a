// Stores of other versions and held by others, as the verbs that write them meet them.
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { acquireRunLock } from "../../lib/store/lock.ts";
import { STORE_VERSION } from "../../lib/store/migrations.ts";
import { openStore } from "../../lib/store/store.ts";
import { differences, tablesOf } from "../soak/compared_stores.ts";
import { writeOldSchema } from "../store/old_schema.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { shellscope } from "./harness.ts";

const FIXTURES = fileURLToPath(new URL("../../fixtures", import.meta.url));

/** Configures a store of that name, over small logs of each cloud and of Teleport. */
async function configure(
  folder: string,
  name: string,
  { kinds = ["gcp", "aws", "teleport"] } = {},
): Promise<{ store: string; flags: string[] }> {
  const [config, store] = [join(folder, `${name}.yaml`), join(folder, `${name}.sqlite`)];
  const day = join(FIXTURES, "across/gcp/cloudaudit.googleapis.com/activity/2026/03/17");
  const sources = [
    { kind: "gcp", archive: day },
    { kind: "aws", archive: join(FIXTURES, "across/aws") },
    { kind: "teleport", events: { archive: join(FIXTURES, "across/teleport/events") } },
  ];
  const wanted = sources.filter(({ kind }) => kinds.includes(kind));
  await Deno.writeTextFile(config, JSON.stringify({ store, sources: wanted }));
  return { store, flags: ["--config", config] };
}

Deno.test("pull into an empty store of each older version, and run on the oldest, end as on a new one", async () => {
  using folder = temporaryFolder();
  const fresh = await configure(folder.path, "fresh", { kinds: ["gcp"] });
  const call = async (flags: string[], ...args: string[]) => {
    const { status, err } = await shellscope(...args, ...flags);
    assert.equal(status, 0, err);
  };
  const run = ["run", "--out", folder.path];
  await call(fresh.flags, "pull", "gcp");
  const pulled = tablesOf(fresh.store);
  await call(fresh.flags, ...run);
  const judged = tablesOf(fresh.store);
  assert.ok(judged.get("verdicts")!.length > 3);
  for (let version = 1; version < STORE_VERSION; version++) {
    const old = await configure(folder.path, `v${version}`, { kinds: ["gcp"] });
    writeOldSchema(old.store, version);
    await Deno.copyFile(`${fresh.store}.key`, `${old.store}.key`);
    await call(old.flags, "pull", "gcp");
    assert.deepEqual(differences(pulled, tablesOf(old.store)), [], `version ${version}`);
    if (version > 1) continue;
    await call(old.flags, ...run);
    assert.deepEqual(differences(judged, tablesOf(old.store)), []);
  }
});

/** Calls of the verbs that write a store, all over the same configuration. */
function callsInto(folder: string, { store, flags }: { store: string; flags: string[] }) {
  return [
    ["run", "--out", folder, ...flags],
    ...["all", "gcp", "aws", "teleport"].map((what) => ["pull", what, ...flags]),
    ["parse", join(FIXTURES, "casts"), "--db", store],
    ["classify", ...flags],
    ["correlate", ...flags],
  ];
}

Deno.test("verbs that write refuse a store of a newer version with advice, and leave it alone", async () => {
  using folder = temporaryFolder();
  const { store, flags } = await configure(folder.path, "newer");
  openStore(store)[Symbol.dispose]();
  {
    using database = new DatabaseSync(store);
    database.exec(`PRAGMA user_version = ${STORE_VERSION + 1}`);
  }
  const before = await Deno.readFile(store);
  for (const call of callsInto(folder.path, { store, flags })) {
    const { status, err } = await shellscope(...call);
    assert.equal(status, 1, call[0]);
    assert.match(err, new RegExp(`is of version ${STORE_VERSION + 1}.*newer shellscope`), call[0]);
    assert.deepEqual(await Deno.readFile(store), before);
  }
});

Deno.test("verbs that write refuse a store that another holds, name the holder, and leave it alone", async () => {
  using folder = temporaryFolder();
  const { store, flags } = await configure(folder.path, "held");
  openStore(store)[Symbol.dispose]();
  const before = await Deno.readFile(store);
  const holder = { command: "merge", pid: 4711, host: "elsewhere", now: new Date(0) };
  using _lock = acquireRunLock(store, holder);
  for (const call of callsInto(folder.path, { store, flags })) {
    const { status, err } = await shellscope(...call);
    assert.equal(status, 1, call[0]);
    assert.match(err, /is in use by "merge" \(process 4711 on elsewhere/, call[0]);
    assert.deepEqual(await Deno.readFile(store), before);
  }
});
