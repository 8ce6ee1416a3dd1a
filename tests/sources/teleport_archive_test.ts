import assert from "node:assert/strict";
import { join } from "node:path";
import { QueryError } from "../../lib/model/errors.ts";
import { commandFeatures } from "../../lib/features/cmd.ts";
import type { TeleportSession } from "../../lib/sources/teleport/archive.ts";
import { archiveWindow } from "../../lib/sources/teleport/event_files.ts";
import { inFolder, readAll, row, type TestEvent, writeArchive } from "./archive_folder.ts";

const SID = "11111111-1111-4111-a111-111111111111";
const OTHER = "22222222-2222-4222-a222-222222222222";
const DAY = { since: "2026-03-02T00:00:00Z", until: "2026-03-03T00:00:00Z" };

const WHO = {
  user: "anna@example.com",
  login: "root",
  user_kind: 1,
  server_hostname: "web-1",
  cluster_name: "example",
};

function start(time: string, more: Partial<TestEvent> = {}): TestEvent {
  return { event: "session.start", time, sid: SID, ...WHO, session_recording: "node", ...more };
}

function end(time: string, more: Partial<TestEvent> = {}): TestEvent {
  return { event: "session.end", time, sid: SID, ...WHO, interactive: true, ...more };
}

function upload(time: string, more: Partial<TestEvent> = {}): TestEvent {
  return { event: "session.upload", time, sid: SID, ...more };
}

/** Sessions of events that lie in one file a day. */
async function sessionsOf(
  events: readonly TestEvent[],
  window: { since: string; until: string } = DAY,
): Promise<TeleportSession[]> {
  let sessions: TeleportSession[] = [];
  await inFolder(async (folder) => {
    const days = Map.groupBy(events, ({ time }) => `${time.slice(0, 10)}/a.parquet`);
    const files = Object.fromEntries([...days].map(([name, list]) => [name, list.map(row)]));
    ({ sessions } = await readAll(await writeArchive(folder, files), window));
  });
  return sessions;
}

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

Deno.test("readTeleportSessions() takes windows as half open", async () => {
  const at = (time: string) => sessionsOf([start(time)]);
  assert.equal((await at("2026-03-01T23:59:59.999Z")).length, 0);
  assert.equal((await at("2026-03-02T00:00:00.000Z")).length, 1);
  assert.equal((await at("2026-03-02T23:59:59.999Z")).length, 1);
  assert.equal((await at("2026-03-03T00:00:00.000Z")).length, 0);
  const minute = { since: "2026-03-02T10:00:00Z", until: "2026-03-02T10:01:00Z" };
  assert.equal((await sessionsOf([start("2026-03-02T10:00:00.000Z")], minute)).length, 1);
  assert.equal((await sessionsOf([start("2026-03-02T10:01:00.000Z")], minute)).length, 0);
  assert.equal(
    (await sessionsOf([start("2026-03-02T10:00:30.000Z")], {
      since: DAY.since,
      until: DAY.since,
    })).length,
    0,
  );
});

Deno.test("readTeleportSessions() looks for the start a week before, and no further", async () => {
  const events = (started: string) => [
    start(started),
    end("2026-03-02T08:00:00.000Z"),
    upload("2026-03-02T08:00:10.000Z"),
  ];
  const [found] = await sessionsOf(events("2026-02-27T09:00:00.000Z"));
  assert.equal(found?.session.started_at, "2026-02-27T09:00:00.000Z");
  assert.equal(found?.session.duration_seconds, 3 * 86400 - 3600);
  const [older] = await sessionsOf(events("2026-02-22T09:00:00.000Z"));
  assert.equal(older?.session.started_at, null);
  assert.equal(older?.session.principal, "anna@example.com");
});

Deno.test("readTeleportSessions() gives the same row whichever window finds a session", async () => {
  const events = [
    start("2026-03-01T23:50:00.000Z"),
    { event: "exec", time: "2026-03-02T00:10:00.000Z", sid: SID, command: "ls", exitCode: "0" },
    end("2026-03-03T00:10:00.000Z"),
    upload("2026-03-04T01:00:00.000Z"),
  ];
  const days = ["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05"];
  const found = await Promise.all(
    days.slice(0, -1).map((day, i) =>
      sessionsOf(events, { since: `${day}T00:00:00Z`, until: `${days[i + 1]}T00:00:00Z` })
    ),
  );
  for (const sessions of found) assert.deepEqual(sessions, found[0]);
  assert.equal(found[0]?.length, 1);
});

