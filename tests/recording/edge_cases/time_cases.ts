// Times, delays and sizes that can't be.
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
import type { SessionFacts } from "../../../lib/model/session.ts";
import { teleportSchema } from "../../../lib/recording/teleport_schema.ts";
import { readAll } from "../read_all.ts";
import { SAMPLE_SID, sampleSession, sampleTime } from "../sample.ts";
import { edgeCase } from "./edge_case.ts";

async function factsOf(events: readonly EventObject[]): Promise<SessionFacts> {
  const { outcome } = await readAll(writeRecording(sequenced(events)));
  assert.equal(outcome.state, "parsed");
  return outcome.facts;
}

async function timesOf(events: readonly EventObject[]) {
  const { events: read, outcome } = await readAll(writeRecording(sequenced(events)));
  return { at: read.map((event) => event.atMs), steps: outcome.clockSteps };
}

const printAt = (ms: number): EventObject => ({
  event: "print",
  time: sampleTime(ms),
  data: `${ms}`,
});

edgeCase(41, "without session.end a session ends with its last event", async () => {
  const facts = await factsOf(sampleSession().slice(0, 6));
  assert.equal(facts.session_id, SAMPLE_SID);
  assert.equal(facts.ended_at, sampleTime(900));
  assert.equal(facts.duration_seconds, 0.9);
});

edgeCase(43, "a recording of session.leave alone: the file's name says whose it is", async () => {
  const bytes = writeRecording([{ event: "session.leave", ei: 123, sid: "another" }]);
  const { outcome } = await readAll(bytes, { uri: `/x/${SAMPLE_SID}.tar` });
  assert.deepEqual(outcome.events, { leave: 1 });
  assert.deepEqual(outcome.facts, { session_id: SAMPLE_SID });
});

edgeCase(44, "session.end of the year 1: the duration comes from the events' times", async () => {
  const zero = await factsOf([
    { event: "session.start", time: sampleTime(0), sid: "s" },
    { event: "session.end", time: sampleTime(5000), sid: "s" },
  ]);
  assert.equal(zero.duration_seconds, 5);
  assert.equal(zero.started_at, sampleTime(0));
});

edgeCase(45, "an end before the start", async () => {
  const facts = await factsOf([
    printAt(3000),
    {
      event: "session.end",
      time: sampleTime(5000),
      sid: "s",
      session_start: sampleTime(4000),
      session_stop: sampleTime(1000),
    },
  ]);
  assert.ok(facts.duration_seconds! >= 0);
});

edgeCase(45, "events that overtake each other, and a clock that is set back", async () => {
  const overtaken = [0, 500, 400, 900].map(printAt);
  assert.deepEqual(await timesOf(overtaken), { at: [0, 500, 500, 900], steps: 1 });
  const clockSet = [60_000, 61_000, 1000, 2000].map(printAt);
  assert.deepEqual(await timesOf(clockSet), { at: [0, 1000, 1000, 2000], steps: 1 });
});

edgeCase(
  52,
  "a delay counts from the first print, whose own gap comes from the times",
  async () => {
    const timeless = [
      { event: "session.start", time: sampleTime(0) },
      { event: "print", time: sampleTime(300), data: "a", ms: 0 },
      { event: "print", data: "b", ms: 250 },
    ];
    assert.deepEqual(await timesOf(timeless), { at: [0, 300, 550], steps: 0 });
  },
);

edgeCase(53, "sizes that are none keep the last good one", async () => {
  const sizes = ["", "0:0", "x", "-1:-1", "90:30", "90:"];
  const { events } = await readAll(writeRecording(sequenced([
    { event: "session.start", time: sampleTime(0), size: "70:20" },
    ...sizes.map((size, i) => ({ event: "resize", time: sampleTime(i), size })),
  ])));
  const was = { cols: 70, rows: 20 };
  const is = { cols: 90, rows: 30 };
  assert.deepEqual(
    events.map((event) => "size" in event ? event.size : null),
    [was, was, was, was, was, is, is],
  );
});

