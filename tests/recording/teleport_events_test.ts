import assert from "node:assert/strict";
import type { EventObject } from "../../fixtures/generate/protostream_writer.ts";
import { sequenced, writeRecording } from "../../fixtures/generate/protostream_writer.ts";
import type { RecordingEvent } from "../../lib/model/event.ts";
import type { SessionFacts } from "../../lib/model/session.ts";
import { readAll } from "./read_all.ts";
import { SAMPLE_SID, sampleSession, sampleTime } from "./sample.ts";

async function factsOf(events: EventObject[], uri?: string): Promise<SessionFacts> {
  const bytes = writeRecording(sequenced(events));
  const { outcome } = await readAll(bytes, uri === undefined ? {} : { uri });
  assert.equal(outcome.state, "parsed");
  return outcome.facts;
}

Deno.test("readRecording() says what an SSH recording says of its session", async () => {
  const { outcome, events } = await readAll(writeRecording(sampleSession()));
  assert.deepEqual(outcome.facts, {
    session_id: SAMPLE_SID,
    kind: "ssh",
    principal: "dana@example.com",
    login: "root",
    target: "web-1",
    scope: "prod",
    user_kind: "human",
    started_at: "2024-05-17T09:30:00.000Z",
    ended_at: "2024-05-17T09:30:01.000Z",
    duration_seconds: 1,
  });
  assert.deepEqual(events.map((event) => [event.type, event.atMs]), [
    ["start", 0],
    ["print", 100],
    ["print", 350],
    ["resize", 400],
    ["print", 500],
    ["print", 900],
    ["leave", 950],
    ["end", 1000],
  ]);
  assert.equal(outcome.outputBytes, 8);
  assert.deepEqual(outcome.events, { start: 1, print: 4, resize: 1, leave: 1, end: 1 });
});

Deno.test("readRecording() tells kinds and targets by their messages", async () => {
  const time = sampleTime(0);
  const cases: [EventObject, Partial<SessionFacts>][] = [
    [
      { event: "session.start", time, proto: "kube", kubernetes_cluster: "k1", sid: "s" },
      { kind: "kube", target: "k1" },
    ],
    [
      { event: "session.start", time, proto: "kube", kubernetes_pod_name: "web-0", sid: "s" },
      { kind: "kube", target: "web-0" },
    ],
    [
      {
        event: "db.session.start",
        time,
        db_service: "pg",
        db_user: "reader",
        success: true,
        sid: "s",
      },
      { kind: "db", target: "pg", login: "reader" },
    ],
    [
      { event: "windows.desktop.session.start", time, desktop_name: "w1", windows_user: "adm" },
      { kind: "desktop", target: "w1", login: "adm" },
    ],
    [{ event: "app.session.request", time, status_code: 200, app_name: "wiki" }, { kind: "app" }],
    [{ event: "session.start", time, user_kind: 2, user: "bot-x" }, { user_kind: "bot" }],
  ];
  for (const [event, expected] of cases) {
    const facts = await factsOf([event]);
    assert.deepEqual({ ...facts, ...expected }, facts, event.event);
  }
});

Deno.test("readRecording() takes the session's id from the file's name where no event has it", async () => {
  const events = [{ event: "session.leave", time: sampleTime(0), sid: "another" }];
  assert.equal((await factsOf(events, `/x/${SAMPLE_SID}.tar`)).session_id, SAMPLE_SID);
  assert.equal((await factsOf(events, "/x/session.tar")).session_id, undefined);
});

Deno.test("readRecording() turns commands, connections, queries and requests into events", async () => {
  const time = sampleTime(0);
  const { events } = await readAll(writeRecording(sequenced([
    { event: "exec", time, command: "/usr/bin/ls -la  /srv", exitCode: "2", proto: "ssh" },
    { event: "exec", time, command: "x", exitError: "refused" },
    {
      event: "session.command",
      time,
      pid: 2n ** 63n,
      ppid: 7,
      program: "sh",
      argv: ["-c"],
      return_code: -2,
    },
    { event: "session.network", time, pid: 9, dst_addr: "192.0.2.1", dst_port: 443 },
    { event: "session.disk", time, pid: 9, path: "/etc/hosts", return_code: 3 },
    { event: "db.session.query", time, db_query: "select 1", success: true },
    { event: "db.session.query", time, db_query: "select 2", error: "no" },
    { event: "app.session.request", time, status_code: 503, path: "/x", method: "get" },
    { event: "db.session.result", time, affected_records: 4 },
  ])));
  const expected: RecordingEvent[] = [
    {
      type: "command",
      atMs: 0,
      source: "exec",
      program: "ls",
      argv: ["-la", "/srv"],
      pid: null,
      ppid: null,
      exitCode: 2,
    },
    {
      type: "command",
      atMs: 0,
      source: "exec",
      program: "x",
      argv: [],
      pid: null,
      ppid: null,
      exitCode: 1,
    },
    {
      type: "command",
      atMs: 0,
      source: "bpf",
      program: "sh",
      argv: ["-c"],
      pid: 2n ** 63n,
      ppid: 7n,
      exitCode: -2,
    },
    { type: "network", atMs: 0, pid: 9n, returnCode: null },
    { type: "disk", atMs: 0, pid: 9n, returnCode: 3 },
    { type: "query", atMs: 0, method: "SELECT", reads: true, ok: true, denied: false },
    { type: "query", atMs: 0, method: "SELECT", reads: true, ok: false, denied: false },
    { type: "request", atMs: 0, method: "GET", reads: true, ok: false, denied: false },
    { type: "other", atMs: 0, name: "DatabaseSessionCommandResult" },
  ];
  assert.deepEqual(events, expected);
});

Deno.test("readRecording() counts duplicates and members it does not know, and stops at its limit", async () => {
  const prints = Array.from({ length: 5000 }, (_, i) => ({
    event: "print",
    time: sampleTime(i),
    data: "x".repeat(200),
  }));
  const { outcome, events } = await readAll(writeRecording(sequenced(prints)), {
    limits: { maxEvents: 1000 },
  });
  assert.equal(outcome.state, "failed");
  assert.match(outcome.error!, /more than 1000 events/);
  assert.ok(events.length > 1000 && events.length < 5000);
});
