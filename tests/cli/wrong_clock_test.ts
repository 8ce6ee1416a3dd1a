import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { differences, shareKey, tablesOf } from "../soak/compared_stores.ts";
import {
  PULLED_SOURCES,
  PULLED_WINDOW,
  type PulledName,
  type PulledSource,
} from "../soak/pulled_sources.ts";
import { row, writeArchive } from "../sources/archive_folder.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { jsonLines, shellscopeAt } from "./harness.ts";

const AHEAD = "2030-01-01T00:00:00Z";
const BEHIND = "2020-01-01T00:00:00Z";
const RIGHT = "2026-04-01T12:00:00Z";

interface Pulled {
  status: number;
  err: string;
  days: unknown;
  store: string;
}

/** A folder with a source in it, of one copy of the fixtures, and what pulls it by a clock. */
async function open(name: PulledName) {
  const stack = new AsyncDisposableStack();
  const { path } = stack.use(temporaryFolder());
  const at = join(path, name);
  const made: PulledSource = await PULLED_SOURCES[name](at, { sessions: 1, stack });
  for (const [key, value] of Object.entries(made.env)) {
    Deno.env.set(key, value);
    stack.defer(() => Deno.env.delete(key));
  }
  const pull = async (clock: string, as = "killed"): Promise<Pulled> => {
    const [config, store] = [join(path, `${as}.yaml`), join(path, `${as}.sqlite`)];
    await Deno.writeTextFile(config, JSON.stringify({ store, sources: made.entries }));
    const flags = [...PULLED_WINDOW, "--no-recordings", "--config", config, "--format", "jsonl"];
    const { status, out, err } = await shellscopeAt(clock, "pull", "all", ...flags);
    return { status, err, days: jsonLines(out)[0]?.["days"], store };
  };
  return { path, at, pull, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

for (const name of ["teleport", "aws-s3"] as const) {
  Deno.test(`pull of ${name} believes no clock that is ahead, and loses nothing by one behind`, async () => {
    await using source = await open(name);
    const straight = tablesOf((await source.pull(RIGHT, "calm")).store);
    await shareKey(source.path);
    const { days, store } = await source.pull(AHEAD);
    assert.equal(days, 3);
    const ahead = tablesOf(store);
    const behind = await source.pull(BEHIND);
    assert.match(behind.err, /the clock says 2020.*: set the clock/);
    assert.notEqual(behind.status, 0);
    assert.deepEqual(differences(ahead, tablesOf(store)), []);
    assert.equal(
      (await source.pull(RIGHT)).days,
      3,
      "what was done by a clock ahead is asked again",
    );
    assert.deepEqual(differences(straight, tablesOf(store)), []);
    assert.equal((await source.pull(RIGHT)).days, 0);
  });
}

Deno.test("what Teleport logs after a pull by a clock ahead is found; run tells of a clock that went back", async () => {
  await using source = await open("teleport");
  const sid = "11111111-1111-4111-a111-111111111111";
  const start = row({ event: "session.start", time: "2026-03-11T10:00:00Z", sid, user: "anna" });
  const upload = row({ event: "session.upload", time: "2026-03-11T10:30:00Z", sid });
  const substrate = (path: string) => {
    using database = new DatabaseSync(path, { readOnly: true });
    return database.prepare("SELECT substrate FROM sessions WHERE session_id = ?").get(sid)!
      .substrate;
  };
  await writeArchive(source.at, { "2026-03-11/early.parquet": [start] });
  assert.equal(substrate((await source.pull(AHEAD)).store), "teleport-audit");
  await writeArchive(source.at, { "2026-03-11/late.parquet": [upload] });
  assert.equal(substrate((await source.pull(RIGHT)).store), "teleport-recording");
  const args = ["run", "--out", source.path, "--config", join(source.path, "killed.yaml")];
  const { status, out, err } = await shellscopeAt(BEHIND, ...args);
  assert.equal(status, 3, err);
  assert.match(out + err, /The last pull was at 2026-04-01.*, and the clock says 2020.*set/);
});
