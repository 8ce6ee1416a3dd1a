import assert from "node:assert/strict";
import { SoakPlan } from "./plan.ts";
import type { Sample } from "./samples.ts";

const same = (bytes: Uint8Array) => bytes;
const samples: Sample[] = [
  { name: "one", bytes: Uint8Array.of(1, 2, 3), wrap: same },
  { name: "two", bytes: Uint8Array.of(9, 8), wrap: same },
];

Deno.test("SoakPlan tries every prefix, and every change of a byte once", () => {
  for (const seed of [1, 2, 77]) {
    const plan = new SoakPlan(samples, seed);
    assert.deepEqual([plan.prefixes, plan.byteChanges], [7, 5 * 255]);
    const prefixes = new Set<string>();
    const changes = new Set<string>();
    for (let number = 0; number < plan.whole; number++) {
      const { name } = plan.input(number);
      if (plan.kind(number) === "prefix") prefixes.add(name);
      if (plan.kind(number) === "byte change") changes.add(name);
    }
    assert.equal(prefixes.size, plan.prefixes);
    assert.equal(changes.size, plan.byteChanges);
  }
});

Deno.test("SoakPlan makes the same input of the same seed and number", () => {
  for (let number = 0; number < 3000; number += 7) {
    const [one, two] = [new SoakPlan(samples, 5), new SoakPlan(samples, 5)];
    assert.deepEqual(one.input(number), two.input(number));
  }
});
