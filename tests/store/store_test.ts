import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StoreError } from "../../lib/model/errors.ts";
import { keyedHash } from "../../lib/store/keyed_hash.ts";
import { acquireRunLock } from "../../lib/store/lock.ts";
import { STORE_VERSION } from "../../lib/store/migrations.ts";
import { upsertSession } from "../../lib/store/sessions.ts";
import { openStore, type Store } from "../../lib/store/store.ts";
import { dump, inFolder, sampleStore, sessionRow } from "./sample.ts";

/** Opens what must be refused, and gives the message. */
function refused(path: string, options?: { readOnly: boolean }): string {
  try {
    openStore(path, options)[Symbol.dispose]();
  } catch (error) {
    assert.ok(error instanceof StoreError, String(error));
    return error.message;
  }
  assert.fail(`"${path}" was opened`);
}

function sqlite(path: string, ...statements: string[]): void {
  const database = new DatabaseSync(path);
  for (const statement of statements) database.exec(statement);
  database.close();
}

function sessionsIn(store: Store): unknown {
  return store.database.prepare("SELECT count(*) AS n FROM sessions").get()!["n"];
}

Deno.test(
  "openStore() creates a store and opens it again with what it held",
  inFolder((folder) => {
    const path = join(folder, "new.sqlite");
    {
      using store = openStore(path);
      upsertSession(store, sessionRow());
    }
    using again = openStore(path);
    assert.equal(sessionsIn(again), 1);
    const pragma = (name: string) => again.database.prepare(`PRAGMA ${name}`).get()![name];
    assert.equal(pragma("user_version"), STORE_VERSION);
    assert.equal(pragma("application_id"), 0x73687363);
    assert.equal(pragma("journal_mode"), "wal");
    assert.equal(pragma("foreign_keys"), 1);
  }),
);

Deno.test({
  name: "openStore() makes a store, its WAL and its lock for nobody else's eyes",
  ignore: Deno.build.os === "windows",
  fn: inFolder((folder) => {
    const path = join(folder, "private.sqlite");
    using store = openStore(path);
    upsertSession(store, sessionRow());
    store.key;
    using _lock = acquireRunLock(path, { command: "run", pid: 1, host: "h", now: new Date(0) });
    for (const end of ["", "-wal", "-shm", ".key", ".lock"]) {
      assert.equal(Deno.statSync(path + end).mode! & 0o777, 0o600, end);
    }
  }),
});

Deno.test(
  "openStore() sorts and gathers beside the store where memory would not do, and leaves nothing",
  inFolder((folder) => {
    const own = join(folder, "it's own");
    Deno.mkdirSync(own);
    const path = join(own, "new.sqlite");
    using store = openStore(path);
    const valueOf = (name: string, { database } = store) =>
      Object.values(database.prepare(`PRAGMA ${name}`).get()!)[0];
    assert.equal(valueOf("temp_store_directory"), own);
    assert.equal(valueOf("temp_store"), FILE);
    store.database.exec(
      `CREATE TEMP TABLE much AS WITH RECURSIVE numbers (n) AS
         (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20000)
       SELECT n, hex(randomblob(500)) AS text FROM numbers`,
    );
    assert.equal(valueOf("temp.page_count") as number > 4000, true);
    const names = [...Deno.readDirSync(own)].map(({ name }) => name).sort();
    assert.deepEqual(names, ["", "-shm", "-wal"].map((end) => `new.sqlite${end}`));
    using reader = openStore(path, { readOnly: true });
    assert.equal(valueOf("temp_store", reader), MEMORY);
  }),
);

/** Values of SQLite's `temp_store`. */
const [FILE, MEMORY] = [1, 2];

Deno.test(
  "openStore() fills an empty file, which is a store of version 0",
  inFolder((folder) => {
    const path = join(folder, "empty.sqlite");
    Deno.writeTextFileSync(path, "");
    assert.match(refused(path, { readOnly: true }), /is empty/);
    using store = openStore(path);
    assert.equal(sessionsIn(store), 0);
  }),
);

