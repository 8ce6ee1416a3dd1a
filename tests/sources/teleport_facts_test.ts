import assert from "node:assert/strict";
import { factLabels } from "../../lib/sources/teleport/fact_labels.ts";
import { inFolder, readAll, row, type TestEvent, writeArchive } from "./archive_folder.ts";

const SID = "11111111-1111-4111-a111-111111111111";
const DAY = { since: "2026-03-02T00:00:00Z", until: "2026-03-03T00:00:00Z" };
const TIME = "2026-03-02T10:00:00.000Z";
const START: TestEvent = { event: "session.start", time: TIME, sid: SID, user: "anna" };

async function read(events: readonly TestEvent[], keepLabels: readonly string[] = []) {
  let found: Awaited<ReturnType<typeof readAll>> = { sessions: [], skips: [], counts: [] };
  await inFolder(async (folder) => {
    const archive = await writeArchive(folder, { "2026-03-02/a.parquet": events.map(row) });
    found = await readAll(archive, { ...DAY, keepLabels });
  });
  return found;
}

Deno.test("readTeleportSessions() tells who acted, through whom and from which device", async () => {
  const { sessions: [bot] } = await read([
    { ...START, user_kind: 2, bot_name: "ci", impersonator: "anna@example.com" },
    { ...START, event: "session.join", bot_name: "other", impersonator: "boris" },
  ]);
  assert.deepEqual(bot?.facts, { bot_name: "ci", impersonator: "anna@example.com" });
  assert.equal(bot?.session.user_kind, "bot");
  const device = { device_id: "d1", os_type: 2, asset_tag: "zq7" };
  const { sessions: [person] } = await read([
    { ...START, user_kind: 1, trusted_device: device, access_requests: ["r1", "r2"] },
  ]);
  assert.deepEqual(person?.facts, { trusted_device: true, access_requests: 2 });
  const { sessions: [plain] } = await read([
    { ...START, trusted_device: null, access_requests: null, bot_name: "", impersonator: "" },
    { ...START, event: "session.join", trusted_device: device, access_requests: ["r1"] },
  ]);
  assert.deepEqual(plain?.facts, {});
});

Deno.test("readTeleportSessions() knows a bot by its name where users have no kind", async () => {
  const { sessions: [bot] } = await read([{ ...START, bot_name: "ci" }]);
  assert.equal(bot?.session.user_kind, "bot");
});

Deno.test("readTeleportSessions() gives the labels that are asked for, of the innermost target", async () => {
  const server_labels = { env: "prod", note: "zq7", "a,b": "x", team: "" };
  const asked = await read([
    { ...START, server_labels },
    { ...START, event: "session.end", time: "2026-03-02T10:01:00Z", server_labels: { env: "old" } },
    { ...START, sid: "kube", server_labels, kubernetes_labels: { env: "eu", deep: "zq7" } },
    { ...START, sid: "odd", server_labels: ["env"] },
    { ...START, sid: "none" },
    { event: "db.session.start", sid: "db", time: TIME, db_labels: { env: "db" } },
    { event: "app.session.start", sid: "app", time: TIME, app_labels: { env: "app" } },
    {
      event: "windows.desktop.session.start",
      sid: "desk",
      time: TIME,
      desktop_labels: { env: "win" },
    },
  ], ["env", "team"]);
  assert.deepEqual(
    asked.sessions.map(({ session, facts }) => [session.session_id, facts?.target_labels]),
    [
      [SID, { env: "prod", team: "" }],
      ["app", { env: "app" }],
      ["db", { env: "db" }],
      ["desk", { env: "win" }],
      ["kube", { env: "eu" }],
      ["none", undefined],
      ["odd", undefined],
    ],
  );
  assert.ok(!Deno.inspect(asked.sessions, { depth: 9 }).includes("zq7"));
  const { sessions: [not] } = await read([{ ...START, server_labels }]);
  assert.deepEqual(not?.facts, {});
});

Deno.test("readTeleportSessions() knows that Teleport summed a session up, and not what it wrote", async () => {
  const summary = { event: "session.summarized", time: "2026-03-02T11:00:00Z", username: "anna" };
  const { sessions } = await read([
    { ...START, proto: "kube" },
    { ...summary, sid: SID, success: true, short_description: "zq7", session_type: "k8s" },
    { ...START, sid: "tried" },
    { ...summary, sid: "tried", success: false, error: "zq7" },
    { ...START, sid: "twice" },
    { ...summary, sid: "twice", success: false },
    { ...summary, sid: "twice", success: true },
    { ...summary, sid: "nothing-else", success: true },
  ]);
  assert.deepEqual(
    sessions.map(({ session, facts }) => [session.session_id, session.kind, facts?.summarized]),
    [[SID, "kube", true], ["tried", "ssh", false], ["twice", "ssh", true]],
  );
  assert.equal(sessions[0]?.session.no_recording, "unknown");
  assert.ok(!Deno.inspect(sessions, { depth: 9 }).includes("zq7"));
});

Deno.test("readTeleportSessions() counts refused sessions, each once, and makes no session of them", async () => {
  const refusal = { event: "session.rejected", time: TIME, user: "anna", uid: "r1", max: 2 };
  const { sessions, skips } = await read([
    { ...refusal, reason: "max_sessions limit reached" },
    { ...refusal, reason: "max_sessions limit reached" },
    { ...refusal, uid: "r2", reason: "zq7" },
  ]);
  assert.deepEqual(sessions, []);
  assert.deepEqual(skips.map(({ uri: _, ...skip }) => skip), [
    { reason: "session was refused before it began", detail: "max_sessions", count: 2 },
  ]);
});

Deno.test("factLabels() makes labels of what is said, and of nothing else", () => {
  assert.deepEqual(factLabels({}, ["env"]), { labels: [], refused: {} });
  const said = factLabels({
    bot_name: "ci/nightly",
    impersonator: "anna@example.com",
    trusted_device: true,
    access_requests: 2,
    summarized: false,
    target_labels: { env: "prod", "team/name": "a b", other: "x" },
  }, ["env", "team/name", "missing"]);
  assert.deepEqual(said.refused, {});
  assert.deepEqual(Object.fromEntries(said.labels.map(({ key, value }) => [key, value])), {
    "teleport.bot-name": "ci-nightly",
    "teleport.impersonator": "anna-example.com",
    "teleport.trusted-device": "true",
    "teleport.access-requests": "2",
    "teleport.summarized": "failed",
    "teleport.label.env": "prod",
    "teleport.label.team-name": "a-b",
  });
});

Deno.test("factLabels() refuses what no label can be made of, and counts it", () => {
  const { labels, refused } = factLabels({
    bot_name: "\u202e<>\x1b",
    target_labels: { env: "'; --", team: "  ", long: "x".repeat(500) },
  }, ["env", "team", "long"]);
  assert.deepEqual(labels, [{ key: "teleport.label.long", value: "x".repeat(63) }]);
  assert.deepEqual(refused, {
    "value of teleport.bot-name is not valid": 1,
    "value of teleport.label.env is not valid": 1,
  });
});
