import assert from "node:assert/strict";
import fc from "../property.ts";
import protobuf from "protobufjs";
import {
  encodeEvent,
  encodeRecord,
  type EventObject,
  unionBytes,
  writePart,
  writeRecording,
} from "../../fixtures/generate/protostream_writer.ts";
import { exportJsonl } from "../../lib/recording/export_jsonl.ts";
import { MESSAGE_OF_EVENT, teleportSchema } from "../../lib/recording/teleport_schema.ts";
import { readTeleportMessages } from "../../lib/recording/teleport_messages.ts";
import { eventOfLine, exactJson, structBytes } from "./json_events.ts";
import { readAll } from "./read_all.ts";
import { sampleSession, sampleTime } from "./sample.ts";

type Json = Record<string, unknown>;

async function linesOf(bytes: Uint8Array): Promise<string[]> {
  let text = "";
  for await (const piece of exportJsonl({ uri: "x.tar", bytes })) text += piece;
  return text.split("\n").filter(Boolean);
}

const TYPED = [...teleportSchema().byNumber.values()].filter(({ type }) => type !== null);

// Every key of a message as section 4 of the facts has them, from the schema alone.
function keysOf(type: protobuf.Type): string[] {
  const own = type.fieldsArray.flatMap((field) => field.options?.json_name as string ?? []);
  const embedded = type.fieldsArray.flatMap((field) => {
    field.resolve();
    if (field.options?.json_name !== undefined) return [];
    return field.resolvedType instanceof protobuf.Type ? keysOf(field.resolvedType) : ["data"];
  });
  return [...new Set([...own, ...embedded])].sort();
}

const STRUCT_FIELDS =
  /^(AppSessionDynamoDBRequest\.Body|DynamoDBRequest\.Body|SpannerRPC\.Args)$|params/;
const A_STRUCT = { a: [1.5, null, { b: true }], "ü": "x" };

// A message in which no field is empty.
function filled(type: protobuf.Type, event: string): Json {
  return Object.fromEntries(type.fieldsArray.map((field) => {
    const one = filledValue(type, field.resolve(), event);
    return [field.name, field.map ? { k: one } : field.repeated ? [one, one] : one];
  }));
}

function filledValue(type: protobuf.Type, field: protobuf.Field, event: string): unknown {
  if (type.name === "Metadata" && field.name === "Type") return event;
  if (STRUCT_FIELDS.test(`${type.name}.${field.name}`)) return structBytes(A_STRUCT);
  if (field.type === "Timestamp") {
    return { seconds: 1700000000, nanos: type.name === "Metadata" ? 5e8 : 0 };
  }
  if (field.type === "LabelValues") return { values: { k: { values: ["v", "w"] } } };
  if (field.resolvedType instanceof protobuf.Type) return filled(field.resolvedType, event);
  switch (field.type) {
    case "string":
      return `${field.name} \u001b[31m\u202e"`;
    case "bytes":
      return Uint8Array.of(0, 255, 27, 10);
    case "bool":
      return true;
    case "int64":
      return "-9007199254740993";
    case "uint64":
      return "18446744073709551615";
    case "int32":
      return -7;
    default:
      return 7;
  }
}

function eventNameOf(message: string): string {
  return Object.entries(MESSAGE_OF_EVENT).find(([, name]) => name === message)?.[0] ?? "";
}

function recordingOf(
  member: { number: number; type: protobuf.Type | null },
  fields: Json,
): Uint8Array {
  const bytes = member.type!.encode(member.type!.fromObject(fields)).finish();
  return writePart([encodeRecord(unionBytes(member.number, bytes))]);
}

