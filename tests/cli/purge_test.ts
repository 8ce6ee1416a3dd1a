import assert from "node:assert/strict";
import { join } from "node:path";
import { setLabels } from "../../lib/store/labels.ts";
import { TABLES } from "../../lib/store/tables.ts";
import { openStore, type Store } from "../../lib/store/store.ts";
import { fixturesConfig, OWN_RULES } from "../../lib/pipeline/own_files.ts";
import { runPipeline } from "../../lib/pipeline/run.ts";
import { jsonLines, NOW, shellscope } from "./harness.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const WHO = "boris@example.com";
const ROLE_USER = "arn:aws:iam::111122223333:user/aws-role-chain-user";

/** A store with the fixtures in it, and a note on another's session that names `WHO`. */
async function fixturesStore(folder: string): Promise<string> {
  const db = join(folder, "s.sqlite");
  await runPipeline(fixturesConfig(db), { rules: OWN_RULES, now: () => NOW });
  using store = openStore(db);
  const { session_id } = store.statement(
    "SELECT session_id FROM sessions WHERE principal <> ? ORDER BY session_id",
  ).get(WHO)!;
  const note = store.statement(
    "INSERT INTO notes (subject_id, text, set_by, set_at) VALUES (?, ?, ?, 'y')",
  );
  note.run(session_id!, `taken over from ${WHO}?`, "x");
  note.run(session_id!, "looks alike", `manual:${WHO}`);
  const subject_id = String(session_id);
  setLabels(store, [{ subject_id, key: "review.state", value: "done" }], {
    ...{ setBy: `manual:${WHO}`, now: NOW },
  });
  return db;
}

function rowsOf(store: Store): Record<string, number> {
  return Object.fromEntries(
    Object.keys(TABLES).map((table) => [
      table,
      Number(store.statement(`SELECT count(*) AS n FROM ${table}`).get()!["n"]),
    ]),
  );
}

function holds(folder: string, text: string): string[] {
  const wanted = new TextEncoder().encode(text);
  const found: string[] = [];
  for (const { name, isFile } of Deno.readDirSync(folder)) {
    if (isFile && indexOf(Deno.readFileSync(join(folder, name)), wanted) >= 0) found.push(name);
  }
  return found;
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  for (let at = bytes.indexOf(wanted[0]!); at >= 0; at = bytes.indexOf(wanted[0]!, at + 1)) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}

Deno.test("every table of the store says how it is tied to a session", () => {
  using store = openStore(":memory:");
  const tables = store.statement(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name",
  ).all().map(({ name }) => String(name));
  assert.deepEqual(
    tables,
    Object.keys(TABLES).sort(),
    "a new table: say in lib/store/tables.ts what it is, and see that purge and merge do right by it",
  );
  for (const [table, tie] of Object.entries(TABLES)) {
    const columns = store.statement(`SELECT name FROM pragma_table_info('${table}')`).all()
      .map(({ name }) => name);
    if (tie === "of-session") assert.ok(columns.includes("session_id"), table);
    if (tie === "of-subject") assert.ok(columns.includes("subject_id"), table);
    if (tie === "minutes") assert.ok(columns.includes("principal"), table);
  }
});

Deno.test("purge counts first, then removes a principal to the last byte", async () => {
  using folder = temporaryFolder();
  const db = await fixturesStore(folder.path);
  const args = ["purge", "--principal", WHO, "--db", db, "--format", "jsonl"];
  const counted = await shellscope(...args);
  assert.equal(counted.status, 0, counted.err);
  assert.match(counted.err, /Nothing is removed yet: add --yes/);
  assert.ok(holds(folder.path, WHO).length > 0);
  using before = openStore(db, { readOnly: true });
  const rows = rowsOf(before);
  before[Symbol.dispose]();

  const removed = await shellscope(...args, "--yes");
  assert.equal(removed.status, 0, removed.err);
  assert.equal(removed.out, counted.out, "what was counted is what went");
  using after = openStore(db, { readOnly: true });
  const counts = Object.fromEntries(
    jsonLines(removed.out).map(({ table, rows }) => [String(table), Number(rows)]),
  );
  assert.ok(counts["sessions"]! > 20 && counts["call_minutes"]! > 0 && counts["notes"] === 1);
  for (const [table, left] of Object.entries(rowsOf(after))) {
    assert.equal(left, rows[table]! - (counts[table] ?? 0), table);
  }
  for (const table of ["labels", "label_history", "notes"]) {
    const signed = `SELECT count(*) AS n FROM ${table} WHERE set_by = 'manual:removed'`;
    assert.equal(after.statement(signed).get()!["n"], 1, table);
  }
  assert.deepEqual(after.statement("PRAGMA foreign_key_check").all(), []);
  assert.equal(after.statement("PRAGMA integrity_check").get()!["integrity_check"], "ok");
  after[Symbol.dispose]();

  // the person's other spellings are of the same identity
  assert.deepEqual(holds(folder.path, WHO), [], "bytes of the store and its WAL");
  const left = [...Deno.readDirSync(folder.path)].map(({ name }) => name);
  assert.deepEqual(left.filter((name) => /-journal$|\.new/.test(name)), []);
});

