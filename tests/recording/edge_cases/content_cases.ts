// What events say, and kinds of session that say it in their own way.
import assert from "node:assert/strict";
import type { EventObject } from "../../../fixtures/generate/protostream_writer.ts";
import {
  encodeEvent,
  encodeRecord,
  sequenced,
  unionBytes,
  writePart,
  writeRecording,
} from "../../../fixtures/generate/protostream_writer.ts";
import type { RecordingEvent } from "../../../lib/model/event.ts";
import { teleportSchema } from "../../../lib/recording/teleport_schema.ts";
import { printed, readAll } from "../read_all.ts";
import { SAMPLE_SID, sampleSession, sampleTime } from "../sample.ts";
import { edgeCase } from "./edge_case.ts";

const time = sampleTime(0);

async function eventsOf(events: readonly EventObject[]): Promise<RecordingEvent[]> {
  const { events: read, outcome } = await readAll(writeRecording(sequenced(events)));
  assert.equal(outcome.state, "parsed");
  assert.deepEqual(outcome.skipped, {});
  return read;
}

edgeCase(55, "text that is no UTF-8 in names, paths and arguments", async () => {
  const events: EventObject[] = [
    { event: "session.start", time, sid: "s", user: "QQQQ", login: "root", size: "80:24" },
    { event: "session.command", time, program: "ls", path: "/QQQQ", argv: ["QQQQ", "-l"] },
    { event: "exec", time, command: "cat QQQQ" },
  ];
  const records = sequenced(events).map((event) => {
    const bytes = encodeEvent(event);
    // in place of the four letters: a cut character, half a surrogate pair, no byte of UTF-8
    const at = bytes.findIndex((_, i) => bytes.subarray(i, i + 4).every((byte) => byte === 0x51));
    assert.ok(at > 0);
    bytes.set([0xe2, 0x82, 0xed, 0xff], at);
    return encodeRecord(bytes);
  });
  const { events: read, outcome } = await readAll(writePart(records));
  assert.equal(outcome.state, "parsed");
  assert.deepEqual(outcome.skipped, {});
  assert.deepEqual(read.map((event) => event.type), ["start", "command", "command"]);
  assert.equal(outcome.facts.login, "root");
  assert.match(outcome.facts.principal!, /\ufffd/);
});

edgeCase(56, "exit codes as text: empty, no number, and beside an error", async () => {
  const codes = [
    { exitCode: "0" },
    { exitCode: "" },
    { exitCode: "", exitError: "no such command" },
    { exitCode: "0", exitError: "a remark" },
    { exitCode: "137" },
    { exitCode: "-1" },
    { exitCode: "soon" },
    { exitCode: "99999999999999" },
  ];
  const events = await eventsOf(codes.map((code) => ({ event: "exec", time, ...code })));
  assert.deepEqual(
    events.map((event) => event.type === "command" ? event.exitCode : "?"),
    [0, null, 1, 0, 137, -1, null, null],
  );
});

edgeCase(57, "keys with a dot are names of fields, not paths", () => {
  const connection = teleportSchema().union.root.lookupType(
    "shellscope.teleport.ConnectionMetadata",
  );
  const names = connection.fieldsArray.map((field) => field.options?.json_name);
  assert.ok(names.includes("addr.local") && names.includes("addr.remote"));
  const event = { event: "session.join", time, "addr.local": "192.0.2.1:22", sid: "s" };
  assert.ok(encodeEvent(event).length > 0);
  assert.throws(() => encodeEvent({ ...event, addr: { local: "192.0.2.1:22" } }), TypeError);
});

edgeCase(58, "the uid of a file's owner is not the uid of the event", async () => {
  const sftp = teleportSchema().byName.get("SFTP")!.type!;
  const fields = {
    Metadata: { Index: 3, Type: "sftp", ID: "an-event" },
    Attributes: { UID: { value: 0 }, GID: { value: 7 } },
    Action: 1,
  };
  const decoded = sftp.decode(sftp.encode(sftp.fromObject(fields)).finish()) as unknown as {
    Metadata: { ID: string };
    Attributes: { UID: { value: number } };
  };
  assert.deepEqual([decoded.Metadata.ID, decoded.Attributes.UID.value], ["an-event", 0]);
  const [event] = await eventsOf([{ event: "sftp", time, path: "/srv", action: 1 }]);
  assert.deepEqual(event, { type: "other", atMs: 0, name: "SFTP" });
});

edgeCase(59, "numbers of enums that came later", async () => {
  const events = [
    { event: "session.start", time, sid: "s", user: "dana", user_kind: 99 },
    { event: "sftp", time, action: 4000 },
    { event: "session.network", time, pid: 4, operation: 77, action: 12 },
  ];
  const { outcome } = await readAll(writeRecording(sequenced(events)));
  assert.deepEqual(outcome.events, { start: 1, other: 1, network: 1 });
  assert.equal(outcome.facts.user_kind, undefined);
  assert.equal(outcome.facts.principal, "dana");
});

edgeCase(60, "prints and frames have neither uid nor code", async () => {
  const events = await eventsOf([
    { event: "print", time, data: "x" },
    { event: "desktop.recording", time, ms: 0, message: Uint8Array.of(2, 1) },
  ]);
  assert.deepEqual(events.map((event) => event.type), ["print", "desktop"]);
});

edgeCase(61, "an event wrapped as unknown is one event; the JSON in it stays closed", async () => {
  const data = JSON.stringify({ event: "session.end", sid: "inner", user: "mallory" });
  const { outcome } = await readAll(writeRecording(sequenced([
    { event: "session.start", time, sid: SAMPLE_SID, user: "dana" },
    { event: "unknown", time, unknown_event: "session.teleported", data },
  ])));
  assert.deepEqual(outcome.events, { start: 1, other: 1 });
  assert.equal(outcome.facts.principal, "dana");
  assert.equal(outcome.facts.session_id, SAMPLE_SID);
});

