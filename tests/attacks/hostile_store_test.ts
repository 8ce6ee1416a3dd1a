import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { upsertSession } from "../../lib/store/sessions.ts";
import { openStore } from "../../lib/store/store.ts";
import { shellscope } from "../cli/harness.ts";
import { sessionRow } from "../store/sample.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const ENDLESS = "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)";

/** What stands where a table should. */
const PLACES: Readonly<Record<string, string>> = {
  "a view without end": `CREATE VIEW sessions AS ${ENDLESS} SELECT s.* FROM c, other AS s`,
  "a virtual table": "CREATE VIRTUAL TABLE sessions USING fts5(session_id, principal)",
  "a table without checks": "CREATE TABLE sessions AS SELECT * FROM other",
  "nothing": "SELECT 1",
};

Deno.test("merge takes no store whose tables are something else", async () => {
  for (const [what, sql] of Object.entries(PLACES)) {
    using folder = temporaryFolder();
    const [from, into] = [join(folder.path, "from.sqlite"), join(folder.path, "into.sqlite")];
    openStore(from)[Symbol.dispose]();
    {
      using database = new DatabaseSync(from);
      database.exec("PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON");
      database.exec(`ALTER TABLE sessions RENAME TO other; ${sql}`);
    }
    const { status, err } = await shellscope("merge", from, "--db", into);
    assert.equal(status, 1, what);
    assert.match(
      err,
      /^Taking .*\nshellscope: Store ".*" can't be (merged|read): its table "/,
      what,
    );
    assert.match(err, /its table "sessions" is not as shellscope makes it; ask where .*\n$/, what);
  }
});

Deno.test("no verb opens a store whose tables are something else, or that has triggers", async () => {
  const trigger = `DROP TABLE IF EXISTS x; CREATE TRIGGER sting AFTER INSERT ON runs BEGIN
    INSERT INTO notes SELECT 1, 1, 1, 1, count(*) FROM (${ENDLESS} SELECT x FROM c); END`;
  for (const [what, sql] of Object.entries({ ...PLACES, trigger })) {
    if (what === "nothing" || what === "a table without checks") continue;
    using folder = temporaryFolder();
    const db = join(folder.path, "s.sqlite");
    openStore(db)[Symbol.dispose]();
    {
      using database = new DatabaseSync(db);
      database.exec("PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON");
      if (what !== "trigger") database.exec("ALTER TABLE sessions RENAME TO other");
      database.exec(sql);
    }
    for (const verb of ["sessions", "classify", "findings"]) {
      const { status, err } = await shellscope(verb, "--db", db);
      assert.equal(status, 1, what);
      assert.match(
        err,
        /^shellscope: Store ".*" can't be read: its table "(sessions|runs)" is not/,
      );
    }
  }
});

/** Values that no writer of ours makes. */
const UNFIT: readonly { sql: string; told: RegExp }[] = [
  {
    sql: "UPDATE sessions SET principal = printf('%.*c', 50000000, 'x')",
    told: /its table "sessions" holds texts of more than 4 MiB/,
  },
  {
    sql: "INSERT INTO notes VALUES (1, 's-1', printf('%.*c', 5000000, 'x'), 'manual:a', '2026')",
    told: /its table "notes" holds texts of more than 4 MiB/,
  },
  {
    sql: "INSERT INTO features_pty (subject_id, pty_events) VALUES ('s-1', -9223372036854775808)",
    told: /its table "features_pty" holds numbers above 2\^53/,
  },
];

Deno.test("merge takes no texts and numbers that shellscope would never write", async () => {
  for (const { sql, told } of UNFIT) {
    using folder = temporaryFolder();
    const [from, into] = [join(folder.path, "from.sqlite"), join(folder.path, "into.sqlite")];
    {
      using store = openStore(from);
      upsertSession(store, sessionRow());
      store.database.exec(sql);
    }
    const { status, err } = await shellscope("merge", from, "--db", into);
    assert.equal(status, 1, sql);
    assert.match(err, told);
    using store = openStore(into, { readOnly: true });
    assert.deepEqual(store.database.prepare("SELECT * FROM sessions").all(), []);
  }
});