Deno.test("exportJsonl() writes every key of every message, by the names of Teleport's JSON", async () => {
  for (const member of TYPED) {
    const event = eventNameOf(member.name) || member.name;
    const bytes = recordingOf(member, filled(member.type!, event));
    const [line] = await linesOf(bytes);
    assert.ok(line, member.name);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f\u202e]/);
    const json = exactJson(line) as Json;
    assert.deepEqual(Object.keys(json).sort(), keysOf(member.type!), member.name);
    assert.equal(json.event, event);
    assert.equal(json.time, "2023-11-14T22:13:20.5Z");
    if (member.name !== "SessionRecordingAccess") assert.equal(json.ei, -9007199254740993n);
    if (/DynamoDB/.test(member.name)) assert.deepEqual(json.body, A_STRUCT);
    if (event === member.name) continue;
    // and what the writer makes of the line says the same
    const again = await linesOf(writeRecording([eventOfLine(line)]));
    assert.deepEqual(again, [line], member.name);
  }
});

const EMPTY: Readonly<Record<string, Json>> = {
  SessionPrint: { ci: 0, data: "", bytes: 0, ms: 0, offset: 0 },
  Resize: { sid: "", server_id: "" },
  SessionEnd: {
    sid: "",
    server_id: "",
    enhanced_recording: false,
    interactive: false,
    participants: null,
    session_start: "0001-01-01T00:00:00Z",
    session_stop: "0001-01-01T00:00:00Z",
  },
  SessionCommand: {
    ...{ sid: "", server_id: "", pid: 0, cgroup_id: 0, program: "", audit_session_id: 0, ppid: 0 },
    ...{ path: "", argv: null, return_code: 0 },
  },
  SessionDisk: {
    ...{ sid: "", server_id: "", pid: 0, cgroup_id: 0, program: "", audit_session_id: 0, path: "" },
    ...{ flags: 0, return_code: 0 },
  },
  SessionNetwork: {
    ...{ sid: "", server_id: "", pid: 0, cgroup_id: 0, program: "", audit_session_id: 0 },
    ...{ src_addr: "", dst_addr: "", dst_port: 0, version: 0, operation: 0, action: 0 },
  },
  SessionData: { sid: "", server_id: "", tx: 0, rx: 0 },
  Exec: { sid: "", server_id: "", command: "" },
  SFTP: { sid: "", server_id: "", path: "", action: 0 },
  DatabaseSessionQuery: { sid: "", db_protocol: "", db_uri: "", db_query: "", success: false },
  DesktopRecording: { ms: 0 },
};

Deno.test("exportJsonl() leaves out empty values but for the keys that Teleport always writes", async () => {
  for (const [name, expected] of Object.entries(EMPTY)) {
    const member = teleportSchema().byName.get(name)!;
    const [line] = await linesOf(recordingOf(member, {}));
    const event = eventNameOf(name);
    const base = { ei: 0, event, time: "0001-01-01T00:00:00Z" };
    assert.deepEqual(JSON.parse(line!), { ...base, ...expected }, name);
  }
});

Deno.test("exportJsonl() and the writer are each other's inverse over recordings", async () => {
  const text = fc.oneof(fc.string({ unit: "grapheme", maxLength: 12 }), fc.constant(""));
  const ms = fc.nat(100_000);
  const event: fc.Arbitrary<EventObject> = fc.oneof(
    fc.record({ event: fc.constant("print"), data: fc.uint8Array({ maxLength: 60 }) }),
    fc.record({ event: fc.constant("resize"), size: text, user: text }),
    fc.record({
      event: fc.constant("session.command"),
      ...{ program: text, path: text, argv: fc.array(text, { maxLength: 3 }) },
      cgroup_id: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      return_code: fc.integer(),
    }),
    fc.record({ event: fc.constant("exec"), command: text, exitCode: text, exitError: text }),
    fc.record({
      event: fc.constant("session.start"),
      user: text,
      server_labels: fc.dictionary(text, text),
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(event, ms), { maxLength: 20 }), async (made) => {
      const events = made.map(([event, ms], ei) => ({ ei, ...event, time: sampleTime(ms) }));
      const bytes = writeRecording(events, { eventsPerPart: 7 });
      const lines = await linesOf(bytes);
      const again = writeRecording(lines.map(eventOfLine), { eventsPerPart: 7 });
      assert.deepEqual(await linesOf(again), lines);
      assert.deepEqual((await readAll(again)).events, (await readAll(bytes)).events);
      assert.equal(lines.length, events.length);
    }),
    { numRuns: 60 },
  );
});

