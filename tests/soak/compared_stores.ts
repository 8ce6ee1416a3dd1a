import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Gives the store that is killed the key of the calm one: names are hashed with it. */
export async function shareKey(folder: string): Promise<void> {
  await Deno.copyFile(join(folder, "calm.sqlite.key"), join(folder, "killed.sqlite.key"))
    .catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
}

/** Removes the store that was killed, and what lies beside it. */
export async function removeStore(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith("killed.")) await Deno.remove(join(folder, name), { recursive: true });
  }
}

/** All rows of a store but when and in which order they were written, and what tells of the pulls themselves. */
export function tablesOf(path: string): Map<string, string[]> {
  using database = new DatabaseSync(path, { readOnly: true });
  const sound = database.prepare("PRAGMA integrity_check").get()!.integrity_check;
  const names = database.prepare(
    `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('runs', 'pulls')
     ORDER BY name`,
  ).all().map(({ name }) => String(name));
  const tables = names.map((name): [string, string[]] => {
    const rows = database.prepare(`SELECT * FROM ${name}`).all();
    const text = rows.map((
      { updated_at: _, set_at: __, changed_at: ___, change_id: ____, ...row },
    ) => JSON.stringify(row, (_, value) => value instanceof Uint8Array ? [...value] : value));
    return [name, text.sort()];
  });
  return new Map([...tables, ["integrity", [String(sound)]]]);
}

/** What differs between the tables of two stores, one sentence a table; empty: nothing. */
export function differences(
  expected: ReadonlyMap<string, readonly string[]>,
  found: ReadonlyMap<string, readonly string[]>,
): string[] {
  return [...expected].flatMap(([table, rows]) => {
    const others = found.get(table) ?? [];
    const [ours, theirs] = [new Set(rows), new Set(others)];
    const lost = rows.filter((row) => !theirs.has(row));
    const added = others.filter((row) => !ours.has(row));
    if (rows.length === others.length && lost.length + added.length === 0) return [];
    const example = (of: readonly string[]) => of[0]?.slice(0, 400) ?? "";
    return [
      `${table}: ${rows.length} rows, then ${others.length}; ${lost.length} lost ` +
      `${example(lost)}, ${added.length} others ${example(added)}`,
    ];
  });
}