Deno.test("purge waits for no reader; it removes a principal from others' labels, and a time with all in it", async () => {
  using folder = temporaryFolder();
  const db = await fixturesStore(folder.path);
  {
    using reader = openStore(db, { readOnly: true });
    reader.database.exec("BEGIN");
    const before = rowsOf(reader);
    const refused = await shellscope("purge", "--principal", ROLE_USER, "--yes", "--db", db);
    assert.equal(refused.status, 1);
    assert.match(refused.err, /is open in another process.*close it there/);
    reader.database.exec("ROLLBACK");
    assert.deepEqual(rowsOf(reader), before, "nothing is removed under a reader");
  }
  const label = "arn-aws-iam-111122223333-user-aws-role-chain-user";
  assert.ok(holds(folder.path, label).length > 0);
  const ofOne = await shellscope("purge", "--principal", ROLE_USER, "--yes", "--db", db);
  assert.equal(ofOne.status, 0, ofOne.err);
  const ofPart = await shellscope("purge", "--principal", "boris@", "--db", db);
  assert.match(ofPart.err, /Other principals have that in their name/);
  assert.deepEqual(holds(folder.path, label), []);

  const range = ["--since", "2026-03-10", "--before", "2026-03-11"];
  const { status, err } = await shellscope("purge", ...range, "--yes", "--db", db);
  assert.equal(status, 0, err);
  using store = openStore(db, { readOnly: true });
  const { n } = store.statement(
    `SELECT count(*) AS n FROM sessions
     WHERE started_at >= '2026-03-10' AND started_at < '2026-03-11'`,
  ).get()!;
  assert.equal(n, 0);
  const { left } = store.statement("SELECT count(*) AS left FROM sessions").get()!;
  assert.ok(Number(left) > 10, "other days stay");
  // minutes of that day belong to sessions of another day only
  const { loose } = store.statement(
    `SELECT count(*) AS loose FROM call_minutes WHERE NOT EXISTS (
       SELECT 1 FROM sessions WHERE sessions.principal = call_minutes.principal
         AND sessions.driver = call_minutes.driver)`,
  ).get()!;
  assert.equal(loose, 0);
  store[Symbol.dispose]();

  // also a session of which no time is known: it began before it was stored
  const before = new Date(NOW.getTime() + 1).toISOString();
  await shellscope("purge", "--before", before, "--yes", "--db", db);
  using emptied = openStore(db, { readOnly: true });
  assert.equal(rowsOf(emptied)["sessions"], 0);
});

Deno.test("purge wants one scope, and a store that is there", async () => {
  using folder = temporaryFolder();
  const db = join(folder.path, "none.sqlite");
  for (
    const [args, message] of [
      [[], /takes --principal P or --before T/],
      [["--principal", "a", "--before", "30d"], /one of them/],
      [["--principal", "a", "--since", "30d"], /--since goes with --before/],
      [["--since", "1d", "--before", "30d"], /must lie before/],
      [["--before", "soon"], /no time/],
    ] as const
  ) {
    const { status, err } = await shellscope("purge", ...args, "--db", db);
    assert.equal(status, 2, err);
    assert.match(err, message);
  }
  const { status, err } = await shellscope("purge", "--before", "30d", "--db", db);
  assert.equal(status, 1);
  assert.match(err, /There is no store/);
});
