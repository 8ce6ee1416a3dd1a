import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "../model/errors.ts";
import { writeAhead } from "./database_file.ts";

/** Applied in order, each once, never changed after release: a new one is added at the end. */
const MIGRATIONS = [
  "0001_first.sql",
  "0002_call_sessions.sql",
  "0003_recordings.sql",
  "0004_full_screen.sql",
  "0005_llm_answers.sql",
  "0006_llm_digests.sql",
  "0007_log_events.sql",
  "0008_identities.sql",
  "0009_activities.sql",
  "0010_ledger_indexes.sql",
  "0011_addresses.sql",
  "0012_sessions_of_principals.sql",
  "0013_called_commands.sql",
] as const;

/** The version of stores that this code writes: the number of its migrations. */
export const STORE_VERSION: number = MIGRATIONS.length;

/** Marks a SQLite file as a store of ours: "shsc". */
const APPLICATION_ID = 0x73687363;

/**
 * Brings a store to {@link STORE_VERSION}, one transaction a step, so that one killed midway goes
 * on where it was. Throws a {@link StoreError} for a newer store and for another program's file.
 */
export function migrate(database: DatabaseSync, path: string): void {
  storeVersion(database, path);
  writeAhead(database);
  while (storeVersion(database, path) < STORE_VERSION) {
    database.prepare("BEGIN IMMEDIATE").run();
    try {
      // another process may have been faster
      const version = storeVersion(database, path);
      const name = MIGRATIONS[version];
      if (name !== undefined) {
        database.exec(Deno.readTextFileSync(new URL(`./migrations/${name}`, import.meta.url)));
        database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
        database.exec(`PRAGMA user_version = ${version + 1}`);
      }
      database.exec("COMMIT");
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
  }
  putFrame(database);
}

/** The view `session_frame`, as `session_frame.sql` defines it. */
const FRAME: string = /^CREATE VIEW [^;]*/m.exec(
  Deno.readTextFileSync(new URL("./session_frame.sql", import.meta.url)),
)![0];

/**
 * Makes the view `session_frame` what this version says it is. It holds no rows, so a change of it
 * needs no migration; one that alters its tables drops it first.
 */
function putFrame(database: DatabaseSync): void {
  if (hasFrame(database)) return;
  database.prepare("BEGIN IMMEDIATE").run();
  try {
    database.exec(`DROP VIEW IF EXISTS session_frame; ${FRAME}; COMMIT`);
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function hasFrame(database: DatabaseSync): boolean {
  const view = database.prepare("SELECT sql FROM sqlite_schema WHERE name = 'session_frame'").get();
  return view?.["sql"] === FRAME;
}

/**
 * The version of a store; 0 for a file with nothing in it. Throws a {@link StoreError} for another
 * program's database and for a store of a newer version.
 */
function storeVersion(database: DatabaseSync, path: string): number {
  const version = pragma(database, "user_version");
  const owner = pragma(database, "application_id");
  const { tables } = database.prepare("SELECT count(*) AS tables FROM sqlite_schema").get()!;
  if (version === 0 && owner === 0 && tables === 0) return 0;
  if (owner !== APPLICATION_ID) {
    throw new StoreError(
      `"${path}" is another program's SQLite database; name another file for the store`,
    );
  }
  if (version > STORE_VERSION) {
    throw new StoreError(
      `Store "${path}" is of version ${version}, this shellscope knows ${STORE_VERSION}; ` +
        `use a newer shellscope, or another store`,
    );
  }
  return version;
}

/** Throws a {@link StoreError} unless a store can be read as it is, without migrating. */
export function checkReadable(database: DatabaseSync, path: string): void {
  const version = storeVersion(database, path);
  if (version === 0) {
    throw new StoreError(`Store "${path}" is empty; "run" or "parse --db" fill it`);
  }
  if (version < STORE_VERSION) {
    throw new StoreError(
      `Store "${path}" is of version ${version}, this shellscope reads ${STORE_VERSION}; ` +
        `open it once for writing (any "run" or "classify") to bring it up`,
    );
  }
  if (!hasFrame(database)) {
    throw new StoreError(
      `Store "${path}" has the view session_frame of another shellscope; ` +
        `open it once for writing (any "run" or "classify") to bring it up`,
    );
  }
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()![name]);
}
