import assert from "node:assert/strict";
import { join } from "node:path";
import { StoreError } from "../../lib/model/errors.ts";
import { lockStore } from "../../lib/pipeline/run_lock.ts";
import { purge } from "../../lib/store/purge.ts";
import { noteRewrite } from "../../lib/store/rewrite.ts";
import { upsertSession } from "../../lib/store/sessions.ts";
import { openStore } from "../../lib/store/store.ts";
import { inFolder, NOW, sessionRow } from "./sample.ts";

const WHO = "boris-who-goes@example.com";

function storeWithTwo(folder: string): string {
  const path = join(folder, "s.sqlite");
  using store = openStore(path, { now: () => NOW });
  upsertSession(store, sessionRow({ session_id: "s-1", principal: WHO }));
  upsertSession(store, sessionRow({ session_id: "s-2" }));
  return path;
}

function filesWith(folder: string, text: string): string[] {
  return [...Deno.readDirSync(folder)].filter(({ isFile }) => isFile).map(({ name }) => name)
    .filter((name) => Deno.readTextFileSync(join(folder, name)).includes(text));
}

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test(
  "a purge that ends before the file is written anew is finished by the next that takes the lock",
  inFolder((folder) => {
    const path = storeWithTwo(folder);
    const { renameSync } = Deno;
    Deno.renameSync = () => {
      throw new Error("ended");
    };
    try {
      assert.throws(
        () => purge(path, { principal: WHO }),
        (error) => error instanceof StoreError && /could not be written anew/.test(error.message),
      );
    } finally {
      Deno.renameSync = renameSync;
    }
    assert.deepEqual(filesWith(folder, WHO), ["s.sqlite"], "bytes of rows that are gone");
    assert.ok(names(folder).includes("s.sqlite.new"));

    lockStore(path, { command: "run", now: NOW })[Symbol.dispose]();
    assert.deepEqual(filesWith(folder, WHO), []);
    assert.deepEqual(names(folder), ["s.sqlite", "s.sqlite.lock"]);
    using store = openStore(path, { readOnly: true });
    const rows = store.statement("SELECT session_id FROM sessions").all();
    assert.deepEqual(rows.map((row) => row["session_id"]), ["s-2"]);
    assert.equal(store.statement("PRAGMA integrity_check").get()!["integrity_check"], "ok");
  }),
);

Deno.test(
  "a purge that was killed before it removed a row leaves the store as it was",
  inFolder((folder) => {
    const path = storeWithTwo(folder);
    noteRewrite(path);
    {
      // whoever reads keeps the file; the next writer finishes
      using reader = openStore(path, { readOnly: true });
      reader.database.exec("BEGIN");
      reader.statement("SELECT count(*) FROM sessions").get();
      lockStore(path, { command: "run", now: NOW })[Symbol.dispose]();
      assert.ok(names(folder).includes("s.sqlite.new"));
    }
    lockStore(path, { command: "run", now: NOW })[Symbol.dispose]();
    assert.deepEqual(names(folder), ["s.sqlite", "s.sqlite.lock"]);
    using store = openStore(path, { readOnly: true });
    assert.equal(store.statement("SELECT count(*) AS n FROM sessions").get()!["n"], 2);
  }),
);
