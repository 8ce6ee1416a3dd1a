import { DuckDBInstance } from "@duckdb/node-api";
import assert from "node:assert/strict";
import { join } from "node:path";
import { parse } from "sql-parser-cst";
import { readWideRows } from "../../lib/store/frame.ts";
import { setLabels } from "../../lib/store/labels.ts";
import { writePartitions } from "../../lib/store/partitioned_parquet.ts";
import { upsertSession } from "../../lib/store/sessions.ts";
import { inFolder, NOW, sampleStore, sessionRow } from "./sample.ts";

/** Two days, two substrates, a session without a begin, hostile names. */
function store() {
  const store = sampleStore("s-1");
  const others = [
    { session_id: "s-2", substrate: "aws-cloudtrail", kind: "api", principal: "a'; DROP\n\"b" },
    { session_id: "s-3", started_at: "2026-01-02T23:59:59.999Z", principal: "é\u202e" },
    { session_id: "s-4", started_at: null, ended_at: null, principal: null },
  ] as const;
  for (const fields of others) upsertSession(store, sessionRow(fields));
  setLabels(store, [{ subject_id: "s-3", key: "truth.operator-type", value: "human" }], {
    ...{ setBy: "manual:x", now: NOW },
  });
  store.statement(
    "INSERT INTO features_cmd (subject_id, cmd_commands, cmd_single_shot, cmd_gap_p50) VALUES (?, ?, ?, ?)",
  ).run("s-1", 7, 1, 0.25);
  return store;
}

Deno.test(
  "sessions as Parquet by day and substrate hold what the store does, in the types that are told",
  inFolder(async (folder) => {
    using from = store();
    const rows = [...readWideRows(from, { kind: "session" })];
    const subjects = rows.map(({ subject_id }) => subject_id);
    const { files, rows: written } = await writePartitions(from, folder, { subjects });
    assert.equal(written, 4);
    assert.deepEqual(files, [
      "date=2026-01-01/substrate=aws-cloudtrail/sessions.parquet",
      "date=2026-01-01/substrate=teleport-recording/sessions.parquet",
      "date=2026-01-02/substrate=teleport-recording/sessions.parquet",
      "date=__HIVE_DEFAULT_PARTITION__/substrate=teleport-recording/sessions.parquet",
    ]);

    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    const read = await connection.runAndReadAll(
      `SELECT * REPLACE (epoch_ms(started_at) AS started_at, epoch_ms(ended_at) AS ended_at,
         epoch_ms(uploaded_at) AS uploaded_at, epoch_ms(updated_at) AS updated_at)
       FROM read_parquet($1, hive_partitioning = true) ORDER BY subject_id`,
      [join(folder, "date=*", "substrate=*", "*.parquet")],
    );
    const back = read.getRowObjectsJS();
    connection.closeSync();
    instance.closeSync();
    for (const [i, row] of rows.entries()) {
      for (const [name, value] of Object.entries(row)) {
        const found = back[i]![name];
        if (/^(started|ended|uploaded|updated)_at$/.test(name)) {
          assert.equal(found === null ? null : Number(found), value && Date.parse(String(value)));
        } else if (name === "labels") assert.deepEqual(JSON.parse(String(found)), value, name);
        else assert.equal(typeof found === "bigint" ? Number(found) : found, value, name);
      }
    }

    const statements = {
      bigquery: await Deno.readTextFile(join(folder, "bigquery.sql")),
      athena: await Deno.readTextFile(join(folder, "athena.sql")),
    };
    parse(statements.bigquery, { dialect: "bigquery", includeRange: true });
    for (const sql of Object.values(statements)) {
      const told = [...sql.matchAll(/^ {2}`(\w+)` \w+,?$/gm)].map(([, name]) => name);
      assert.deepEqual(
        told,
        Object.keys(back[0]!).filter((n) => n !== "date" && n !== "substrate"),
      );
    }
    assert.match(statements.athena, /`cmd_single_shot` boolean/);
    assert.match(statements.athena, /`started_at` timestamp/);
    assert.match(statements.bigquery, /`cmd_commands` INT64/);
  }),
);
