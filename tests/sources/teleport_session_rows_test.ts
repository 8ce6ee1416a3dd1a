import assert from "node:assert/strict";
import { type TestEvent } from "./archive_folder.ts";
import { end, sessionsOf, SID, start, upload } from "./teleport_events.ts";

Deno.test("readTeleportSessions() puts a session together from its events", async () => {
  const [found, ...rest] = await sessionsOf([
    start("2026-03-02T10:00:00.250Z"),
    end("2026-03-02T10:05:01Z", {
      session_start: "2026-03-02T10:00:00.250417205Z",
      session_stop: "2026-03-02T10:05:00.999882911Z",
    }),
    upload("2026-03-02T10:05:09.5Z"),
  ]);
  assert.deepEqual(rest, []);
  assert.deepEqual(found, {
    session: {
      session_id: SID,
      substrate: "teleport-recording",
      kind: "ssh",
      principal: "anna@example.com",
      login: "root",
      target: "web-1",
      scope: "example",
      driver: null,
      user_kind: "human",
      started_at: "2026-03-02T10:00:00.250Z",
      ended_at: "2026-03-02T10:05:00.999Z",
      duration_seconds: 300.749,
      uploaded_at: "2026-03-02T10:05:09.500Z",
      no_recording: null,
    },
    recordingIds: [SID],
    uploadOnly: false,
    commands: null,
    addresses: { client: [], host: [] },
    facts: {},
  });
});

Deno.test("readTeleportSessions() tells each address of a session's client and host once", async () => {
  const network = (src_addr: string, second: number): TestEvent => ({
    ...{ event: "session.network", time: `2026-03-02T10:00:0${second}Z`, sid: SID },
    ...{ src_addr, dst_addr: "203.0.113.9", dst_port: 443 },
  });
  const [found] = await sessionsOf([
    start("2026-03-02T10:00:00Z", {
      "addr.remote": "192.0.2.1:50022",
      "addr.local": "10.0.0.5:22",
    }),
    ...["198.51.100.4", "198.51.100.4", "10.0.0.5", ""].map(network),
  ]);
  assert.deepEqual(found?.addresses?.client, ["192.0.2.1:50022"]);
  assert.deepEqual(found?.addresses?.host.toSorted(), ["10.0.0.5", "198.51.100.4"]);
  assert.deepEqual(found?.commands?.events, []);
  assert.equal(found?.commands?.network, 4);
});

Deno.test("readTeleportSessions() says why there is no recording", async () => {
  const time = "2026-03-02T10:00:00.000Z";
  const cases: [TestEvent[], string | null][] = [
    [[start(time, { session_recording: "off" })], "off"],
    [[start(time, { session_recording: "off" }), end(time)], "off"],
    [[start(time), end(time, { interactive: false })], "not-interactive"],
    [[{ event: "exec", time, sid: SID, command: "ls" }], "not-interactive"],
    [[start(time)], "unknown"],
    [[start(time), end(time)], "unknown"],
    [[{ event: "windows.desktop.session.end", time, sid: SID, recorded: false }], "off"],
    [[start(time, { session_recording: "off" }), upload(time)], null],
  ];
  const all = cases.flatMap(([events], i) => events.map((event) => ({ ...event, sid: `s${i}` })));
  const sessions = await sessionsOf(all);
  assert.equal(sessions.length, cases.length);
  for (const [i, [, reason]] of cases.entries()) {
    const found = sessions.find(({ session }) => session.session_id === `s${i}`);
    assert.equal(found?.session.no_recording, reason);
    const substrate = reason === null ? "teleport-recording" : "teleport-audit";
    assert.equal(found?.session.substrate, substrate);
    assert.deepEqual(found?.recordingIds, reason === null ? [`s${i}`] : []);
  }
});

