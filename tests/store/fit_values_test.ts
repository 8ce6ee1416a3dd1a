import assert from "node:assert/strict";
import { columnForm } from "../../lib/store/column_forms.ts";
import { checkValues } from "../../lib/store/fit_values.ts";
import type { Store } from "../../lib/store/store.ts";
import { STORED_JSON } from "../../lib/store/stored_json.ts";
import { type Column, columnsOf, filledStore } from "../attacks/filled_store.ts";
import { HOSTILE_VALUES } from "../attacks/hostile_values.ts";

/** JSON of a shape that no column has. */
const ODD_JSON = [
  ...["not json", "", "null", "7", `"text"`, "[[[[]]]]", `{"__proto__":{"a":1}}`, `[1e999]`],
  ...["[".repeat(100_000), `[${"[".repeat(5_000)}${"]".repeat(5_000)}]`, `{"a":{"b":{"c":[]}}}`],
];

/** Moments that are none, or that SQLite and JavaScript read differently. */
const ODD_TIMES = [
  ...["yesterday", "2026-02-31T00:00:00.000Z", "2026-03-10T08:00:00.000+12:00", "2026", "now"],
  ...["+275760-09-13T00:00:00.000Z", "-000001-01-01T00:00:00.000Z", "99999-01-01T00:00:00.000Z"],
];

/** Some of what may not stand in a column, by its form; other ones for the next column. */
function misfits({ table, name, type }: Column, turn: number): readonly (string | number)[] {
  if (type === "INTEGER") return [turn % 2 === 0 ? 2 ** 60 : -(2 ** 60)];
  if (type === "REAL") return [turn % 2 === 0 ? Infinity : -1e300];
  const hostile = [0, 1, 2].map((i) => HOSTILE_VALUES[(turn * 3 + i) % HOSTILE_VALUES.length]!)
    // a good word for a label
    .filter((text) => text !== "constructor");
  switch (columnForm(table, name)?.is) {
    case "any":
      return ["x".repeat(5 * 1024 * 1024)];
    case "json":
      return [...hostile, ...ODD_JSON];
    case "time":
      return [...hostile, ODD_TIMES[turn % ODD_TIMES.length]!];
  }
  return hostile;
}

/** Does to a store what its own rules forbid, holds it against `then`, and undoes it. */
function breaking(store: Store, change: () => void, then: () => void): void {
  const { database } = store;
  database.exec("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; BEGIN");
  try {
    change();
    database.exec("PRAGMA ignore_check_constraints = OFF");
    then();
  } finally {
    database.exec("ROLLBACK");
  }
}

Deno.test("checkValues() takes what shellscope writes, in every column", () => {
  using store = filledStore();
  checkValues(store);
});

Deno.test("every column of texts says what stands in it, and each of JSON its shape", () => {
  using store = filledStore();
  const columns = columnsOf(store).filter(({ type }) => type === "TEXT");
  const unsaid = columns.filter(({ table, name }) => columnForm(table, name) === undefined);
  assert.deepEqual(unsaid, []);
  const json = columns.filter(({ table, name }) => columnForm(table, name)!.is === "json");
  assert.deepEqual(
    json.map(({ table, name }) => `${table}.${name}`).sort(),
    Object.keys(STORED_JSON).sort(),
  );
});

Deno.test("checkValues() refuses whatever else stands in a column, by the name of its table", () => {
  using store = filledStore();
  let refused = 0;
  columnsOf(store).forEach((column, turn) => {
    const update = store.statement(`UPDATE ${column.table} SET "${column.name}" = ?`);
    for (const value of misfits(column, turn)) {
      breaking(store, () => {
        update.run(column.type === "INTEGER" ? BigInt(value) : value);
      }, () => {
        assert.throws(() => checkValues(store), (error: Error) => {
          assert.equal(error.name, "StoreError", error.message);
          assert.match(error.message, new RegExp(`^Store ":memory:" .* its table "\\w+" holds `));
          return true;
        }, `${column.table}.${column.name} ${JSON.stringify(String(value).slice(0, 40))}`);
      });
      refused++;
    }
  });
  console.log(`${refused} values refused`);
});

Deno.test("checkValues() refuses rows that a store's own rules forbid or that belong to nothing", () => {
  using store = filledStore();
  const cases = {
    "UPDATE features_pty SET pty_bracketed_paste = 7": "features_pty",
    "UPDATE subjects SET kind = 'activity'": "subjects",
    "UPDATE labels SET subject_id = 'nobody'": "labels",
    "UPDATE recordings SET session_id = 'nobody'": "recordings",
    "DELETE FROM call_minutes": "called_commands",
  };
  for (const [sql, table] of Object.entries(cases)) {
    breaking(store, () => store.database.exec(sql), () => {
      assert.throws(() => checkValues(store), new RegExp(`table "${table}" holds rows that`), sql);
    });
  }
});
