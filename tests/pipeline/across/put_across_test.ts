import assert from "node:assert/strict";
import { configSchema } from "../../../lib/config/config.ts";
import { ConfigError } from "../../../lib/model/errors.ts";
import { correlateSessions } from "../../../lib/pipeline/across/correlate.ts";
import { putAcross } from "../../../lib/pipeline/across/put_across.ts";
import type { SessionRow } from "../../../lib/model/session.ts";
import { readWideRows } from "../../../lib/store/frame.ts";
import { readCorrelations, readLeftOut } from "../../../lib/store/correlations.ts";
import { readLooks } from "../../../lib/store/identity_looks.ts";
import { upsertSession } from "../../../lib/store/sessions.ts";
import { openStore, type Store } from "../../../lib/store/store.ts";
import { readUnidentified } from "../../../lib/store/identities.ts";

const NOW = new Date("2026-04-01T12:00:00Z");
const CONFIG = configSchema.parse({ identity: { domain: "example.com" } });

function session(id: string, more: Partial<SessionRow> = {}): SessionRow {
  return {
    ...{ session_id: id, substrate: "teleport-recording", kind: "ssh", principal: "anna" },
    ...{ login: "root", target: "web-1", scope: null, driver: null, user_kind: null },
    ...{ started_at: "2026-03-10T10:00:00.000Z", ended_at: "2026-03-10T10:00:05.000Z" },
    ...{ duration_seconds: 5, uploaded_at: null, no_recording: null },
    ...more,
  };
}

/** Sessions of some days, in the order that numbers say. */
async function storeOf(rows: readonly SessionRow[]): Promise<Store> {
  const store = openStore(":memory:", { now: () => NOW });
  for (const row of rows) upsertSession(store, row);
  await putAcross(store, { ...CONFIG, now: NOW });
  await correlateSessions(store, { ...CONFIG, now: NOW });
  return store;
}

function derived(store: Store): string {
  const tables = [
    ...["identities", "features_base", "activities", "activity_members", "correlations"],
    ...["contradictions", "labels"],
  ];
  return JSON.stringify(
    tables.map((table) => store.database.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all()),
  );
}

function days(count: number): SessionRow[] {
  return Array.from({ length: count }, (_, i) => {
    const started_at = new Date(Date.UTC(2026, 2, 1 + Math.floor(i / 3), 9, (i % 3) * 2));
    const ended_at = new Date(started_at.getTime() + 115_000);
    return session(`s-${String(i).padStart(2, "0")}`, {
      started_at: started_at.toISOString(),
      ended_at: ended_at.toISOString(),
      duration_seconds: 115,
      ...i % 3 === 1 && { substrate: "gcp-cloud-audit", kind: "api", driver: "gcloud 1.2.3.4" },
      ...i % 3 === 1 && { principal: "anna@example.com", login: null },
    });
  });
}

Deno.test("what is derived across sessions does not depend on the order they were pulled in", async () => {
  const rows = days(30);
  using forwards = await storeOf(rows);
  using backwards = await storeOf(rows.toReversed());
  assert.equal(derived(backwards), derived(forwards));
  // in parts: what came later is told anew
  using inParts = await storeOf(rows.slice(15));
  for (const row of rows.slice(0, 15)) upsertSession(inParts, row);
  await putAcross(inParts, { ...CONFIG, now: NOW });
  await correlateSessions(inParts, { ...CONFIG, now: NOW });
  assert.equal(derived(inParts), derived(forwards));
  const [{ n }] = forwards.database.prepare(
    "SELECT count(*) AS n FROM features_base WHERE base_first_target IS NOT NULL",
  ).all() as [{ n: number }];
  assert(n > 0 && n < 30, `${n} sessions have enough history`);
});

Deno.test("putAcross() makes one activity of terminals seconds apart, and moves its marks", async () => {
  const at = (seconds: number) => ({
    started_at: new Date(Date.UTC(2026, 2, 10, 10, 0, seconds)).toISOString(),
    ended_at: new Date(Date.UTC(2026, 2, 10, 10, 0, seconds + 5)).toISOString(),
  });
  const rows = [
    session("b", at(10)),
    // another spelling of the same person
    session("c", { ...at(20), principal: "Anna@example.com" }),
    session("far", at(80)),
    session("other-login", { ...at(12), login: "app" }),
    session("other-target", { ...at(12), target: "db-1" }),
    session("other-person", { ...at(12), principal: "boris" }),
  ];
  using store = await storeOf(rows);
  const activities = () =>
    store.database.prepare(
      `SELECT subject_id, json_group_array(session_id) AS members, relation
       FROM activity_members JOIN activities USING (subject_id)
       GROUP BY subject_id ORDER BY count(*)`,
    ).all();
  const [before, several, ...none] = activities();
  assert.deepEqual(none, []);
  assert.deepEqual(JSON.parse(String(before!["members"])).sort(), ["b", "c"]);
  assert.equal(before!["relation"], "in-a-row");
  // the same person in the same moments elsewhere, too
  assert.deepEqual(JSON.parse(String(several!["members"])).sort(), [
    ...["b", "c", "other-login", "other-target"],
  ]);
  assert.equal(several!["relation"], "side-by-side");
  const row = [...readWideRows(store, { subjects: [String(several!["subject_id"])] })][0]!;
  assert.deepEqual(
    ["principal", "login", "target", "act_sessions", "act_targets", "act_logins"]
      .map((name) => row[name]),
    ["anna@example.com", null, null, 4, 2, 2],
  );
  assert.equal(row["act_most_at_once"], 3);
  const [c] = readWideRows(store, { subjects: ["c"] });
  assert.equal(c!["activity_id"], several!["subject_id"]);
  store.database.prepare(
    "INSERT INTO labels VALUES (?, 'truth.operator-type', 'agent', 'manual:ana', 't')",
  ).run(before!["subject_id"]!);
  // an earlier one turns up: the activity has another id, the label by hand goes along
  upsertSession(store, session("a", at(0)));
  await putAcross(store, { ...CONFIG, now: NOW });
  const [after] = activities();
  assert.notEqual(after!["subject_id"], before!["subject_id"]);
  assert.deepEqual(JSON.parse(String(after!["members"])).sort(), ["a", "b", "c"]);
  const label = store.database.prepare("SELECT subject_id FROM labels WHERE set_by = 'manual:ana'")
    .get();
  assert.equal(label!["subject_id"], after!["subject_id"]);
});

