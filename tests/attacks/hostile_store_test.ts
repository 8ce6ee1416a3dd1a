import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openStore } from "../../lib/store/store.ts";
import { shellscope } from "../cli/harness.ts";
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
    assert.match(err, /can't be merged: its table "sessions" is not as shellscope makes it/, what);
  }
});
