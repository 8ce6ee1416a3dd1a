import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { RULE_VARIABLES } from "../../lib/phase1/variables.ts";
import { SCHEMA_FILES } from "./json_schema.ts";

const FOLDER = fileURLToPath(new URL("../../rules", import.meta.url));

for (const [name, schema] of Object.entries(SCHEMA_FILES)) {
  Deno.test(`rules/${name} is what the rule format says now`, async () => {
    const path = `${FOLDER}/${name}`;
    const text = `${JSON.stringify(schema(), null, 2)}\n`;
    if (Deno.args.includes("--update")) return await writeFile(path, text);
    assert.deepEqual(
      JSON.parse(await readFile(path, "utf8").catch(() => "null")),
      JSON.parse(text),
      `write it anew: deno task test tests/rules/json_schema_test.ts -- --update`,
    );
  });
}

interface Schema {
  properties: Record<string, unknown>;
  required: string[];
  additionalProperties: boolean;
}

Deno.test("the rule schema knows every key that rules use, and every feature they are tested on", async () => {
  const schema = SCHEMA_FILES["rule.schema.json"]!() as Schema;
  assert.equal(schema.additionalProperties, false);
  const tests = schema.properties["tests"] as { items: Schema };
  const row = tests.items.properties["row"] as Schema;
  for (const name of RULE_VARIABLES.keys()) assert.ok(Object.hasOwn(row.properties, name), name);
  const files = (await readdir(FOLDER, { recursive: true }))
    .filter((path) => path.endsWith(".yaml") && !path.endsWith("pack.yaml"));
  assert.ok(files.length > 40);
  for (const file of files) {
    const rule = parse(await readFile(`${FOLDER}/${file}`, "utf8")) as Record<string, unknown>;
    const keys = Object.keys(rule);
    assert.deepEqual(keys.filter((key) => !Object.hasOwn(schema.properties, key)), [], file);
    assert.deepEqual(schema.required.filter((key) => !keys.includes(key)), [], file);
    for (const test of rule["tests"] as { row: object }[]) {
      const unknown = Object.keys(test.row).filter((name) => !Object.hasOwn(row.properties, name));
      assert.deepEqual(unknown, [], file);
    }
  }
});
