import assert from "node:assert/strict";
import { join } from "node:path";
import { StoreError } from "../../lib/model/errors.ts";
import { eachRow } from "../../lib/store/each_row.ts";
import { openStore } from "../../lib/store/store.ts";
import { temporaryFolder } from "../temporary_folder.ts";

Deno.test("eachRow() gives every row, or says that a fault kept some back", () => {
  using folder = temporaryFolder();
  using store = openStore(join(folder.path, "s.sqlite"));
  const numbers = `WITH RECURSIVE numbers (n) AS (
    SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)`;
  assert.equal([...eachRow(store, `${numbers} SELECT n FROM numbers`, 5)].length, 5);
  // the third has no absolute value: SQLite gives two rows and then a fault
  const faulty = `${numbers} SELECT abs(iif(n = 3, -9223372036854775808, n)) AS v FROM numbers`;
  const seen: unknown[] = [];
  assert.throws(
    () => {
      for (const { v } of eachRow(store, faulty, 5)) seen.push(v);
    },
    (error: Error) => error instanceof StoreError && /can't be read to its end/.test(error.message),
  );
  assert.deepEqual(seen, [1, 2]);
});
