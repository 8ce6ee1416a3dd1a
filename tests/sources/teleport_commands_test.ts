import assert from "node:assert/strict";
import { commandFeatures } from "../../lib/features/cmd.ts";
import { inFolder, readAll, row, writeArchive } from "./archive_folder.ts";
import { DAY, sessionsOf, SID, start } from "./teleport_events.ts";

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
