import assert from "node:assert/strict";
import fc from "../property.ts";
import {
  type EventObject,
  sequenced,
  writeRecording,
} from "../../fixtures/generate/protostream_writer.ts";
import type { RecordingEvent } from "../../lib/model/event.ts";
import { exportCast } from "../../lib/recording/export_cast.ts";
import { Utf8Repair } from "../../lib/recording/utf8_repair.ts";
import { readAll } from "./read_all.ts";
import { sampleSession, sampleTime } from "./sample.ts";

async function castOf(bytes: Uint8Array, version?: 2 | 3): Promise<string> {
  let text = "";
  const options = version === undefined ? {} : { version };
  for await (const piece of exportCast({ uri: "x.tar", bytes }, options)) text += piece;
  return text;
}

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("exportCast() writes v3 by default: header, intervals, sizes, joins", async () => {
  const lines = (await castOf(writeRecording(sampleSession()))).trimEnd().split("\n");
  assert.deepEqual(lines.map((line) => JSON.parse(line)), [
    {
      version: 3,
      term: { cols: 80, rows: 24 },
      timestamp: 1715938200,
      title: "root@web-1",
    },
    [0.1, "o", "a1"],
    [0.25, "o", "b2"],
    [0.05, "r", "120x40"],
    [0.1, "o", "c3"],
    [0.4, "o", "d4"],
    [0.05, "m", "session.leave"],
  ]);
});

Deno.test("exportCast() writes v2 on request: times since the start", async () => {
  const lines = (await castOf(writeRecording(sampleSession()), 2)).trimEnd().split("\n");
  assert.deepEqual(lines.slice(0, 3).map((line) => JSON.parse(line)), [
    { version: 2, width: 80, height: 24, timestamp: 1715938200, title: "root@web-1" },
    [0.1, "o", "a1"],
    [0.35, "o", "b2"],
  ]);
});

Deno.test("exportCast() takes 80x25 where no size is known, and the first size that is", async () => {
  const print = { event: "print", time: sampleTime(0), data: "x" };
  const [header] = (await castOf(writeRecording(sequenced([print])))).split("\n");
  assert.deepEqual(JSON.parse(header!).term, { cols: 80, rows: 25 });
  const sized = [{ event: "resize", time: sampleTime(0), size: "90:30" }, print];
  const [other] = (await castOf(writeRecording(sequenced(sized)))).split("\n");
  assert.deepEqual(JSON.parse(other!).term, { cols: 90, rows: 30 });
});

Deno.test("exportCast() tells the status of a command, and what it could not take", async () => {
  const events = [
    {
      event: "session.start",
      time: sampleTime(0),
      size: "80:24",
      initial_command: ["uptime", "-p"],
    },
    { event: "print", time: sampleTime(10), data: "up\n" },
    { event: "exec", time: sampleTime(20), command: "uptime -p", exitCode: "3" },
    { event: "session.command", time: sampleTime(20), program: "uptime" },
  ];
  const made = exportCast({ uri: "x.tar", bytes: writeRecording(sequenced(events)) });
  let text = "";
  for await (const piece of made) text += piece;
  const lines = text.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.equal(lines[0].command, "uptime -p");
  assert.deepEqual(lines.at(-1), [0, "x", "3"]);
  assert.deepEqual(made.remarks, ["2 events have no place in an asciicast"]);
});

Deno.test("exportCast() puts split characters together and marks what is no UTF-8", async () => {
  const [first, second] = [encode("é").subarray(0, 1), encode("é").subarray(1)];
  const prints = [first, second, Uint8Array.of(0xff), encode("🙂").subarray(0, 3)];
  const events = prints.map((data, i) => ({ event: "print", time: sampleTime(i), data }));
  const lines = (await castOf(writeRecording(sequenced(events)))).trimEnd().split("\n");
  assert.deepEqual(lines.slice(1).map((line) => JSON.parse(line)[2]), [
    "",
    "é",
    "\ufffd",
    "",
    "\ufffd",
  ]);
});

Deno.test("exportCast() holds no raw control character, and no event is lost to one", async () => {
  const hostile = '\u001b[2J\u009b\u202e\u2028\u0000\r\n"';
  const cast = await castOf(
    writeRecording(sequenced([{ event: "print", time: sampleTime(0), data: hostile }])),
  );
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(cast, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u2028]/);
  assert.equal(JSON.parse(cast.split("\n")[1]!)[2], hostile);
});