edgeCase(46, "a session whose start has no size has none until a resize", async () => {
  const { events } = await readAll(writeRecording(sequenced([
    { event: "session.start", time: sampleTime(0), size: "0:0" },
    { event: "resize", time: sampleTime(1), size: "" },
    { event: "resize", time: sampleTime(2), size: "90:30" },
  ])));
  assert.deepEqual(events.map((event) => [event.type, "size" in event ? event.size : null]), [
    ["start", null],
    ["other", null],
    ["resize", { cols: 90, rows: 30 }],
  ]);
});

edgeCase(54, "a terminal of 65535 by 65535", async () => {
  const { events, outcome } = await readAll(writeRecording(sequenced([
    { event: "session.start", time: sampleTime(0), size: "65535:65535" },
    { event: "resize", time: sampleTime(0), size: "99999:99999" },
    { event: "resize", time: sampleTime(0), size: "123456:9" },
  ])));
  assert.equal(outcome.state, "parsed");
  const sizes = events.map((event) => "size" in event ? event.size?.cols : null);
  assert.deepEqual(sizes, [65535, 99999, 99999]);
});

edgeCase(69, "times before 1970, of no second and of no year keep the last one", async () => {
  const type = teleportSchema().byName.get("SessionPrint")!.type!;
  const times: (object | null)[] = [
    { seconds: 1715938200, nanos: 0 },
    { seconds: -62135596800, nanos: 0 },
    { seconds: 1715938201, nanos: 1_000_000_000 },
    { seconds: 1715938201, nanos: -1 },
    { seconds: "9223372036854775807", nanos: 0 },
    { seconds: 253402300800, nanos: 0 },
    null,
    { seconds: 1715938202, nanos: 500_000_000 },
  ];
  const bytes = writePart(times.map((Time, Index) => {
    const fields = { Metadata: { Index, Time }, Data: new TextEncoder().encode("x") };
    return encodeRecord(unionBytes(7, type.encode(type.fromObject(fields)).finish()));
  }));
  const { events, outcome } = await readAll(bytes);
  assert.deepEqual(events.map((event) => event.atMs), [0, 0, 0, 0, 0, 0, 0, 2500]);
  assert.equal(outcome.state, "parsed");
  assert.equal(outcome.facts.ended_at, "2024-05-17T09:30:02.500Z");
  // and without any time at all
  const none = await readAll(writePart([encodeRecord(encodeEvent({ event: "print", data: "x" }))]));
  assert.deepEqual([none.outcome.originMs, none.events[0]?.atMs], [null, 0]);
});

edgeCase(69, "clocks and delays that would lead beyond the last year", async () => {
  const leaps = Array.from({ length: 80 }, (_, ei) => ({
    event: "print",
    ei,
    time: ei % 2 === 0 ? "1970-01-02T00:00:00Z" : "9998-01-01T00:00:00Z",
    data: "x",
  }));
  const { outcome } = await readAll(writeRecording(leaps));
  assert.equal(outcome.state, "parsed");
  assert.equal(outcome.facts.ended_at, "9999-12-31T00:00:00.000Z");
  const delays = [0, 1000, 2n ** 62n, 2000].map((ms, ei) => ({
    ...{ event: "print", ei, ms, data: "x" },
    ...(ei === 0 && { time: sampleTime(0) }),
  }));
  const delayed = await readAll(writeRecording(delays));
  assert.deepEqual(delayed.events.map((event) => event.atMs), [0, 1000, 1000, 2000]);
  const timeless = [2n ** 61n, 0n, 700n, -(2n ** 61n)].map((ms, ei) => (
    { event: "print", ei, ms, data: "x" }
  ));
  for (const first of [0, 1]) {
    const none = await readAll(writeRecording(timeless.slice(first)));
    assert.deepEqual(none.events.map((event) => event.atMs), first ? [0, 700, 700] : [0, 0, 0, 0]);
    assert.equal(none.outcome.originMs, null);
  }
  const later = { event: "session.leave", ei: 9, time: sampleTime(5000), sid: "s" };
  const mixed = await readAll(writeRecording([...timeless.slice(1), later]));
  assert.deepEqual(mixed.events.map((event) => event.atMs), [0, 700, 700, 700]);
  assert.equal(mixed.outcome.facts.ended_at, sampleTime(5000));
});
