import assert from "node:assert/strict";
import { orderedValues, parseQueryFile, readQueryFile } from "../../lib/sources/query_file.ts";

Deno.test("parseQueryFile() names the parameters in the order of their marks", () => {
  const query = parseQueryFile(
    "q.sql",
    "-- why?\n-- parameters: a, b, a\nSELECT '?' AS \"?\" WHERE x = ? AND y = ? AND z > ?",
  );
  assert.deepEqual(query.parameters, ["a", "b", "a"]);
  assert.deepEqual(orderedValues(query, { a: "1", b: "2" }), ["1", "2", "1"]);
  assert.throws(() => orderedValues(query, { a: "1" }), /needs a value for "b"/);
});

Deno.test("parseQueryFile() refuses a text whose marks and names differ in number", () => {
  assert.throws(() => parseQueryFile("q.sql", "SELECT 1 WHERE x = ?"), /has 1 parameters/);
  assert.throws(() => parseQueryFile("q.sql", "-- parameters: a\nSELECT 1"), /names 1/);
});

Deno.test("Teleport's queries find the sessions of a window by the same events", () => {
  const folder = new URL("../../lib/sources/teleport/", import.meta.url);
  const names = ["sessions.sql", "commands.sql", "bpf_counts.sql", "target_labels.sql"];
  const [wanted, ...others] = names.map((name) => {
    const { sql } = readQueryFile(new URL(name, folder));
    return /IN \(\s*(SELECT session_id[^)]*date\(\?\) AND date\(\?\)[\s\S]*?IN \([^)]*\))/.exec(sql)
      ?.[1]
      ?.replace(/\s+/g, " ");
  });
  assert.ok(wanted?.includes("'kube.request'"));
  for (const other of others) assert.equal(other, wanted);
});

Deno.test("Teleport's queries have no values in their text and no marks outside WHERE", () => {
  const folder = new URL("../../lib/sources/teleport/", import.meta.url);
  for (const { name } of Deno.readDirSync(folder)) {
    if (!name.endsWith(".sql")) continue;
    const { sql } = readQueryFile(new URL(name, folder));
    const code = sql.replace(/--[^\n]*|'[^']*'/g, "''");
    // Athena takes parameters in conditions only
    for (const { index } of code.matchAll(/\?/g)) {
      const clauses = code.slice(0, index).match(/\b(SELECT|FROM|WHERE|GROUP BY|HAVING)\b/g);
      assert.equal(clauses?.at(-1), "WHERE", name);
      assert.match(code.slice(0, index), /(date\(|CAST\()$/, name);
    }
    assert.doesNotMatch(code, /;/, name);
  }
});
