import assert from "node:assert/strict";
import protobuf from "protobufjs";
import { teleportSchema } from "../../lib/recording/teleport_schema.ts";

/** The tables of facts that `proto/` was written from; a checkout alone does not have them. */
const FACTS = "../shared/facts/events.proto.facts.tsv";
const facts = await Deno.readTextFile(FACTS).catch(() => null);
if (facts === null) console.warn(`${FACTS} is absent: proto/ is not held against it`);

Deno.test({
  name: "proto/ has every message, field and number of the facts",
  ignore: facts === null,
  fn() {
    const { root } = teleportSchema().union;
    const wrong: string[] = [];
    for (const row of facts!.trim().split("\n").slice(1)) {
      const [message, no, name, , repeated, key] = row.split("\t");
      const type = root.lookup(`shellscope.teleport.${message}`);
      const field = type instanceof protobuf.Type ? type.fieldsById[Number(no)] : undefined;
      const isKey = message === "OneOf" ||
        (field?.options?.json_name ?? "") === (key === "-" ? "" : key ?? "");
      if (field?.name !== name || field?.repeated !== (repeated === "1") || !isKey) wrong.push(row);
    }
    assert.deepEqual(wrong, []);
  },
});

Deno.test("the union's members are 267, numbered up to 271", () => {
  const numbers = [...teleportSchema().byNumber.keys()].sort((a, b) => a - b);
  assert.equal(numbers.length, 267);
  assert.deepEqual([numbers[0], numbers.at(-1)], [1, 271]);
  for (const never of [95, 185, 186, 187]) assert.ok(!numbers.includes(never));
});