Deno.test("exportJsonl() keeps what it does not know: members by number or name, with their bytes", async () => {
  const metadata = encodeEvent({
    event: "session.leave",
    ei: 4,
    time: sampleTime(5),
    code: "TX001I",
  });
  const message = metadata.subarray(2);
  const records = [
    unionBytes(999, message),
    unionBytes(205, message),
    unionBytes(998, new Uint8Array()),
  ];
  const lines = (await linesOf(writePart(records.map((record) => encodeRecord(record)))))
    .map((line) => JSON.parse(line));
  const protobufText = btoa(String.fromCharCode(...message));
  assert.deepEqual(lines, [
    {
      ...{ ei: 4, event: "unknown", unknown_event: "session.leave", unknown_code: "TX001I" },
      ...{ time: "2024-05-17T09:30:00.005Z", number: 999, protobuf: protobufText },
    },
    {
      ...{ ei: 4, event: "session.leave", code: "TX001I", time: "2024-05-17T09:30:00.005Z" },
      ...{ member: "HealthCheckConfigCreate", number: 205, protobuf: protobufText },
    },
    { ei: 0, event: "unknown", time: "0001-01-01T00:00:00Z", number: 998, protobuf: "" },
  ]);
});

Deno.test("readTeleportMessages() gives one whole message an event, in order", async () => {
  const bytes = writeRecording(sampleSession(), { eventsPerPart: 3, padTo: 2000 });
  const { events } = await readAll(bytes);
  const reader = readTeleportMessages({ uri: "x.tar", bytes });
  const messages = [];
  for await (const batch of reader) messages.push(...batch);
  assert.deepEqual(messages.map(({ event }) => event), events);
  assert.equal(reader.outcome.state, "parsed");
  const start = messages[0]!;
  assert.deepEqual([start.name, start.number], ["SessionStart", 5]);
  assert.equal((start.fields!.Server as Json).ServerHostname, "web-1");
});

Deno.test("exportJsonl() writes an asciicast in the same shape", async () => {
  const cast = [
    '{"version":3,"term":{"cols":90,"rows":30},"timestamp":1700000000,"title":"t"}',
    '[0.5,"o","$ "]',
    '[0.25,"i","x"]',
    '[1,"r","100x40"]',
    '[0,"o","é"]',
    '[0,"m","here"]',
    '[0.1,"x","2"]',
  ].join("\n");
  const lines = (await linesOf(new TextEncoder().encode(cast))).map((line) => JSON.parse(line));
  assert.deepEqual(lines.map(({ header: _, ...rest }) => rest), [
    { ei: 0, event: "session.start", size: "90:30", time: "2023-11-14T22:13:20.000Z" },
    {
      ...{ ei: 1, event: "print", ci: 0, bytes: 2, ms: 0, offset: 0, data: "JCA=" },
      time: "2023-11-14T22:13:20.500Z",
    },
    { ei: 2, event: "input", data: "eA==", time: "2023-11-14T22:13:20.750Z" },
    { ei: 3, event: "resize", size: "100:40", time: "2023-11-14T22:13:21.750Z" },
    {
      ...{ ei: 4, event: "print", ci: 1, bytes: 2, ms: 1250, offset: 2, data: "w6k=" },
      time: "2023-11-14T22:13:21.750Z",
    },
    { ei: 5, event: "marker", label: "here", time: "2023-11-14T22:13:21.750Z" },
    { ei: 6, event: "exit", status: "2", time: "2023-11-14T22:13:21.850Z" },
  ]);
  assert.equal(lines[0].header.title, "t");
});
