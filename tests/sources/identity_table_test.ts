import assert from "node:assert/strict";
import { parseIdentityTable } from "../../lib/sources/identity_table.ts";

Deno.test("parseIdentityTable() reads quotes, keeps contradictions, counts what it refuses", () => {
  const { rows, refused } = parseIdentityTable(
    [
      "\ufeffidentity,team,principal",
      'anna@example.com,ops,"arn:aws:iam::1:user/an""na, the first"',
      "boris@example.com,ops,shared",
      "chen@example.com,ops,shared",
      'two words,ops,"x"',
      "dana@example.com,ops,",
      "",
      'emil@example.com,"line\r\nbreak",emil',
    ].join("\r\n"),
    "people.csv",
  );
  assert.deepEqual([...rows], [
    ['arn:aws:iam::1:user/an"na, the first', ["anna@example.com"]],
    ["shared", ["boris@example.com", "chen@example.com"]],
    ["emil", ["emil@example.com"]],
  ]);
  assert.deepEqual(refused, {
    "identity is no plain name of at most 254 characters": 1,
    "row names no principal": 1,
  });
});

Deno.test("parseIdentityTable() wants its columns named, and ends with any text", () => {
  assert.throws(() => parseIdentityTable("who,what\na,b\n", "people.csv"), /"principal"/);
  const { rows, refused } = parseIdentityTable(
    'identity,principal\nana@example.com,ana\nben@example.com,"ben\nchen@example.com,chen""\n',
    "x",
  );
  assert.deepEqual([...rows.keys()], ["ana"]);
  assert.deepEqual(refused, { "a quote is never closed, what is behind it is not read": 1 });
});

Deno.test("parseIdentityTable() takes many identities of one principal in a time that grows with them", () => {
  const lines = Array.from({ length: 300_000 }, (_, i) => `shared,${i}@example.com`);
  const { rows } = parseIdentityTable(`principal,identity\n${lines.join("\n")}`, "x");
  assert.equal(rows.get("shared")?.length, lines.length);
});
