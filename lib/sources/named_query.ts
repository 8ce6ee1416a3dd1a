import type { QueryFile } from "./query_file.ts";

/** A query whose values are named in its text, `@name`, as BigQuery has them. */
export interface NamedQueryFile {
  /** File name without folder, for messages. */
  name: string;
  sql: string;
  /** The names, each once. */
  parameters: readonly string[];
}

/** Reads a query file beside the code that runs it. */
export function readNamedQueryFile(url: URL): NamedQueryFile {
  const sql = Deno.readTextFileSync(url);
  const parameters = new Set<string>();
  replaceNames(sql, (name) => {
    parameters.add(name);
    return `@${name}`;
  });
  return { name: url.pathname.replace(/^.*\//, ""), sql, parameters: [...parameters] };
}

/** The same query for engines that number their values by `?`. */
export function positional({ name, sql }: NamedQueryFile): QueryFile {
  const parameters: string[] = [];
  const text = replaceNames(sql, (parameter) => {
    parameters.push(parameter);
    return "?";
  });
  return { name, sql: text, parameters };
}

function replaceNames(sql: string, replacement: (name: string) => string): string {
  return sql.replace(
    /--[^\n]*|'(?:[^']|'')*'|"(?:[^"]|"")*"|@([a-z_]+)/g,
    (text, name?: string) => name === undefined ? text : replacement(name),
  );
}