edgeCase(
  64,
  "a chunk of an application session: its file is the chunk's, its sid the session's",
  async () => {
    const chunk = "7d1c2a52-5f0e-4b8a-9f0a-0a1b2c3d4e5f";
    const named = { uri: `/x/${chunk}.tar` };
    const requests = [
      { event: "app.session.request", time, status_code: 200, method: "GET", app_name: "wiki" },
    ];
    const { outcome } = await readAll(writeRecording(sequenced(requests)), named);
    assert.deepEqual([outcome.facts.session_id, outcome.facts.kind], [chunk, "app"]);
    assert.equal(outcome.facts.target, "wiki");
    // newer events name the session themselves
    const request = teleportSchema().byName.get("AppSessionHTTPRequest")!;
    const fields = {
      metadata: { Index: 1 },
      user: { User: "dana" },
      session: { SessionID: SAMPLE_SID },
      method: "POST",
    };
    const record = unionBytes(
      request.number,
      request.type!.encode(request.type!.fromObject(fields)).finish(),
    );
    const newer = await readAll(writePart([encodeRecord(record)]), named);
    assert.equal(newer.outcome.facts.session_id, SAMPLE_SID);
    assert.equal(newer.outcome.facts.principal, "dana");
  },
);

edgeCase(65, "desktop messages of either protocol, and of none", async () => {
  const message = (message: number[]) => ({ message: Uint8Array.from(message) });
  const tdpb = (tdpb_message: number[]) => ({
    tdpb_message: Uint8Array.from([0, 0, 0, tdpb_message.length, ...tdpb_message]),
  });
  const events = await eventsOf([
    message([2, 0, 9]),
    message([29, 1]),
    message([3, 0, 0, 0, 1]),
    message([8, 1]),
    message([6, 0]),
    message([1, 0, 80]),
    tdpb([0x22, 1, 0]),
    tdpb([0x3a, 0]),
    tdpb([0x6a, 0]),
    tdpb([0x8a, 1, 0]),
    tdpb([0xff, 0xff]),
    {},
  ].map((fields, i) => ({ event: "desktop.recording", time, ms: i, ...fields })));
  assert.deepEqual(events.map((event) => event.type === "desktop" ? event.what : "?"), [
    ...["frame", "frame", "input", "input", "clipboard", "other"],
    ...["frame", "input", "clipboard", "file", "other", "other"],
  ]);
});

edgeCase(66, "a statement cut to fit a record, its parameters gone", async () => {
  const shared = { event: "db.session.query", time, success: true };
  const room = 65536 - 80;
  const [cut, bare] = await eventsOf([
    { ...shared, db_query: `/* ${"x".repeat(300)} */ update t set a = '${"y".repeat(room - 400)}` },
    { ...shared, db_query: "" },
  ]);
  assert.deepEqual(cut, {
    ...{ type: "query", atMs: 0, ok: true, denied: false },
    ...{ method: "UPDATE", reads: false },
  });
  assert.deepEqual(bare, {
    ...{ type: "query", atMs: 0, ok: true, denied: false },
    ...{ method: "OTHER", reads: null },
  });
});

edgeCase(67, "a recording of Teleport before 4.4 is a tar archive, and named so", async () => {
  const tar = new Uint8Array(2048);
  tar.set(new TextEncoder().encode(`${SAMPLE_SID}-0.events.gz`));
  tar.set(new TextEncoder().encode("ustar"), 257);
  const { outcome, events } = await readAll(tar, { uri: `/x/${SAMPLE_SID}.tar` });
  assert.equal(outcome.state, "unsupported");
  assert.match(outcome.error!, /tar archive.*before 4\.4/);
  assert.equal(events.length, 0);
});

edgeCase(68, "BPF events inside an old recording share its indexes and lose no print", async () => {
  const bpf = [
    { event: "session.command", time: sampleTime(120), program: "ls", pid: 9, ppid: 8 },
    { event: "session.disk", time: sampleTime(121), pid: 9, path: "/etc/hosts", return_code: 3 },
    { event: "session.network", time: sampleTime(122), pid: 10, dst_port: 443 },
  ];
  const old = sampleSession().map(({ ei: _, ...event }) => event as EventObject);
  const mixed = [...old.slice(0, 2), ...bpf, ...old.slice(2)];
  const { events, outcome } = await readAll(writeRecording(sequenced(mixed)));
  assert.equal(printed(events), "a1b2c3d4");
  const { command, disk, network } = outcome.events;
  assert.deepEqual([command, disk, network], [1, 1, 1]);
  // and where all of them carry 0, as in the log
  const zero = mixed.map((event) => event.event === "print" ? event : { ...event, ei: 0 });
  const again = await readAll(writeRecording(sequenced(zero)));
  assert.deepEqual(again.outcome.events, outcome.events);
});

edgeCase(70, "one session under two clusters: each recording names its own", async () => {
  const scopes: (string | null | undefined)[] = [];
  for (const cluster_name of ["eu", "us"]) {
    const events = sampleSession().map((event) =>
      event.event === "session.start" ? { ...event, cluster_name } : event
    );
    const { outcome } = await readAll(writeRecording(events));
    assert.equal(outcome.facts.session_id, SAMPLE_SID);
    scopes.push(outcome.facts.scope);
  }
  assert.deepEqual(scopes, ["eu", "us"]);
});