Deno.test("every table is STRICT and says why it exists", () => {
  using store = sampleStore();
  const tables = store.database.prepare(
    "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
  ).all();
  assert.ok(tables.length >= 19);
  const folder = new URL("../../lib/store/migrations/", import.meta.url);
  const text = [...Deno.readDirSync(folder)]
    .map(({ name }) => Deno.readTextFileSync(new URL(name, folder))).join("\n");
  for (const { name, sql } of tables) {
    assert.match(String(sql), /\) STRICT(, WITHOUT ROWID)?$/, String(name));
    assert.match(text, new RegExp(`^-- .*\\nCREATE TABLE ${name} \\(`, "m"), String(name));
  }
});

Deno.test(
  "openStore() refuses a store of a newer version and says what to do",
  inFolder((folder) => {
    const path = join(folder, "newer.sqlite");
    openStore(path)[Symbol.dispose]();
    sqlite(path, `PRAGMA user_version = ${STORE_VERSION + 1}`);
    const before = Deno.readFileSync(path);
    for (const readOnly of [false, true]) {
      const message = refused(path, { readOnly });
      assert.match(message, new RegExp(`is of version ${STORE_VERSION + 1}.*newer shellscope`));
    }
    assert.deepEqual(Deno.readFileSync(path), before);
  }),
);