Deno.test("readLooks() tells how an identity looks as a rule, a side at a time", async () => {
  using store = await storeOf([
    ...days(30),
    session("claimed", {
      ...{ substrate: "aws-cloudtrail", kind: "api", driver: "boto3 1.2.3.4" },
      principal: "arn:aws:sts::111122223333:assumed-role/ops/anna@example.com",
    }),
  ]);
  const looks = readLooks(store, "anna@example.com");
  assert.deepEqual(
    looks.map(({ side, sessions, days, tools, targets }) => (
      { side, sessions, days, tools, targets }
    )),
    [
      {
        ...{ side: "gcp", sessions: 10, days: 10, tools: [{ name: "gcloud", sessions: 10 }] },
        targets: [{ name: "web-1", sessions: 10 }],
      },
      {
        ...{ side: "teleport", sessions: 20, days: 10, tools: [] },
        targets: [{ name: "web-1", sessions: 20 }],
      },
    ],
  );
  assert.deepEqual(looks.map(({ hours }) => hours[9]), [10, 20]);
  assert.deepEqual(readLooks(store, "nobody@example.com"), []);
});

Deno.test("putAcross() lets nobody make another's habits by choosing their name", async () => {
  const roles = ["AWSReservedSSO_Admin_0a1b2c3d4e5f6071", "ops"];
  const rows = roles.flatMap((role, r) =>
    Array.from({ length: 9 }, (_, i) =>
      session(`s-${r}-${i}`, {
        ...{ substrate: "aws-cloudtrail", kind: "api", driver: `tool-${r} 1.2.3.4` },
        principal: `arn:aws:sts::111122223333:assumed-role/${role}/anna@example.com`,
        started_at: new Date(Date.UTC(2026, 2, 1 + i, 9 + r)).toISOString(),
      }))
  );
  using store = await storeOf(rows);
  const history = (id: string) =>
    store.database.prepare("SELECT * FROM features_base WHERE subject_id = ?").get(id)!;
  assert.equal(history("s-0-8")["base_sessions"], 8);
  assert.equal(history("s-1-8")["base_sessions"], 8);
  assert.equal(history("s-1-8")["base_first_tool"], 0);
});

Deno.test("putAcross() lists who is not known, takes a table, and says where there is none", async () => {
  const table = await Deno.makeTempFile({ suffix: ".csv" });
  try {
    await Deno.writeTextFile(
      table,
      "principal,identity\nsvc-1,deploy@example.com\nsvc-2,a@example.com\nsvc-2,b@example.com\n,x\n",
    );
    using store = openStore(":memory:", { now: () => NOW });
    const names = ["svc-1", "svc-2", "who?", "\u202eanna", "x".repeat(10_240)];
    names.forEach((principal, i) => upsertSession(store, session(`s-${i}`, { principal })));
    const identity = { ...configSchema.parse({}).identity, table };
    await putAcross(store, { ...CONFIG, identity, now: NOW });
    const listed = (state: "unmatched" | "ambiguous") =>
      readUnidentified(store, { state, limit: 9 }).map(({ principal }) => principal);
    assert.deepEqual(listed("ambiguous"), ["svc-2"]);
    assert.deepEqual(listed("unmatched"), ["who?", "x".repeat(10_240), "\u202eanna"]);
    const { count } = store.database.prepare(
      "SELECT count FROM skips WHERE source = 'identities'",
    ).get()!;
    assert.equal(count, 1);
    await assert.rejects(
      putAcross(store, { ...CONFIG, identity: { ...identity, table: `${table}.gone` }, now: NOW }),
      (error) => error instanceof ConfigError && /no such table of identities/.test(error.message),
    );
  } finally {
    await Deno.remove(table);
  }
});

Deno.test("correlateSessions() keeps the surest few of what one session has with many, and counts the rest", async () => {
  const calls = Array.from({ length: 7 }, (_, i) =>
    session(`calls-${i}`, {
      ...{ substrate: "gcp-cloud-audit", kind: "api", principal: "anna@example.com", login: null },
      driver: `gcloud 192.0.2.${i}`,
      started_at: `2026-03-10T09:5${i}:00.000Z`,
      // the later they begin, the less of them lies beside the terminal
      ended_at: new Date(Date.UTC(2026, 2, 10, 10, 0, 5 - i / 2)).toISOString(),
    }));
  using store = await storeOf([...calls, session("terminal")]);
  const found = readCorrelations(store);
  assert.deepEqual(
    found.map(({ sessions }) => sessions),
    [0, 1, 2, 3].map((i) => [`calls-${i}`, "terminal"]),
  );
  assert.deepEqual(readLeftOut(store), [{ identity: "anna@example.com", count: 3 }]);
});
