import assert from "node:assert/strict";
import { inOrder } from "../../lib/store/in_order.ts";
import fc from "../property.ts";

Deno.test("inOrder() gives every row of lists in order, in order", () => {
  const number = (a: number, b: number) => a - b;
  fc.assert(fc.property(fc.array(fc.array(fc.nat(40))), (lists) => {
    const sorted = lists.map((list) => list.toSorted(number).values());
    assert.deepEqual([...inOrder(sorted, number)], lists.flat().toSorted(number));
  }));
});