Deno.test("readTeleportSessions() drops copies of an event by its uid", async () => {
  const command = {
    event: "session.command",
    time: "2026-03-02T10:00:02.000Z",
    sid: SID,
    program: "ls",
    pid: 7,
    ppid: 1,
    return_code: 0,
  };
  const network = { ...command, event: "session.network", uid: "n1" };
  const [found] = await sessionsOf([
    start("2026-03-02T10:00:00.000Z"),
    { ...command, uid: "c1" },
    { ...command, uid: "c1" },
    { ...command, uid: "c2", time: "2026-03-02T10:00:03.000Z", program: "cat", return_code: 1 },
    { ...command, uid: "c3", time: "2026-03-02T10:00:04.500Z" },
    network,
    network,
    { ...network, event: "session.disk", uid: "d1" },
  ]);
  assert.equal(found?.commands?.network, 1);
  assert.equal(found?.commands?.disk, 1);
  assert.deepEqual(
    found?.commands?.events.map(({ atMs, program, pid, exitCode }) => [
      atMs,
      program,
      pid,
      exitCode,
    ]),
    [[0, "2", 7n, 0], [1000, "1", 7n, 1], [2500, "2", 7n, 0]],
  );
});

Deno.test("readTeleportSessions() takes numbers that no process has for unknown", async () => {
  const command = { event: "session.command", sid: SID, program: "ls", pid: 7, return_code: 0 };
  const [found] = await sessionsOf([
    start("2026-03-02T10:00:00.000Z"),
    { ...command, time: "2026-03-02T10:00:01.000Z", uid: "c1", pid: 9007199254740993 },
    { ...command, time: "2026-03-02T10:00:02.000Z", uid: "c2", return_code: 9.1e18 },
    { ...command, time: "2026-03-02T10:00:03.000Z", uid: "c3", return_code: "x" },
  ]);
  assert.deepEqual(found?.commands?.events.map(({ pid, exitCode }) => [pid, exitCode]), [
    [null, 0],
    [7n, null],
    [7n, null],
  ]);
});

Deno.test("readTeleportSessions() tells programs apart without giving their names", async () => {
  const exec = (command: string, n: number, more = {}) => (
    { event: "exec", time: `2026-03-02T10:00:0${n}.000Z`, sid: SID, command, ...more }
  );
  const [found] = await sessionsOf([
    exec("/usr/bin/zq7ls -la", 1, { exitCode: "0" }),
    exec("  zq7ls /etc", 2, { exitCode: "", exitError: "no zq7" }),
    exec("zq7cat x", 3, { exitCode: "127" }),
    exec("", 4),
  ]);
  assert.deepEqual(
    found?.commands?.events.map(({ program, exitCode, source }) => [program, exitCode, source]),
    [["3", 0, "exec"], ["3", 1, "exec"], ["2", 127, "exec"], ["1", null, "exec"]],
  );
  const shown = Deno.inspect(found, { depth: 9 });
  assert.ok(!shown.includes("zq7"), shown);
});

Deno.test("readTeleportSessions() names what a cloud's command line was asked, and nothing more", async () => {
  const bpf = (program: string, argv: string[], n: number) => ({
    ...{ event: "session.command", time: `2026-03-02T10:00:${n + 10}.000Z`, sid: SID },
    ...{ uid: `c${n}`, program, path: `/usr/bin/${program}`, argv, pid: n, return_code: 0 },
  });
  const cases: [program: string, argv: string[], cli: string | null][] = [
    ["gcloud", ["compute", "instances", "list", "--zone", "zq7"], "gcloud.compute.instances.list"],
    ["gcloud", ["beta", "run", "services", "list"], "gcloud.run.services.list"],
    ["gcloud", ["compute", "instances", "delete", "zq7"], "gcloud.compute.instances.delete"],
    ["gcloud", ["zq7", "instances"], null],
    ["gcloud", ["compute", "listzq7"], "gcloud.compute"],
    ["aws", ["ec2", "describe-instances", "--filters", "zq7"], "ec2.describe-instances"],
    ["aws", ["s3", "ls", "s3://zq7"], "s3.ls"],
    ["aws", ["--profile", "zq7", "s3", "ls"], null],
    ["gsutil", ["-m", "cp", "zq7", "gs://zq7"], "gsutil.cp"],
    ["ls", ["compute", "instances", "list"], null],
  ];
  const [found] = await sessionsOf([
    start("2026-03-02T10:00:00.000Z"),
    ...cases.map(([program, argv], n) => bpf(program, argv, n)),
    {
      ...{ event: "exec", time: "2026-03-02T10:00:40.000Z", sid: SID, uid: "e" },
      command: "/snap/bin/gcloud projects get-iam-policy zq7 --format=json",
    },
  ]);
  assert.deepEqual(
    found?.commands?.events.map(({ cli }) => cli),
    [...cases.map(([, , cli]) => cli), "gcloud.projects.get-iam-policy"],
  );
  assert.ok(!Deno.inspect(found, { depth: 9 }).includes("zq7"));
});

