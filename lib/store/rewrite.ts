import { realPath } from "./key_file.ts";
import { openStore } from "./store.ts";
import { TABLES } from "./tables.ts";

/**
 * Writes a store's file anew, row for row, and puts it in the place of the old one, so that nothing
 * of what was removed lies in it any more. SQLite's own VACUUM would, but needs a second database
 * attached, which Deno allows no process that has less than all permissions. The caller holds the
 * run lock; whoever has the old file open goes on reading that.
 */
export function rewriteStore(path: string): void {
  const real = realPath(path);
  const draft = `${real}.new`;
  removeDatabase(draft);
  try {
    copyRows(real, draft);
    Deno.renameSync(draft, real);
  } finally {
    removeDatabase(draft);
  }
}

function copyRows(from: string, to: string): void {
  using source = openStore(from);
  using target = openStore(to);
  // rows come table by table, whatever they refer to
  target.database.exec("PRAGMA foreign_keys = OFF");
  target.transaction(() => {
    for (const table of Object.keys(TABLES)) {
      const rows = source.database.prepare(`SELECT * FROM ${table}`).iterate();
      for (const row of rows) {
        const names = Object.keys(row);
        target.statement(
          `INSERT INTO ${table} (${names}) VALUES (${names.map(() => "?")})`,
        ).run(...Object.values(row));
      }
    }
  });
  for (const { database } of [source, target]) {
    database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
  }
}

function removeDatabase(path: string): void {
  for (const end of ["", "-wal", "-shm"]) {
    try {
      Deno.removeSync(`${path}${end}`);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}
