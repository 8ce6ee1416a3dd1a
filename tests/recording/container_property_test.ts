import assert from "node:assert/strict";
import fc from "../property.ts";
import {
  concat,
  encodeEvent,
  encodeRecord,
  writePart,
} from "../../fixtures/generate/protostream_writer.ts";
import { printed, readAll } from "./read_all.ts";
import { sampleSession, sampleTime } from "./sample.ts";

const RUNS = { numRuns: 60 };

Deno.test("readRecording() gives back what any division into parts and chunks holds", async () => {
  const pieces = fc.array(fc.string({ maxLength: 300 }), { maxLength: 60 });
  const parts = fc.array(
    fc.record({ size: fc.integer({ min: 0, max: 20 }), v2: fc.boolean(), pad: fc.nat(600) }),
    { maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(
      pieces,
      parts,
      fc.integer({ min: 1, max: 900 }),
      async (texts, plan, chunk) => {
        const records = texts.map((data, ei) =>
          encodeRecord(encodeEvent({ event: "print", ei, time: sampleTime(ei * 10), data }))
        );
        let from = 0;
        const written = plan.map(({ size, v2, pad }) => {
          const slice = records.slice(from, from += size);
          return writePart(slice, { version: v2 ? 2 : 1, paddingBytes: pad });
        });
        const bytes = concat([...written, writePart(records.slice(from))]);
        const { events, outcome } = await readAll(bytes, { chunk });
        assert.equal(outcome.state, "parsed");
        assert.equal(outcome.parts, plan.length + 1);
        assert.equal(events.length, texts.length);
        assert.equal(
          printed(events),
          new TextDecoder().decode(new TextEncoder().encode(texts.join(""))),
        );
      },
    ),
    RUNS,
  );
});

Deno.test("readRecording() takes every prefix of a recording", async () => {
  const records = sampleSession().map((event) => encodeRecord(encodeEvent(event)));
  const first = writePart(records.slice(0, 3), { padTo: 600 });
  const whole = concat([first, writePart(records.slice(3), { version: 2 })]);
  let events = 0;
  for (let length = 0; length <= whole.length; length++) {
    const { outcome, events: read } = await readAll(whole.subarray(0, length));
    const sound = length === whole.length || length === first.length;
    assert.equal(outcome.state, sound ? "parsed" : "truncated", `at ${length}`);
    assert.ok(read.length >= events, "a longer prefix holds no less");
    events = read.length;
  }
  assert.equal(events, 8);
});

Deno.test("readRecording() takes any change of a byte without an exception", async () => {
  const records = sampleSession().map((event) => encodeRecord(encodeEvent(event)));
  const whole = concat([
    writePart(records.slice(0, 3), { padTo: 500 }),
    writePart(records.slice(3)),
  ]);
  for (let at = 0; at < whole.length; at++) {
    const changed = whole.slice();
    changed[at]! ^= 1 << (at % 8);
    const { outcome, events } = await readAll(changed, { limits: { maxPartBytes: 1 << 20 } });
    assert.notEqual(outcome.state, "pending");
    assert.ok(events.length <= 20);
  }
});

Deno.test("readRecording() hands out what lies before damage in the compressed data", async () => {
  const records = Array.from(
    { length: 400 },
    (_, ei) =>
      encodeRecord(
        encodeEvent({ event: "print", ei, time: sampleTime(ei), data: `${ei * 7919} ` }),
      ),
  );
  const whole = writePart(records);
  const failed: number[] = [];
  for (let at = 100; at < whole.length - 8; at += 97) {
    const changed = whole.slice();
    changed.fill(0xff, at, at + 12);
    const { outcome, events } = await readAll(changed);
    if (outcome.error?.includes("damaged")) failed.push(events.length / 400 - at / whole.length);
    else assert.notEqual(outcome.state, "parsed");
  }
  assert.ok(failed.length > 5);
  const lost = failed.reduce((sum, share) => sum + share, 0) / failed.length;
  assert.ok(Math.abs(lost) < 0.15, `events handed out follow the place of the damage: ${lost}`);
});
