import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { readWideRows } from "../../lib/store/frame.ts";
import { openStore, type Store } from "../../lib/store/store.ts";

const FIRST = new URL("../../lib/store/migrations/0001_first.sql", import.meta.url);

function planOf(store: Store, sql: string): string {
  return store.database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()
    .map(({ detail }) => String(detail)).join("\n");
}

Deno.test("a store of the first version keeps its sessions and gets the columns of calls", () => {
  const path = Deno.makeTempFileSync({ suffix: ".sqlite" });
  try {
    const old = new DatabaseSync(path);
    old.exec(Deno.readTextFileSync(FIRST));
    old.exec(`PRAGMA application_id = ${0x73687363}; PRAGMA user_version = 1;
      INSERT INTO sessions (session_id, substrate, kind, updated_at)
        VALUES ('s-1', 'teleport-recording', 'db', '2026-03-10T00:00:00.000Z');
      INSERT INTO subjects (subject_id, kind, session_id) VALUES ('s-1', 'session', 's-1');
      INSERT INTO features_call (subject_id, call_calls) VALUES ('s-1', 7)`);
    old.close();
    using store = openStore(path);
    const [row] = readWideRows(store);
    assert.equal(row!["call_calls"], 7);
    assert.equal(row!["call_edges"], null);
    assert.equal(row!["kind"], "db");
  } finally {
    for (const end of ["", "-wal", "-shm"]) {
      try {
        Deno.removeSync(path + end);
      } catch {
        // there is none
      }
    }
  }
});

Deno.test("minutes are read by an index, in order, however many there are", () => {
  using store = openStore(":memory:");
  const driver = planOf(
    store,
    `SELECT * FROM call_minutes WHERE substrate = 'a' AND principal = 'p' AND driver = 'd'
       AND minute <= 'z' AND (minute, source) > ('m', 's') ORDER BY minute, source LIMIT 9`,
  );
  const principal = planOf(
    store,
    `SELECT * FROM call_minutes INDEXED BY call_minutes_by_principal
     WHERE substrate = 'a' AND principal = 'p' AND minute <= 'z'
       AND (minute, driver, source) > ('m', 'd', 's') ORDER BY minute, driver, source LIMIT 9`,
  );
  for (const plan of [driver, principal]) assert.doesNotMatch(plan, /TEMP B-TREE|SCAN/, plan);
});
