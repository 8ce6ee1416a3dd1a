/** A query of a source: its text as every engine gets it, and the names of its `?` in order. */
export interface QueryFile {
  /** File name without folder, for messages. */
  name: string;
  sql: string;
  /** What each `?` stands for, from the line `-- parameters: a, b, …`; a name may come twice. */
  parameters: readonly string[];
}

/**
 * Reads a query file beside the code that runs it. Values reach a query only through its `?`:
 * Athena and DuckDB both number them, so the head of the file names them in order. Throws a
 * TypeError when names and `?` differ in number.
 */
export function readQueryFile(url: URL): QueryFile {
  return parseQueryFile(url.pathname.replace(/^.*\//, ""), Deno.readTextFileSync(url));
}

/** The same from a text. */
export function parseQueryFile(name: string, sql: string): QueryFile {
  const line = /^-- parameters:(.*)$/m.exec(sql)?.[1] ?? "";
  const parameters = line.split(",").map((word) => word.trim()).filter((word) => word !== "");
  const marks = marksIn(sql);
  if (marks !== parameters.length) {
    throw new TypeError(`${name} has ${marks} parameters and names ${parameters.length}`);
  }
  return { name, sql, parameters };
}

/** The values of a query in the order of its `?`. Throws a TypeError when one is not given. */
export function orderedValues(
  query: QueryFile,
  values: Readonly<Record<string, string>>,
): string[] {
  return query.parameters.map((name) => {
    const value = values[name];
    if (value === undefined) throw new TypeError(`${query.name} needs a value for "${name}"`);
    return value;
  });
}

/** How many `?` a text has that stand for values. */
export function marksIn(sql: string): number {
  return sql.replace(/--[^\n]*|'(?:[^']|'')*'|"(?:[^"]|"")*"/g, "").split("?").length - 1;
}