Deno.test("readTeleportSessions() takes Kubernetes requests for commands, without their resources", async () => {
  const request = (verb: string, n: number, more = {}) => ({
    ...{ event: "kube.request", time: `2026-03-02T10:00:0${n}.000Z`, sid: SID, uid: `k${n}` },
    ...{ verb, resource_kind: "pods", resource_name: "zq7", response_code: 200, ...more },
  });
  await inFolder(async (folder) => {
    const events = await writeArchive(folder, {
      "2026-03-02/a.parquet": [
        request("GET", 1),
        request("GET", 2, { resource_kind: "secrets", response_code: 403 }),
        request("GET", 3),
        request("GET", 3),
        request("DELETE", 4, { sid: "" }),
      ].map(row),
    });
    const { sessions, skips } = await readAll(events, DAY);
    assert.deepEqual(
      sessions[0]?.commands?.events.map(({ program, exitCode, source }) => [
        ...[program, exitCode, source],
      ]),
      [["1", null, "kube"], ["2", 1, "kube"], ["1", null, "kube"]],
    );
    assert.deepEqual(skips.map(({ reason, count }) => [reason, count]), [
      ["Kubernetes request outside a session", 1],
    ]);
    assert.ok(!Deno.inspect({ sessions, skips }, { depth: 9 }).includes("zq7"));
    const { events: commands } = sessions[0]!.commands!;
    const { cmd_commands, cmd_programs, cmd_failures, cmd_exec } = commandFeatures(commands)!;
    assert.deepEqual([cmd_commands, cmd_programs, cmd_failures, cmd_exec], [3, 2, 1, 0]);
  });
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

Deno.test("readTeleportSessions() counts rows it can't use and goes on", async () => {
  await inFolder(async (folder) => {
    const time = "2026-03-02T10:00:00.000Z";
    const events = await writeArchive(folder, {
      "2026-03-02/a.parquet": [
        row(start(time)),
        { ...row(end(time)), event_data: '{"event":"session.end"' },
        row(start(time, { sid: "" })),
        row(start(time, { sid: "../../etc/passwd" })),
        row(start(time, { sid: "a/b" })),
        row({ event: "session.teleported", time, sid: SID }),
        row({ event: "<b>zq7</b>", time, sid: SID }),
        row({ event: "user.login", time }),
      ],
    });
    const { sessions, skips } = await readAll(events, DAY);
    assert.deepEqual(sessions.map(({ session }) => session.session_id), [SID]);
    assert.deepEqual(skips.map(({ reason, detail, count }) => [reason, detail, count]).sort(), [
      ["event data is no JSON object", null, 1],
      ["event type is not known", "session.teleported", 2],
      ["session event without a session id", null, 1],
      ["session id is not valid", null, 2],
    ]);
    // a day is counted whole, whatever part of it is asked for
    for (const window of [DAY, { ...DAY, until: "2026-03-02T01:00:00Z" }]) {
      const { counts } = await readAll(events, window);
      assert.deepEqual(counts.map(({ day, type, events }) => [day, type, events]), [
        ["2026-03-02", "session.end", 1],
        ["2026-03-02", "session.start", 4],
        ["2026-03-02", "session.teleported", 1],
        ["2026-03-02", "user.login", 1],
        ["2026-03-02", null, 1],
      ]);
    }
  });
});

Deno.test("readTeleportSessions() reads events that their author made long", async () => {
  const long = `zq7"\\\n\u202E {"argv":["x"],"command":"y"} `.repeat(3000);
  const time = "2026-03-02T10:00:00.000Z";
  const [found] = await sessionsOf([
    start(time, { initial_command: [long, long], reason: long, user: "anna" }),
    { event: "exec", time, sid: SID, command: `/bin/tar ${long}`, exitCode: "0" },
    { event: "exec", time, sid: SID, command: ` tar ${long}`, exitCode: "", exitError: long },
    { event: "session.command", time, sid: SID, program: "tar", pid: 5, argv: [long, "b"] },
  ]);
  assert.equal(found?.session.principal, "anna");
  assert.deepEqual(found?.commands?.events.map(({ program }) => program), ["1", "1", "1"]);
  assert.equal(found?.commands?.events.filter(({ exitCode }) => exitCode === 1).length, 1);
});

Deno.test("readTeleportSessions() leaves out broken files, by footer or page, and counts them", async () => {
  await inFolder(async (folder) => {
    const rows = (sid: string) => [row(start("2026-03-02T10:00:00.000Z", { sid }))];
    const many = Array.from({ length: 400 }, (_, i) => (
      row({ ...start("2026-03-02T11:00:00.000Z", { sid: OTHER }), note: `${i * 7919}` })
    ));
    const events = await writeArchive(folder, {
      "2026-03-02/good.parquet": rows(SID),
      "2026-03-02/cut.parquet": rows("3333"),
      "2026-03-02/page.parquet": many,
      "2026-03-02/[odd]*'name.parquet": rows("5555"),
    });
    const day = join(events, "2026-03-02");
    const cut = await Deno.readFile(join(day, "cut.parquet"));
    await Deno.writeFile(join(day, "cut.parquet"), cut.slice(0, cut.length - 20));
    await Deno.writeTextFile(join(day, "empty.parquet"), "");
    await Deno.writeTextFile(join(day, "text.parquet"), "PAR1 this is none PAR1");
    await Deno.writeTextFile(join(day, "notes.txt"), "not asked for");
    const page = await Deno.readFile(join(day, "page.parquet"));
    page.fill(0xff, 40, Math.floor(page.length * 0.7));
    await Deno.writeFile(join(day, "page.parquet"), page);
    const { sessions, skips } = await readAll(events, DAY);
    assert.deepEqual(sessions.map(({ session }) => session.session_id), [SID, "5555"]);
    assert.deepEqual(skips.map(({ uri, reason }) => [uri.slice(day.length + 1), reason]), [
      ["cut.parquet", "file is no sound Parquet"],
      ["empty.parquet", "file is no sound Parquet"],
      ["text.parquet", "file is no sound Parquet"],
      ["page.parquet", "file has pages that can't be read"],
    ]);
  });
});

Deno.test("readTeleportSessions() reads only the days it needs", async () => {
  await inFolder(async (folder) => {
    const events = await writeArchive(folder, {
      "2026-03-02/a.parquet": [row(start("2026-03-02T10:00:00.000Z"))],
    });
    for (const day of ["2026-01-01", "2026-06-01", "2026-13-77", "tmp"]) {
      await Deno.mkdir(join(events, day));
      await Deno.writeTextFile(join(events, day, "broken.parquet"), "x");
    }
    const { sessions, skips } = await readAll(events, DAY);
    assert.equal(sessions.length, 1);
    assert.deepEqual(skips, []);
  });
});

Deno.test("readTeleportSessions() tells an empty archive from none", async () => {
  await inFolder(async (folder) => {
    assert.deepEqual(await readAll(folder, DAY), { sessions: [], skips: [], counts: [] });
    assert.equal(await archiveWindow(folder), null);
    await assert.rejects(readAll(join(folder, "nowhere"), DAY), QueryError);
  });
});

Deno.test("archiveWindow() spans whole days from the first folder to the last", async () => {
  await inFolder(async (folder) => {
    for (const day of ["2026-03-02", "2026-02-27", "x"]) await Deno.mkdir(join(folder, day));
    assert.deepEqual(await archiveWindow(folder), {
      since: new Date("2026-02-27T00:00:00Z"),
      until: new Date("2026-03-03T00:00:00Z"),
    });
  });
});
