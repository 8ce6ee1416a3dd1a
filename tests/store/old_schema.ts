import { DatabaseSync } from "node:sqlite";

const MIGRATIONS = new URL("../../lib/store/migrations/", import.meta.url);

/** Files of the migrations, the first one first. */
export const MIGRATION_FILES = [...Deno.readDirSync(MIGRATIONS)].map(({ name }) => name).sort();

/** The text of a migration. */
export function migrationText(name: string): string {
  return Deno.readTextFileSync(new URL(name, MIGRATIONS));
}

/** Makes an empty store as the version of that number did. */
export function writeOldSchema(path: string, version: number): void {
  using database = new DatabaseSync(path);
  for (const name of MIGRATION_FILES.slice(0, version)) database.exec(migrationText(name));
  database.exec(`PRAGMA application_id = ${0x73687363}; PRAGMA user_version = ${version}`);
}
