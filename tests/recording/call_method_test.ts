import assert from "node:assert/strict";
import {
  dynamoMethod,
  httpMethod,
  mcpMethod,
  statementMethod,
} from "../../lib/recording/call_method.ts";

Deno.test("statementMethod() takes the first word behind comments and brackets", () => {
  const cases: [string | undefined, string, boolean | null][] = [
    ["select 1", "SELECT", true],
    ["  -- why\n/* and\nhow */ (SELECT 1)", "SELECT", true],
    ["# note\nshow tables", "SHOW", true],
    ["Update t SET a = 1", "UPDATE", false],
    ["with x as (select 1) select * from x", "WITH", true],
    ["with x as (delete from t returning *) select * from x", "WITH", false],
    ["HGETALL user:1", "HGETALL", true],
    ["begin", "BEGIN", null],
    ["zq7secret", "OTHER", null],
    ['{"find": "users"}', "OTHER", null],
    ["/* never ends", "OTHER", null],
    ["", "OTHER", null],
    [undefined, "OTHER", null],
  ];
  for (const [statement, method, reads] of cases) {
    assert.deepEqual(statementMethod(statement), { method, reads }, statement ?? "none");
  }
});

Deno.test("httpMethod(), mcpMethod(), dynamoMethod() know words, and nobody's own", () => {
  assert.deepEqual(httpMethod("get"), { method: "GET", reads: true });
  assert.deepEqual(httpMethod("PATCH"), { method: "PATCH", reads: false });
  assert.deepEqual(httpMethod("ZQ7"), { method: "OTHER", reads: null });
  assert.deepEqual(mcpMethod("tools/list"), { method: "tools/list", reads: true });
  assert.deepEqual(mcpMethod("tools/call"), { method: "tools/call", reads: null });
  assert.deepEqual(mcpMethod("zq7/x"), { method: "OTHER", reads: null });
  assert.deepEqual(dynamoMethod("DynamoDB_20120810.GetItem"), { method: "GetItem", reads: true });
  assert.deepEqual(dynamoMethod("DynamoDB_20120810.PutItem"), { method: "PutItem", reads: false });
  assert.deepEqual(dynamoMethod("zq7"), { method: "OTHER", reads: null });
});

Deno.test("statementMethod() takes long and hostile statements in no time", () => {
  const before = performance.now();
  for (const piece of ["/*", "(", "-- ", "/**/", "--\n", "/* */ ;"]) {
    statementMethod(piece.repeat(30_000));
  }
  assert.ok(performance.now() - before < 1000);
});
