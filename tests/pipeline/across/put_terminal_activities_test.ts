import assert from "node:assert/strict";
import fc from "../../property.ts";
import { fileURLToPath } from "node:url";
import { configSchema } from "../../../lib/config/config.ts";
import type { SessionRow } from "../../../lib/model/session.ts";
import { classify } from "../../../lib/phase1/classify.ts";
import { loadPack } from "../../../lib/phase1/pack.ts";
import { putAcross } from "../../../lib/pipeline/across/put_across.ts";
import { writeFeatures } from "../../../lib/store/features.ts";
import { readWideRows } from "../../../lib/store/frame.ts";
import { upsertSession } from "../../../lib/store/sessions.ts";
import { openStore, type Store } from "../../../lib/store/store.ts";

const NOW = new Date("2026-04-01T12:00:00Z");
const CONFIG = configSchema.parse({ identity: { domain: "example.com" } });
const BEGIN = Date.parse("2026-03-10T10:00:00Z");

function session(
  id: string,
  [from, until]: readonly [number, number],
  more: Partial<SessionRow> = {},
): SessionRow {
  return {
    ...{ session_id: id, substrate: "teleport-recording", kind: "ssh", principal: "anna" },
    ...{ login: "root", target: "web-1", scope: null, driver: null, user_kind: null },
    started_at: new Date(BEGIN + from * 1000).toISOString(),
    ended_at: new Date(BEGIN + until * 1000).toISOString(),
    ...{ duration_seconds: until - from, uploaded_at: null, no_recording: null },
    ...more,
  };
}

/** A session that was opened with a command. */
function putCommand(store: Store, row: SessionRow): void {
  upsertSession(store, row);
  writeFeatures(store, "cmd", [
    { subject_id: row.session_id, cmd_commands: 1, cmd_exec: 1, cmd_single_shot: true },
  ]);
}

function derived(store: Store): unknown {
  const tables = [
    "activities",
    "activity_members",
    "features_act",
    "features_cmd",
    "features_base",
  ];
  return tables.map((table) => store.database.prepare(`SELECT * FROM ${table}`).all());
}

Deno.test("activities on terminals are the same in whatever order sessions are pulled", async () => {
  const rows = fc.array(
    fc.record({
      from: fc.nat(400),
      lasts: fc.nat(40),
      login: fc.constantFrom("root", "app"),
      target: fc.constantFrom("web-1", "db-1"),
      principal: fc.constantFrom("anna", "Anna@example.com", "anna@example.com", "boris"),
    }),
    { minLength: 2, maxLength: 14 },
  ).map((all) =>
    all.map(({ from, lasts, ...more }, i) => session(`s-${i}`, [from, from + lasts], more))
  );
  await fc.assert(
    fc.asyncProperty(
      rows.chain((all) =>
        fc.record({
          all: fc.constant(all),
          shuffled: fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
          cut: fc.nat(all.length),
        })
      ),
      async ({ all, shuffled, cut }) => {
        using whole = openStore(":memory:", { now: () => NOW });
        for (const row of all) putCommand(whole, row);
        await putAcross(whole, { ...CONFIG, now: NOW });
        using inParts = openStore(":memory:", { now: () => NOW });
        for (const part of [shuffled.slice(0, cut), shuffled.slice(cut)]) {
          for (const row of part) putCommand(inParts, row);
          await putAcross(inParts, { ...CONFIG, now: NOW });
        }
        assert.deepEqual(derived(inParts), derived(whole));
      },
    ),
    { numRuns: 20 },
  );
});

Deno.test("a loop over hosts is one activity, whose verdict its sessions tell", async () => {
  using store = openStore(":memory:", { now: () => NOW });
  for (let i = 0; i < 12; i++) {
    const from = i * 2.4;
    putCommand(store, session(`s-${i}`, [from, from + 2], { target: `web-${i % 6}` }));
  }
  // a person's three commands, by hand, are no more than they were
  [0, 11, 24].forEach((from, i) => {
    putCommand(store, session(`p-${i}`, [from, from + 1], { principal: "boris" }));
  });
  await putAcross(store, { ...CONFIG, now: NOW });
  const pack = await loadPack(fileURLToPath(new URL("../../../rules", import.meta.url)));
  classify(store, pack, { now: NOW });
  const [activity, ...others] = [...readWideRows(store, { kind: "activity" })]
    .sort((a, b) => Number(b["members"]) - Number(a["members"]));
  assert.deepEqual(
    ["members", "activity_relation", "principal", "target", "operator_type"]
      .map((name) => activity![name]),
    [12, "in-a-row", "anna", null, "automation"],
  );
  const { reason } = store.database.prepare("SELECT reason FROM verdicts WHERE subject_id = ?")
    .get(activity!.subject_id)!;
  assert.match(String(reason), /^12 sessions in a row on 6 targets: automation/);
  const boris = others.filter(({ principal }) => principal === "boris");
  assert.deepEqual(boris.map((row) => [row["members"], row["operator_type"]]), [[3, "unknown"]]);
  const sessions = [...readWideRows(store, { kind: "session" })];
  const loop = sessions.filter((row) => row["activity_id"] === activity!.subject_id);
  assert.equal(loop.length, 12);
  for (const row of loop) {
    assert.deepEqual(
      ["activity_relation", "activity_operator_type", "cohort"].map((name) => row[name]),
      ["in-a-row", "automation", "single-shot"],
    );
  }
});

Deno.test("activities on terminals follow the rules of identities, and leave nothing behind", async () => {
  const rows = Array.from({ length: 9 }, (_, i) =>
    session(`s-${i}`, [i * 7, i * 7 + 5], {
      ...{ principal: ["anna", "anna2", "boris"][i % 3]!, target: `web-${i % 2}` },
    }));
  const of = (people: Record<string, string>) => ({
    ...configSchema.parse({ identity: { domain: "example.com", people } }),
    now: NOW,
  });
  using store = openStore(":memory:", { now: () => NOW });
  for (const row of rows) putCommand(store, row);
  const seen: unknown[] = [];
  const both = { anna2: "anna@example.com" };
  for (const people of [{}, both, {}, both]) {
    await putAcross(store, of(people));
    seen.push(derived(store));
  }
  assert.notDeepEqual(seen[0], seen[1]);
  assert.deepEqual([seen[2], seen[3]], [seen[0], seen[1]]);
  const whole = [...readWideRows(store, { kind: "activity" })]
    .find((row) => row["members"] === 6);
  assert.equal(whole!["principal"], "anna@example.com");
  const subjects = store.database.prepare(
    `SELECT count(*) AS n FROM subjects
     WHERE kind = 'activity' AND subject_id NOT IN (SELECT subject_id FROM activities)`,
  ).get()!;
  assert.equal(subjects["n"], 0);
});