Deno.test("readTeleportSessions() knows the kinds of sessions by their events", async () => {
  const time = "2026-03-02T10:00:00.000Z";
  const base = { time, sid: SID, user: "anna" };
  const cases: [TestEvent, [kind: string, login: string | null, target: string | null]][] = [
    [start(time), ["ssh", "root", "web-1"]],
    [start(time, { proto: "kube", kubernetes_cluster: "prod", kubernetes_pod_name: "api-1" }), [
      "kube",
      "root",
      "api-1",
    ]],
    [{ ...base, event: "kube.request", kubernetes_cluster: "prod" }, ["kube", null, "prod"]],
    [{ ...base, event: "db.session.start", db_service: "orders", db_user: "app" }, [
      "db",
      "app",
      "orders",
    ]],
    [{ ...base, event: "app.session.start", app_name: "grafana" }, ["app", null, "grafana"]],
    [{ ...base, event: "mcp.session.start", app_name: "tickets" }, ["mcp", null, "tickets"]],
    [
      {
        ...base,
        event: "windows.desktop.session.start",
        windows_user: "ann",
        desktop_name: "win-7",
      },
      ["desktop", "ann", "win-7"],
    ],
    [{ ...base, event: "linux.desktop.session.end", linux_user: "ann", desktop_addr: "10.1.1.1" }, [
      "desktop",
      "ann",
      "10.1.1.1",
    ]],
  ];
  const sessions = await sessionsOf(cases.map(([event], i) => ({ ...event, sid: `s${i}` })));
  const seen = sessions.map(({ session: { kind, login, target } }) => [kind, login, target]);
  assert.deepEqual(seen, cases.map(([, expected]) => expected));
});

Deno.test("readTeleportSessions() counts the uploads of chunks for the application session", async () => {
  const chunk = (id: string, time: string) => (
    { event: "app.session.chunk", time, sid: SID, session_chunk_id: id, app_name: "grafana" }
  );
  const [found, ...rest] = await sessionsOf([
    chunk("aaaa", "2026-03-01T23:00:00.000Z"),
    chunk("bbbb", "2026-03-01T23:05:00.000Z"),
    upload("2026-03-01T23:05:00.000Z", { sid: "aaaa" }),
    upload("2026-03-02T00:10:00.000Z", { sid: "bbbb" }),
  ]);
  assert.deepEqual(rest, []);
  assert.equal(found?.session.session_id, SID);
  assert.equal(found?.session.kind, "app");
  assert.deepEqual(found?.recordingIds, ["aaaa", "bbbb"]);
});

Deno.test("readTeleportSessions() knows a bot, and who began a session that others joined", async () => {
  const [found] = await sessionsOf([
    start("2026-03-02T10:00:00.000Z", { user: "bot-ci", user_kind: 2, login: "" }),
    { ...start("2026-03-02T09:00:00.000Z"), event: "session.join", user: "boris", user_kind: 1 },
  ]);
  assert.equal(found?.session.principal, "bot-ci");
  assert.equal(found?.session.user_kind, "bot");
  assert.equal(found?.session.login, "root");
});

Deno.test("readTeleportSessions() takes the year 1 and ends before the start for unknown", async () => {
  const zero = "0001-01-01T00:00:00Z";
  const [found] = await sessionsOf([
    end("2026-03-02T10:00:00.000Z", { session_start: zero, session_stop: zero }),
  ]);
  assert.equal(found?.session.started_at, null);
  assert.equal(found?.session.ended_at, "2026-03-02T10:00:00.000Z");
  assert.equal(found?.session.duration_seconds, null);
  const [back] = await sessionsOf([
    start("2026-03-02T10:00:00.000Z"),
    end("2026-03-02T10:00:05.000Z", { session_stop: "2026-03-02T09:00:00Z" }),
  ]);
  assert.equal(back?.session.ended_at, null);
  assert.equal(back?.session.duration_seconds, null);
});

Deno.test("readTeleportSessions() keeps hostile names as they are, cut to 512 characters", async () => {
  const names = ["'; DROP TABLE x;--", "\x1b[31m\u202E<script>", "\u0000", "🖥".repeat(3000)];
  const events = names.map((user, i) => (
    start("2026-03-02T10:00:00.000Z", { user, sid: `s${i}` })
  ));
  assert.deepEqual(
    (await sessionsOf(events)).map(({ session }) => session.principal),
    names.map((user) => [...user].slice(0, 512).join("")),
  );
});
