import { StoreError } from "../model/errors.ts";
import { BUSY, codeOf, storeError } from "./database_file.ts";
import { eachRow } from "./each_row.ts";
import { realPath } from "./key_file.ts";
import { openStore, type Store } from "./store.ts";
import { TABLES } from "./tables.ts";

/**
 * Keeps every other process out of a store until it is closed. Throws a {@link StoreError} where
 * one has it open, be it to read: to put another file in its place would leave that one's
 * write-ahead log beside it, which SQLite would then play into the wrong file.
 */
export function keepOthersOut(store: Store): void {
  const { database, path } = store;
  try {
    // to leave the write-ahead log takes the file for oneself; at each commit the journal is emptied
    database.prepare("PRAGMA journal_mode = TRUNCATE").get();
    database.prepare("PRAGMA locking_mode = EXCLUSIVE").get();
    database.prepare("BEGIN EXCLUSIVE").run();
    database.prepare("COMMIT").run();
    const mode = database.prepare("PRAGMA journal_mode").get()?.["journal_mode"];
    if (mode === "truncate") return;
  } catch (error) {
    if (codeOf(error) !== BUSY) throw storeError(error, path);
  }
  throw new StoreError(
    `Store "${path}" is open in another process, a notebook perhaps; close it there and try again`,
  );
}

/**
 * Notes beside a store that its file is to be written anew: before rows are removed, so that a
 * process that is killed after that leaves word. {@link rewriteStore} takes the note away.
 */
export function noteRewrite(path: string): void {
  emptyDraft(draftOf(path));
}

/**
 * Writes a store's file anew where a process was killed between {@link noteRewrite} and the end;
 * true when it did. Where another process has the store open the note stays for a later one.
 */
export function finishRewrite(path: string): boolean {
  if (path === ":memory:" || !isNoted(path)) return false;
  using store = openStore(path);
  try {
    keepOthersOut(store);
  } catch (error) {
    if (error instanceof StoreError) return false;
    throw error;
  }
  rewriteStore(store);
  return true;
}

/** Whether bytes of removed rows may still lie in a store's file. */
function isNoted(path: string): boolean {
  try {
    Deno.lstatSync(draftOf(path));
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The new file while it is written; as long as it lies there the old one is not done with. */
function draftOf(path: string): string {
  return `${realPath(path)}.new`;
}

/**
 * Writes a store's file anew, row for row, and puts it in the place of the old one, so that nothing
 * of what was removed lies in it any more. SQLite's own VACUUM would, but needs a second database
 * attached, which Deno allows no process that has less than all permissions. Others must be kept
 * out; the store that was handed in is the old file then, to be closed.
 */
export function rewriteStore(source: Store): void {
  const real = realPath(source.path);
  const draft = draftOf(source.path);
  try {
    emptyDraft(draft);
    copyRows(source, draft);
    // emptied at the last commit; it belongs to the old file
    removeFile(`${real}-journal`);
    Deno.renameSync(draft, real);
  } catch (cause) {
    throw new StoreError(
      `Rows are removed from store "${source.path}", but its file could not be written anew as ` +
        `"${draft}"; make room for it: the next verb that writes the store does that first`,
      { cause },
    );
  }
}

function emptyDraft(draft: string): void {
  for (const end of ["-wal", "-shm"]) removeFile(`${draft}${end}`);
  Deno.writeFileSync(draft, new Uint8Array(), { mode: 0o600 });
}

function copyRows(source: Store, to: string): void {
  using target = openStore(to);
  // rows come table by table, whatever they refer to
  target.database.exec("PRAGMA foreign_keys = OFF");
  target.transaction(() => {
    for (const table of Object.keys(TABLES)) {
      for (const row of eachRow(source, `SELECT * FROM ${table}`)) {
        const names = Object.keys(row);
        target.statement(
          `INSERT INTO ${table} (${names}) VALUES (${names.map(() => "?")})`,
        ).run(...Object.values(row));
      }
    }
  });
  target.database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
}

function removeFile(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
