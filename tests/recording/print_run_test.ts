import assert from "node:assert/strict";
import fc from "../property.ts";
import {
  concat,
  encodeEvent,
  encodeRecord,
  type EventObject,
  writePart,
} from "../../fixtures/generate/protostream_writer.ts";
import { readTapped } from "../../lib/recording/read.ts";
import { readAll } from "./read_all.ts";
import { sampleTime } from "./sample.ts";

// With a tap records are decoded one by one, without one in runs: nothing may differ.

async function oneByOne(bytes: Uint8Array) {
  const reader = readTapped({ uri: "recording", bytes }, { tap: { record() {} } });
  const events = [];
  for await (const batch of reader) events.push(...batch);
  return { events, outcome: reader.outcome };
}

function print(ei: number, ms: number, data: string): EventObject {
  const [time, delay] = [sampleTime(ms), { ms, offset: ei * 3, ci: ei }];
  return { event: "print", ei, time, data, bytes: data.length, ...delay };
}

/** How a print differs from what Teleport writes next. */
const glitch = fc.oneof(
  { arbitrary: fc.constant("none" as const), weight: 12 },
  fc.constantFrom(
    ...["again", "same index", "late", "clock set", "no time", "resize", "other"] as const,
  ),
);
const step = fc.record({
  glitch,
  data: fc.string({ maxLength: 300 }),
  gapMs: fc.oneof(fc.nat(40), fc.nat(9000)),
  index: fc.constantFrom(1, 1, 1, 2, 200, 20_000),
  flip: fc.oneof(
    { arbitrary: fc.constant(null), weight: 12 },
    fc.tuple(fc.nat(80), fc.integer({ min: 1, max: 255 })),
  ),
});

const recording = fc.array(step, { maxLength: 60, size: "max" }).map((steps) => {
  const records: Uint8Array[] = [];
  let ei = 0;
  let ms = 0;
  for (const { glitch, data, gapMs, index, flip } of steps) {
    if (glitch !== "same index") ei += index;
    ms += glitch === "late" ? -400 : glitch === "clock set" ? -60_000 : gapMs;
    const usual = print(ei, ms, data);
    const { time: _, ...timeless } = usual;
    const time = sampleTime(ms);
    const event: EventObject = glitch === "no time"
      ? timeless
      : glitch === "resize"
      ? { event: "resize", ei, time, size: "100:30" }
      : glitch === "other"
      ? { event: "session.leave", ei, time }
      : usual;
    const again = glitch === "again" ? records.at(-1) : undefined;
    const record = again ?? encodeRecord(encodeEvent(event));
    // one byte of the message changed, its length left
    const changed = record.slice();
    if (flip && again === undefined) {
      const at = 4 + flip[0] % (record.length - 4);
      changed[at] = changed[at]! ^ flip[1];
    }
    records.push(changed);
  }
  return writePart(records);
});

Deno.test("PrintRun takes what the decoder takes one by one, whatever lies between", async () => {
  let events = 0;
  await fc.assert(
    fc.asyncProperty(
      recording,
      fc.option(fc.integer({ min: 1, max: 400 })),
      async (bytes, chunk) => {
        const expected = await oneByOne(bytes);
        events += expected.events.length;
        assert.deepEqual(await readAll(bytes, chunk === null ? {} : { chunk }), expected);
      },
    ),
    { numRuns: 400 },
  );
  assert.ok(events > 3000, `${events} events were compared`);
});

Deno.test("PrintRun takes more prints than a batch and a chunk hold", async () => {
  const records = Array.from(
    { length: 9000 },
    (_, i) => encodeRecord(encodeEvent(print(i + 1, i * 7, `${i}`.repeat(1 + i % 40)))),
  );
  const bytes = writePart(records);
  const { events, outcome } = await readAll(bytes);
  assert.equal(events.length, 9000);
  assert.equal(events.at(-1)!.atMs, 8999 * 7);
  assert.deepEqual({ events, outcome }, await oneByOne(bytes));
});

Deno.test("PrintRun declines a number of more than ten bytes", async () => {
  const plain = encodeEvent({ event: "print", ei: 2, time: sampleTime(5), data: "x".repeat(20) });
  const length = plain[1]!;
  const endless = concat([
    plain,
    Uint8Array.of(0x30),
    new Uint8Array(10).fill(0x80),
    Uint8Array.of(0),
  ]);
  endless[1] = length + 12;
  const bytes = writePart([encodeRecord(encodeEvent(print(1, 0, "first"))), encodeRecord(endless)]);
  assert.deepEqual(await readAll(bytes), await oneByOne(bytes));
});

Deno.test("PrintRun declines nanoseconds of more than 30 bits, as the walker does", async () => {
  const [first, plain] = [print(1, 0, "first"), print(2, 500, "x".repeat(20))].map((event) =>
    encodeEvent(event)
  );
  const nanos = plain!.indexOf(0x10, plain!.indexOf(0x2a) + 8);
  assert.ok(plain![nanos + 5]! <= 3, "500 ms take five bytes");
  const wide = plain!.slice();
  wide[nanos + 5] = wide[nanos + 5]! | 0x10;
  const bytes = writePart([first!, wide, wide].map((event) => encodeRecord(event)));
  const expected = await oneByOne(bytes);
  assert.equal(expected.outcome.skipped.duplicate, 1);
  assert.deepEqual(await readAll(bytes), expected);
});