Deno.test("exportCast() of an asciicast keeps header, input, markers and status", async () => {
  const v3 = [
    {
      version: 3,
      term: { cols: 90, rows: 30, type: "xterm", theme: { fg: "#fff" } },
      timestamp: 1700000000,
      ...{
        idle_time_limit: 2,
        command: "sh",
        title: "t",
        env: { SHELL: "sh", bad: 1 },
        tags: ["a"],
      },
    },
    [0.5, "o", "$ "],
    [0.25, "i", "x"],
    [0, "m", "here"],
    [1, "r", "100x40"],
    [0.125, "x", "2"],
  ];
  const bytes = encode(v3.map((line) => JSON.stringify(line)).join("\n"));
  const lines = (text: string) => text.trimEnd().split("\n").map((line) => JSON.parse(line));
  const header = { ...v3[0], env: { SHELL: "sh" } };
  assert.deepEqual(lines(await castOf(bytes)), [header, ...v3.slice(1)]);
  const v2 = lines(await castOf(bytes, 2));
  assert.deepEqual(v2, [
    {
      version: 2,
      ...{ width: 90, height: 30, timestamp: 1700000000, idle_time_limit: 2, title: "t" },
      ...{ command: "sh", env: { SHELL: "sh" }, tags: ["a"], theme: { fg: "#fff" } },
    },
    [0.5, "o", "$ "],
    [0.75, "i", "x"],
    [0.75, "m", "here"],
    [1.75, "r", "100x40"],
  ]);
  assert.equal(
    (await readAll(encode(v2.map((line) => JSON.stringify(line)).join("\n")))).outcome.state,
    "parsed",
  );
});

const print = fc.record({
  event: fc.constant("print"),
  data: fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.string({ unit: "grapheme", maxLength: 8 }).map(encode),
  ),
});
const resize = fc.record({
  event: fc.constant("resize"),
  size: fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 99 }))
    .map(([cols, rows]) => `${cols}:${rows}`),
});

// What a recording says of its terminal once its bytes are repaired.
function terminal(
  events: readonly RecordingEvent[],
): { kind: string; atMs: number; text: string }[] {
  const repair = new Utf8Repair();
  const seen = [];
  for (const event of events) {
    if (event.type === "print") {
      seen.push({ kind: "o", atMs: event.atMs, text: repair.take(event.data) });
    } else if (event.type === "resize") {
      seen.push({ kind: "r", atMs: event.atMs, text: `${event.size.cols}x${event.size.rows}` });
    }
  }
  const rest = repair.end();
  if (rest !== "") seen.push({ kind: "o", atMs: seen.at(-1)!.atMs, text: rest });
  return seen;
}

Deno.test("exportCast() read again gives the same prints and sizes, times within 1 ms", async () => {
  const event: fc.Arbitrary<EventObject> = fc.oneof({ arbitrary: print, weight: 4 }, resize);
  // times finer than a millisecond, so that rounding could add up
  const gapNanos = fc.integer({ min: 0, max: 3_000_000 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(event, gapNanos), { maxLength: 60 }),
      fc.constantFrom<2 | 3>(2, 3),
      async (made, version) => {
        let nanos = 0;
        const events = made.map(([event, gap]) => {
          nanos += gap;
          const time = sampleTime(Math.floor(nanos / 1e6)).slice(0, -1) +
            `${String(nanos % 1_000_000).padStart(6, "0")}Z`;
          return { ...event, time };
        });
        const bytes = writeRecording(sequenced(events));
        const before = await readAll(bytes);
        const after = await readAll(encode(await castOf(bytes, version)));
        assert.equal(after.outcome.state, "parsed");
        const [from, to] = [terminal(before.events), terminal(after.events)];
        assert.deepEqual(
          to.map(({ kind, text }) => [kind, text]),
          from.map(({ kind, text }) => [kind, text]),
        );
        from.forEach(({ atMs }, i) => assert.ok(Math.abs(to[i]!.atMs - atMs) <= 1));
      },
    ),
    { numRuns: 150 },
  );
});

Deno.test("exportCast() does not drift over many intervals that round down", async () => {
  const events = Array.from({ length: 5000 }, (_, i) => {
    const micros = i * 333;
    const time = sampleTime(Math.floor(micros / 1000)).slice(0, -1) +
      `${String(micros % 1000).padStart(3, "0")}Z`;
    return { event: "print", time, data: "x" };
  });
  const { events: read } = await readAll(encode(await castOf(writeRecording(sequenced(events)))));
  assert.ok(Math.abs(read.at(-1)!.atMs - 4999 * 0.333) <= 1);
});