Deno.test(
  "openStore() refuses what is no store and leaves it alone",
  inFolder((folder) => {
    const at = (name: string) => join(folder, name);
    Deno.writeTextFileSync(at("text"), "not a database at all, but long enough to be read as one");
    Deno.writeTextFileSync(at("damaged"), `SQLite format 3\0${"x".repeat(5000)}`);
    sqlite(at("other"), "CREATE TABLE t (a)");
    sqlite(at("marked"), "PRAGMA application_id = 42");
    const cases: [name: string, message: RegExp][] = [
      ["text", /is no SQLite database/],
      ["damaged", /is no SQLite database/],
      ["other", /another program's SQLite database/],
      ["marked", /another program's SQLite database/],
    ];
    for (const [name, message] of cases) {
      const before = Deno.readFileSync(at(name));
      for (const readOnly of [false, true]) {
        assert.match(refused(at(name), { readOnly }), message, name);
      }
      assert.deepEqual(Deno.readFileSync(at(name)), before, `${name} was changed`);
    }
    assert.match(refused(at("absent"), { readOnly: true }), /There is no store/);
    assert.match(refused(folder, { readOnly: true }), /it is no file/);
    assert.match(refused(folder), /Cannot open or create/);
    assert.match(refused(at("no/such/folder.sqlite")), /check the folder/);
    assert.match(refused(":memory:", { readOnly: true }), /in memory/);
  }),
);

Deno.test(
  "openStore() opens a file without write permission read-only, and writes nothing",
  inFolder((folder) => {
    const path = join(folder, "read.sqlite");
    {
      using store = openStore(path);
      upsertSession(store, sessionRow());
    }
    Deno.chmodSync(path, 0o444);
    const before = Deno.readFileSync(path);
    {
      using store = openStore(path, { readOnly: true });
      assert.equal(store.readOnly, true);
      assert.equal(sessionsIn(store), 1);
      assert.throws(() => upsertSession(store, sessionRow({ kind: "db" })), StoreError);
      assert.throws(() => store.key, /is missing/);
    }
    assert.deepEqual(Deno.readFileSync(path), before);
  }),
);

Deno.test(
  "openStore() read-only sees what a writer has committed",
  inFolder((folder) => {
    const path = join(folder, "shared.sqlite");
    using writer = openStore(path);
    using reader = openStore(path, { readOnly: true });
    upsertSession(writer, sessionRow());
    assert.equal(sessionsIn(reader), 1);
  }),
);

const CHILD = `
  import { keyedHash } from ${JSON.stringify(moduleUrl("keyed_hash.ts"))};
  import { openStore } from ${JSON.stringify(moduleUrl("store.ts"))};
  while (Date.now() < Number(Deno.args[1])) { /* all at once */ }
  using store = openStore(Deno.args[0]);
  console.log(keyedHash(store, "name"));
`;

function moduleUrl(name: string): string {
  return new URL(`../../lib/store/${name}`, import.meta.url).href;
}

Deno.test(
  "openStore() makes one store and one key when several processes begin at once",
  inFolder(async (folder) => {
    const script = join(folder, "open.ts");
    await Deno.writeTextFile(script, CHILD);
    const rights = ["--no-prompt", "--no-config", "--allow-read", "--allow-write"];
    const args = ["run", ...rights, script, join(folder, "s.sqlite"), String(Date.now() + 300)];
    const children = [1, 2, 3].map(() => new Deno.Command(Deno.execPath(), { args }).output());
    const outputs = await Promise.all(children);
    const said = outputs.map(({ stdout, stderr }) => new TextDecoder().decode(stdout) || stderr);
    assert.match(String(said[0]), /^[0-9a-f]{16}\n$/);
    assert.deepEqual(said, [said[0], said[0], said[0]]);
  }),
);

Deno.test("transaction() rolls back when its body throws, and joins inside another", () => {
  using store = sampleStore();
  const before = dump(store);
  assert.throws(() =>
    store.transaction(() => {
      store.transaction(() => upsertSession(store, sessionRow()));
      throw new RangeError("after the inner one ended");
    }), RangeError);
  assert.equal(dump(store), before);
  assert.equal(store.transaction(() => store.transaction(() => 7)), 7);
  assert.throws(() => store.transaction(() => Promise.resolve()), TypeError);
  assert.equal(store.transaction(() => "goes on"), "goes on");
});

Deno.test(
  "transaction() says so when another process keeps writing",
  inFolder((folder) => {
    const path = join(folder, "busy.sqlite");
    using one = openStore(path);
    using two = openStore(path);
    two.database.exec("PRAGMA busy_timeout = 1");
    one.transaction(() => {
      assert.throws(() => two.transaction(() => 0), /is being written by another process/);
    });
    assert.equal(two.transaction(() => 1), 1);
  }),
);

Deno.test(
  "key is made once, readable by its owner only, and proven to be the store's",
  inFolder((folder) => {
    const path = join(folder, "keyed.sqlite");
    const file = `${path}.key`;
    let hash: string;
    {
      using store = openStore(path);
      hash = keyedHash(store, "secret name");
      assert.equal(store.key.length, 32);
    }
    assert.match(hash, /^[0-9a-f]{16}$/);
    assert.equal(Deno.statSync(file).mode! & 0o777, 0o600);
    {
      using store = openStore(path, { readOnly: true });
      assert.equal(keyedHash(store, "secret name"), hash);
      assert.notEqual(keyedHash(store, "secret name "), hash);
    }
    using store = openStore(path);
    const key = Deno.readFileSync(file);
    Deno.writeFileSync(file, key.toReversed());
    assert.throws(() => store.key, /is not the one of store/);
    Deno.writeFileSync(file, key.subarray(1));
    assert.throws(() => store.key, /has 31 bytes/);
    Deno.removeSync(file);
    assert.throws(() => store.key, /is missing; restore/);
    Deno.writeFileSync(file, key);
    assert.equal(keyedHash(store, "secret name"), hash);
  }),
);

Deno.test("keyedHash() differs between stores", () => {
  using one = sampleStore();
  using two = sampleStore();
  assert.notEqual(keyedHash(one, "x"), keyedHash(two, "x"));
  assert.equal(keyedHash(one, "x"), keyedHash(one, "x"));
});
