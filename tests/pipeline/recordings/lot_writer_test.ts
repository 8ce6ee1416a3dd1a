import assert from "node:assert/strict";
import { LotWriter } from "../../../lib/pipeline/recordings/lot_writer.ts";
import { openStore } from "../../../lib/store/store.ts";

Deno.test("LotWriter writes some items in one transaction, all in order, large ones at once", () => {
  using store = openStore(":memory:");
  const written: string[] = [];
  const lots = new LotWriter<string>(store, (item) => {
    assert.ok(store.database.isTransaction);
    written.push(item);
  });
  const items = Array.from({ length: 40 }, (_, i) => `item ${i}`);
  for (const item of items) lots.add(item);
  assert.ok(written.length >= 32 && written.length < 40);
  lots.flush();
  lots.flush();
  assert.deepEqual(written, items);
  lots.add("large", 64 * 1024 * 1024);
  assert.equal(written.at(-1), "large");
});

Deno.test("LotWriter writes nothing of a lot in which one item fails, and goes on with the next", () => {
  using store = openStore(":memory:");
  const lots = new LotWriter<string>(store, (item) => {
    if (item === "bad") throw new RangeError(item);
    store.statement("INSERT INTO key_check VALUES (1, ?)").run(item);
  });
  lots.add("good");
  lots.add("bad");
  assert.throws(() => lots.flush(), RangeError);
  lots.flush();
  assert.equal(store.database.prepare("SELECT count(*) AS n FROM key_check").get()!["n"], 0);
});
