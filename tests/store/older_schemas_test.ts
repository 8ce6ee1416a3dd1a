import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { STORE_VERSION } from "../../lib/store/migrations.ts";
import { openStore } from "../../lib/store/store.ts";
import { MIGRATION_FILES, migrationText, writeOldSchema } from "./old_schema.ts";
import { inFolder } from "./sample.ts";

/** Tables of the first version that it had no source for, made anew by the second. */
const NEVER_WRITTEN = ["call_minutes"];

/** A store as the version of that number wrote it, with a row in every table. */
function writeOldStore(path: string, version: number): void {
  writeOldSchema(path, version);
  using database = new DatabaseSync(path);
  database.exec("PRAGMA foreign_keys = ON");
  fillTables(database);
}

interface Column {
  name: string;
  type: string;
}

/** Fills the tables from those that refer to none to those that refer to others. */
function fillTables(database: DatabaseSync): void {
  const names = tableNames(database);
  const references = new Map(names.map((name) => [
    name,
    database.prepare(`PRAGMA foreign_key_list(${name})`).all().map((key) => ({
      from: String(key.from),
      table: String(key.table),
    })),
  ]));
  const filled = new Set<string>();
  while (filled.size < names.length) {
    const ready = names.filter((name) =>
      !filled.has(name) &&
      references.get(name)!.every(({ table }) => table === name || filled.has(table))
    );
    assert.ok(ready.length > 0, "tables refer to each other in a circle");
    for (const name of ready) {
      const columns = database.prepare(`PRAGMA table_info(${name})`).all() as unknown as Column[];
      const isForeign = (column: Column) =>
        references.get(name)!.some(({ from }) => from === column.name);
      insertRow(database, { name, columns, isForeign });
      filled.add(name);
    }
  }
}

function insertRow(
  database: DatabaseSync,
  { name, columns, isForeign }: {
    name: string;
    columns: readonly Column[];
    isForeign: (column: Column) => boolean;
  },
): void {
  const sql = String(
    database.prepare("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?")
      .get(name)!.sql,
  );
  const values = columns.map((column) =>
    isForeign(column) && column.type === "TEXT" ? "s" : valueOf(column, sql)
  );
  database.prepare(
    `INSERT INTO ${name} (${columns.map((column) => `"${column.name}"`).join()})
     VALUES (${columns.map(() => "?").join()})`,
  ).run(...values);
}

/** A value that a column takes: the first of those that its CHECK lists, else by its type. */
function valueOf({ name, type }: Column, sql: string): string | number | Uint8Array {
  const [, listed] = new RegExp(`\\b${name}\\b[^,]*? IN \\(([^)]*)\\)`, "s").exec(sql) ?? [];
  const first = listed?.split(",", 1).join("").trim();
  if (first !== undefined) return first.startsWith("'") ? first.slice(1, -1) : Number(first);
  if (type === "TEXT") return name.endsWith("_id") ? "s" : "{}";
  return type === "BLOB" ? Uint8Array.of(1) : 1;
}

function tableNames(database: DatabaseSync): string[] {
  return database.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
  ).all().map(({ name }) => String(name));
}

function rowsOf(database: DatabaseSync, names: readonly string[]): Map<string, unknown[]> {
  return new Map(names.map((name) => [name, database.prepare(`SELECT * FROM ${name}`).all()]));
}

/** Tables, views, indexes and their columns: what a store of this version must have. */
function schemaOf(database: DatabaseSync): unknown {
  return database.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name").all();
}

for (let version = 1; version < STORE_VERSION; version++) {
  Deno.test(
    `a store of version ${version} is brought up with its rows, and is as a new one`,
    inFolder((folder) => {
      const path = join(folder, "old.sqlite");
      writeOldStore(path, version);
      using old = new DatabaseSync(path);
      const names = tableNames(old);
      const before = rowsOf(old, names);
      assert.ok([...before.values()].every((rows) => rows.length === 1));
      assert.throws(() => openStore(path, { readOnly: true }), /open it once for writing/);

      using store = openStore(path);
      const { database } = store;
      assert.equal(database.prepare("PRAGMA user_version").get()!.user_version, STORE_VERSION);
      assert.equal(database.prepare("PRAGMA integrity_check").get()!.integrity_check, "ok");
      assert.deepEqual(database.prepare("PRAGMA foreign_key_check").all(), []);
      using fresh = openStore(":memory:");
      assert.deepEqual(schemaOf(database), schemaOf(fresh.database));
      for (const [name, [row]] of before) {
        if (version === 1 && NEVER_WRITTEN.includes(name)) continue;
        const after = database.prepare(`SELECT * FROM ${name}`).all();
        assert.equal(after.length, 1, name);
        for (const [column, value] of Object.entries(row as object)) {
          assert.deepEqual(after[0]![column], value, `${name}.${column}`);
        }
      }
    }),
  );
}

Deno.test(
  "a store with another view session_frame is given this version's at opening, whatever its version",
  inFolder((folder) => {
    const path = join(folder, "s.sqlite");
    using fresh = openStore(":memory:");
    const change = (...statements: string[]) => {
      openStore(path)[Symbol.dispose]();
      using database = new DatabaseSync(path);
      for (const statement of statements) database.exec(statement);
    };
    const other = "CREATE VIEW session_frame AS SELECT subject_id, kind FROM subjects";
    for (const statements of [["DROP VIEW session_frame", other], ["DROP VIEW session_frame"]]) {
      change(...statements);
      assert.throws(() => openStore(path, { readOnly: true }), /open it once for writing/);
      using store = openStore(path);
      assert.deepEqual(schemaOf(store.database), schemaOf(fresh.database));
      openStore(path, { readOnly: true })[Symbol.dispose]();
    }
  }),
);

Deno.test("only released migrations hold the view session_frame: it is defined in one file", () => {
  const holding = MIGRATION_FILES.filter((name) => /CREATE VIEW/.test(migrationText(name)));
  const released = ["0001_first", "0002_call_sessions", "0003_recordings", "0004_full_screen"];
  assert.deepEqual(holding, [...released, "0008_identities"].map((name) => `${name}.sql`));
});
