import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { atOnce } from "../../lib/model/hear_signal.ts";
import { joinMinutes } from "../../lib/sessions/join_minutes.ts";
import { MINUTE_COLUMNS, minuteValues } from "../../lib/store/call_minutes.ts";
import { readWideRows } from "../../lib/store/frame.ts";
import { IncomingMinutes } from "../../lib/store/incoming_minutes.ts";
import { openStore, type Store } from "../../lib/store/store.ts";
import { callRows } from "../sessions/call_rows.ts";
import { inFolder } from "./sample.ts";

const MIGRATIONS = new URL("../../lib/store/migrations/", import.meta.url);
const FIRST = new URL("0001_first.sql", MIGRATIONS);
const NO_COMMANDS_BEFORE = 12;

function planOf(store: Store, sql: string): string {
  return store.database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()
    .map(({ detail }) => String(detail)).join("\n");
}

Deno.test("a store of the first version keeps its sessions and gets the columns of calls", () => {
  const path = Deno.makeTempFileSync({ suffix: ".sqlite" });
  try {
    const old = new DatabaseSync(path);
    old.exec(Deno.readTextFileSync(FIRST));
    old.exec(`PRAGMA application_id = ${0x73687363}; PRAGMA user_version = 1;
      INSERT INTO sessions (session_id, substrate, kind, updated_at)
        VALUES ('s-1', 'teleport-recording', 'db', '2026-03-10T00:00:00.000Z');
      INSERT INTO subjects (subject_id, kind, session_id) VALUES ('s-1', 'session', 's-1');
      INSERT INTO features_call (subject_id, call_calls) VALUES ('s-1', 7)`);
    old.close();
    using store = openStore(path);
    const [row] = readWideRows(store);
    assert.equal(row!["call_calls"], 7);
    assert.equal(row!["call_edges"], null);
    assert.equal(row!["kind"], "db");
  } finally {
    for (const end of ["", "-wal", "-shm"]) {
      try {
        Deno.removeSync(path + end);
      } catch {
        // there is none
      }
    }
  }
});

Deno.test("minutes are read by an index, in order, however many there are", () => {
  using store = openStore(":memory:");
  const driver = planOf(
    store,
    `SELECT * FROM call_minutes WHERE substrate = 'a' AND principal = 'p' AND driver = 'd'
       AND minute <= 'z' AND (minute, source) > ('m', 's') ORDER BY minute, source LIMIT 9`,
  );
  const principal = planOf(
    store,
    `SELECT * FROM call_minutes INDEXED BY call_minutes_by_principal
     WHERE substrate = 'a' AND principal = 'p' AND minute <= 'z'
       AND (minute, driver, source) > ('m', 'd', 's') ORDER BY minute, driver, source LIMIT 9`,
  );
  for (const plan of [driver, principal]) assert.doesNotMatch(plan, /TEMP B-TREE|SCAN/, plan);
});

const GCLOUD = "google-cloud-sdk gcloud/557.0.0 command/gcloud.";

/** Minutes of a principal whose calls belong to two commands in turn, to none, and to one. */
function minutesOfCommands() {
  const by = (userAgent: string, ...at: number[]) =>
    callRows(at.map((at) => ({ at })), { userAgent });
  const [list, projects] = ["compute.instances.list", "projects.list"].map((name) => GCLOUD + name);
  return [
    joinMinutes([...by(list!, 0, 1, 1, 30), ...by(projects!, 5, 1.5), ...by(GCLOUD, 2)]),
    ...by("curl/8.0", 3, 63),
    ...by(projects!, 120),
  ];
}

Deno.test(
  "a store of before minutes' commands gets the same of its rows as a pull writes",
  inFolder((folder) => {
    const [path, minutes] = [`${folder}/old.sqlite`, minutesOfCommands()];
    const names = [...Deno.readDirSync(MIGRATIONS)].map(({ name }) => name).sort();
    {
      using old = new DatabaseSync(path);
      for (const name of names.slice(0, NO_COMMANDS_BEFORE)) {
        old.exec(Deno.readTextFileSync(new URL(name, MIGRATIONS)));
      }
      old.exec(
        `PRAGMA application_id = ${0x73687363}; PRAGMA user_version = ${NO_COMMANDS_BEFORE}`,
      );
      const insert = old.prepare(
        `INSERT INTO call_minutes (${MINUTE_COLUMNS}) VALUES (${MINUTE_COLUMNS.map(() => "?")})`,
      );
      for (const row of minutes) insert.run(...minuteValues(row, "log"));
    }
    using brought = openStore(path);
    using pulled = openStore(":memory:");
    const incoming = new IncomingMinutes(pulled, joinMinutes);
    incoming.add(minutes, "log");
    const window = { source: "log", substrate: "gcp-cloud-audit" as const, sinceMs: 0 };
    atOnce(incoming.replace({ ...window, untilMs: 300_000 }, () => {}));
    const commandsIn = (store: Store) => store.statement("SELECT * FROM called_commands").all();
    assert.deepEqual(commandsIn(brought), commandsIn(pulled));
    assert.deepEqual(commandsIn(brought).map(({ commands }) => JSON.parse(String(commands))), [
      [
        ["gcloud.compute.instances.list", [0, 1000, 1000]],
        ["gcloud.projects.list", [1500, 5000]],
        ["gcloud.compute.instances.list", [30_000]],
      ],
      [["gcloud.projects.list", [0]]],
    ]);

    // of the first minute its commands go, of the last the minute itself
    incoming.clear();
    incoming.add(callRows([{ at: 0 }], { userAgent: GCLOUD }), "log");
    atOnce(incoming.replace({ ...window, untilMs: 60_000 }, () => {}));
    assert.equal(commandsIn(pulled).length, 1);
    incoming.clear();
    atOnce(incoming.replace({ ...window, untilMs: 300_000 }, () => {}));
    assert.deepEqual(commandsIn(pulled), []);
  }),
);

Deno.test("minutes are stored in the order of their key, by an index of what came in", () => {
  using store = openStore(":memory:");
  new IncomingMinutes(store, joinMinutes);
  const plan = planOf(
    store,
    `SELECT commands FROM incoming_minutes ORDER BY substrate, principal, driver, minute, source`,
  );
  assert.doesNotMatch(plan, /TEMP B-TREE/, plan);
});
