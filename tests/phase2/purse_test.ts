import assert from "node:assert/strict";
import fc from "../property.ts";
import { Purse } from "../../lib/phase2/purse.ts";

Deno.test("Purse holds back what others may yet cost, and waits for what they give back", async () => {
  const purse = new Purse(10);
  const first = (await purse.open(6, { cap: 100 }))!;
  const second = purse.open(6, { cap: 100 });
  first.settle(6, 2);
  first[Symbol.dispose]();
  using held = (await second)!;
  assert.equal(purse.spent, 2);
  assert.equal(held.more(2), true);
  assert.equal(held.more(0.5), false);
  held.settle(2, 0);
  assert.equal(held.more(0.5), true);
});

Deno.test("Purse gives nothing that nobody can give back", async () => {
  const purse = new Purse(10);
  assert.equal(await purse.open(11, { cap: 100 }), null);
  using whole = (await purse.open(10, { cap: 100 }))!;
  whole.settle(10, 10);
  assert.equal(whole.more(0.1), false);
});

Deno.test("Allowance takes no more for one session than its cap", async () => {
  using allowance = (await new Purse(100).open(3, { cap: 5 }))!;
  allowance.settle(3, 3);
  assert.equal(allowance.more(2), true);
  assert.equal(allowance.more(0.1), false);
});

Deno.test("Purse never lets requests cost more than the budget, in whatever order they end", async () => {
  const sessions = fc.array(
    fc.record({ windows: fc.integer({ min: 1, max: 4 }), lost: fc.nat(3) }),
  );
  await fc.assert(
    fc.asyncProperty(sessions, fc.integer({ min: 1, max: 20 }), async (all, budget) => {
      const purse = new Purse(budget);
      let most = 0;
      await Promise.all(all.map(async ({ windows, lost }) => {
        using allowance = await purse.open(windows, { cap: 5 });
        if (allowance === null) return;
        for (let window = 0; window < windows; window++) {
          let tries = 1;
          while (tries <= lost && allowance.more(1)) tries++;
          await Promise.resolve();
          allowance.settle(tries, tries);
          most = Math.max(most, purse.spent);
        }
      }));
      assert.ok(most <= budget, `${most} of ${budget}`);
    }),
  );
});
